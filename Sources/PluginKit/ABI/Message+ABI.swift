package import CPluginABI

extension Message.Direction {
    package var number: UInt32 {
        switch self {
        case .inbound: UInt32(CONDUCTOR_DIRECTION_INBOUND)
        case .outbound: UInt32(CONDUCTOR_DIRECTION_OUTBOUND)
        }
    }

    package init(number: UInt32) throws(PluginError) {
        switch Int32(bitPattern: number) {
        case CONDUCTOR_DIRECTION_INBOUND: self = .inbound
        case CONDUCTOR_DIRECTION_OUTBOUND: self = .outbound
        default: throw unknownNumber("direction", number)
        }
    }
}

extension Message.Status {
    private static let numbers: [(Self, Int32)] = [
        (.unread, CONDUCTOR_STATUS_UNREAD), (.read, CONDUCTOR_STATUS_READ), (.queued, CONDUCTOR_STATUS_QUEUED),
        (.sent, CONDUCTOR_STATUS_SENT), (.failed, CONDUCTOR_STATUS_FAILED),
    ]

    package var number: UInt32 { UInt32(Self.numbers.first { $0.0 == self }?.1 ?? 0) }

    package init(number: UInt32) throws(PluginError) {
        guard let match = Self.numbers.first(where: { UInt32($0.1) == number }) else {
            throw unknownNumber("status", number)
        }
        self = match.0
    }
}

extension Message.DeliveryStatus {
    private static let numbers: [(Self, Int32)] = [
        (.sending, CONDUCTOR_DELIVERY_SENDING), (.accepted, CONDUCTOR_DELIVERY_ACCEPTED),
        (.delivered, CONDUCTOR_DELIVERY_DELIVERED), (.undelivered, CONDUCTOR_DELIVERY_UNDELIVERED),
        (.unknown, CONDUCTOR_DELIVERY_UNKNOWN), (.expired, CONDUCTOR_DELIVERY_EXPIRED),
        (.optedOut, CONDUCTOR_DELIVERY_OPTED_OUT), (.refused, CONDUCTOR_DELIVERY_REFUSED),
        (.held, CONDUCTOR_DELIVERY_HELD),
    ]

    package var number: UInt32 { UInt32(Self.numbers.first { $0.0 == self }?.1 ?? 0) }

    /// nil for 0.
    package static func from(number: UInt32) throws(PluginError) -> Self? {
        guard number != 0 else { return nil }
        guard let match = numbers.first(where: { UInt32($0.1) == number }) else {
            throw unknownNumber("delivery status", number)
        }
        return match.0
    }
}

extension Message: ABIValue {
    package func cForm(in arena: inout Arena) -> conductor_message {
        var form = conductor_message()
        form.struct_size = UInt32(sizeOf: conductor_message.self)
        if let storageID {
            form.storage_id = storageID
            form.flags |= MessageFlag.storageID
        }
        if let modemTimestamp {
            form.modem_timestamp_ms = modemTimestamp.milliseconds
            form.flags |= MessageFlag.modemTimestamp
        }
        if let modemUTCOffset {
            form.modem_utc_offset_minutes = modemUTCOffset
            form.flags |= MessageFlag.modemUTCOffset
        }
        if let modemIndex {
            form.modem_index = modemIndex
            form.flags |= MessageFlag.modemIndex
        }
        if let lastRetryAt {
            form.last_retry_at_ms = lastRetryAt.milliseconds
            form.flags |= MessageFlag.lastRetryAt
        }
        if let notBefore {
            form.not_before_ms = notBefore.milliseconds
            form.flags |= MessageFlag.notBefore
        }
        if incomplete { form.flags |= MessageFlag.incomplete }
        if possibleDuplicate { form.flags |= MessageFlag.possibleDuplicate }
        if asksToStop { form.flags |= MessageFlag.asksToStop }
        form.uid = arena.slice(uid)
        form.phone = arena.slice(phone)
        form.content = arena.slice(content)
        form.direction = direction.number
        form.status = status.number
        form.delivery_status = deliveryStatus?.number ?? 0
        form.parts = parts
        form.timestamp_ms = timestamp.milliseconds
        form.retry_count = retryCount
        form.error_code = arena.slice(errorCode)
        form.error_message = arena.slice(errorMessage)
        form.message_hash = arena.slice(messageHash)
        form.sim = arena.slice(sim)
        form.answers = arena.slice(answers)
        form.origin = arena.slice(origin)
        return form
    }

    package init(_ form: conductor_message) throws(PluginError) {
        let flags = form.flags
        func time(_ milliseconds: Int64, _ flag: UInt32) -> Timestamp? {
            flags.has(flag) ? Timestamp(milliseconds: milliseconds) : nil
        }
        self.init(
            uid: String(present: form.uid), storageID: flags.has(MessageFlag.storageID) ? form.storage_id : nil,
            direction: try Direction(number: form.direction), phone: String(form.phone), content: String(form.content),
            status: try Status(number: form.status),
            deliveryStatus: try DeliveryStatus.from(number: form.delivery_status),
            errorCode: String(present: form.error_code), errorMessage: String(present: form.error_message),
            timestamp: Timestamp(milliseconds: form.timestamp_ms),
            modemTimestamp: time(form.modem_timestamp_ms, MessageFlag.modemTimestamp),
            modemUTCOffset: flags.has(MessageFlag.modemUTCOffset) ? form.modem_utc_offset_minutes : nil,
            modemIndex: flags.has(MessageFlag.modemIndex) ? form.modem_index : nil,
            messageHash: String(present: form.message_hash), retryCount: form.retry_count,
            lastRetryAt: time(form.last_retry_at_ms, MessageFlag.lastRetryAt),
            notBefore: time(form.not_before_ms, MessageFlag.notBefore), sim: String(present: form.sim),
            parts: form.parts, incomplete: flags.has(MessageFlag.incomplete),
            possibleDuplicate: flags.has(MessageFlag.possibleDuplicate),
            asksToStop: flags.has(MessageFlag.asksToStop), answers: String(present: form.answers),
            origin: String(present: form.origin))
    }
}

/// The bits of conductor_message.flags (Swift does not import shifts of unsigned literals); golden.c guards them.
private enum MessageFlag {
    static let storageID: UInt32 = 1 << 0
    static let modemTimestamp: UInt32 = 1 << 1
    static let modemUTCOffset: UInt32 = 1 << 2
    static let modemIndex: UInt32 = 1 << 3
    static let lastRetryAt: UInt32 = 1 << 4
    static let notBefore: UInt32 = 1 << 5
    static let incomplete: UInt32 = 1 << 16
    static let possibleDuplicate: UInt32 = 1 << 17
    static let asksToStop: UInt32 = 1 << 18
}
