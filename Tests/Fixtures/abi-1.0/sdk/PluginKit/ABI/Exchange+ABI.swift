package import CPluginABI

private enum OutcomeFlag {
    static let storageID: UInt32 = 1 << 0
    static let modemTimestamp: UInt32 = 1 << 1
    static let notBefore: UInt32 = 1 << 2
}

extension ExchangeRequest.Outcome: ABIValue {
    package func cForm(in arena: inout Arena) -> conductor_outcome {
        var form = conductor_outcome()
        form.struct_size = UInt32(sizeOf: conductor_outcome.self)
        if let storageID {
            form.storage_id = storageID
            form.flags |= OutcomeFlag.storageID
        }
        if let modemTimestamp {
            form.modem_timestamp_ms = modemTimestamp.milliseconds
            form.flags |= OutcomeFlag.modemTimestamp
        }
        if let notBefore {
            form.not_before_ms = notBefore.milliseconds
            form.flags |= OutcomeFlag.notBefore
        }
        form.uid = arena.slice(uid)
        form.status = status.number
        form.delivery_status = deliveryStatus?.number ?? 0
        form.error_code = arena.slice(errorCode)
        form.error_message = arena.slice(errorMessage)
        form.sim = arena.slice(sim)
        form.parts = parts
        return form
    }

    package init(_ form: conductor_outcome) throws(PluginError) {
        let flags = form.flags
        self.init(
            uid: String(present: form.uid), storageID: flags.has(OutcomeFlag.storageID) ? form.storage_id : nil,
            status: try Message.Status(number: form.status),
            deliveryStatus: try Message.DeliveryStatus.from(number: form.delivery_status),
            errorCode: String(present: form.error_code), errorMessage: String(present: form.error_message),
            modemTimestamp: flags.has(OutcomeFlag.modemTimestamp)
                ? Timestamp(milliseconds: form.modem_timestamp_ms) : nil,
            notBefore: flags.has(OutcomeFlag.notBefore) ? Timestamp(milliseconds: form.not_before_ms) : nil,
            sim: String(present: form.sim), parts: form.parts)
    }
}

extension ExchangeRequest.Start: ABIValue {
    package func cForm(in arena: inout Arena) -> conductor_start {
        conductor_start(
            struct_size: UInt32(sizeOf: conductor_start.self), flags: 0, storage_id: storageID, uid: arena.slice(uid))
    }

    package init(_ form: conductor_start) throws(PluginError) {
        self.init(storageID: form.storage_id, uid: String(form.uid))
    }
}

extension ExchangeRequest: ABIValue {
    package func cForm(in arena: inout Arena) -> conductor_exchange_request {
        conductor_exchange_request(
            struct_size: UInt32(sizeOf: conductor_exchange_request.self), want: want, gateway: arena.slice(gateway),
            finished: arena.array(finished), starting: arena.array(starting), lease_milliseconds: leaseMilliseconds,
            max_age_milliseconds: maxAgeMilliseconds)
    }

    package init(_ form: conductor_exchange_request) throws(PluginError) {
        self.init(
            gateway: String(form.gateway), finished: try [Outcome](form.finished), starting: try [Start](form.starting),
            want: form.want, leaseMilliseconds: form.lease_milliseconds, maxAgeMilliseconds: form.max_age_milliseconds)
    }
}

extension ExchangeReply: ABIValue {
    package func cForm(in arena: inout Arena) -> conductor_exchange_reply {
        conductor_exchange_reply(
            struct_size: UInt32(sizeOf: conductor_exchange_reply.self), flags: 0, started: arena.array(started),
            claimed: arena.array(claimed), next_due_milliseconds: nextDueMilliseconds)
    }

    package init(_ form: conductor_exchange_reply) throws(PluginError) {
        self.init(
            started: [Bool](form.started), claimed: try [Message](form.claimed),
            nextDueMilliseconds: form.next_due_milliseconds)
    }
}
