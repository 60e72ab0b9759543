package import CPluginABI

private let hasNotBefore: UInt32 = 1 << 0
private let sentRepetition: UInt32 = 1 << 0
private let hasBefore: UInt32 = 1 << 0

extension OutgoingRequest: ABIValue {
    package func cForm(in arena: inout Arena) -> conductor_send_request {
        conductor_send_request(
            struct_size: UInt32(sizeOf: conductor_send_request.self), flags: notBefore == nil ? 0 : hasNotBefore,
            phone: arena.slice(phone), text: arena.slice(text), sim: arena.slice(sim),
            idempotency_key: arena.slice(idempotencyKey), not_before_ms: notBefore?.milliseconds ?? 0,
            purpose: purpose.rawValue, reserved: 0)
    }

    package init(_ form: conductor_send_request) throws(PluginError) {
        guard let purpose = Purpose(rawValue: form.purpose) else {
            throw PluginError(.unsupported, "purpose \(form.purpose) is not known to this version")
        }
        self.init(
            phone: String(form.phone), text: String(form.text), sim: String(present: form.sim),
            notBefore: form.flags.has(hasNotBefore) ? Timestamp(milliseconds: form.not_before_ms) : nil,
            idempotencyKey: String(present: form.idempotency_key), purpose: purpose)
    }
}

extension SendReceipt: ABIValue {
    package func cForm(in arena: inout Arena) -> conductor_send_reply {
        conductor_send_reply(
            struct_size: UInt32(sizeOf: conductor_send_reply.self), flags: isRepetition ? sentRepetition : 0,
            uid: arena.slice(uid))
    }

    package init(_ form: conductor_send_reply) throws(PluginError) {
        self.init(uid: String(form.uid), isRepetition: form.flags.has(sentRepetition))
    }
}

extension ConversationQuery: ABIValue {
    package func cForm(in arena: inout Arena) -> conductor_conversation_query {
        conductor_conversation_query(
            struct_size: UInt32(sizeOf: conductor_conversation_query.self), flags: before == nil ? 0 : hasBefore,
            phone: arena.slice(phone), before: before ?? 0, limit: limit, reserved: 0)
    }

    package init(_ form: conductor_conversation_query) throws(PluginError) {
        self.init(
            phone: String(form.phone), limit: form.limit, before: form.flags.has(hasBefore) ? form.before : nil)
    }
}

extension ConversationPage: ABIValue {
    package func cForm(in arena: inout Arena) -> conductor_conversation_page {
        conductor_conversation_page(
            struct_size: UInt32(sizeOf: conductor_conversation_page.self), flags: before == nil ? 0 : hasBefore,
            messages: arena.array(messages), before: before ?? 0)
    }

    package init(_ form: conductor_conversation_page) throws(PluginError) {
        self.init(
            messages: try [Message](form.messages), before: form.flags.has(hasBefore) ? form.before : nil)
    }
}
