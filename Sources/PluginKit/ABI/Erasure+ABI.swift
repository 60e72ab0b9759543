package import CPluginABI

/// The bits of conductor_erasure_request.flags and of its reply's; golden.c guards where they stand.
private enum ErasureFlag {
    static let countOnly: UInt32 = 1 << 0
    static let scrub: UInt32 = 1 << 1
    static let more: UInt32 = 1 << 0
}

extension ErasureRequest: ABIValue {
    package func cForm(in arena: inout Arena) -> conductor_erasure_request {
        conductor_erasure_request(
            struct_size: UInt32(sizeOf: conductor_erasure_request.self),
            flags: (countsOnly ? ErasureFlag.countOnly : 0) | (scrubs ? ErasureFlag.scrub : 0),
            phone: arena.slice(phone), before_ms: before.milliseconds, limit: limit, reserved: 0)
    }

    package init(_ form: conductor_erasure_request) throws(PluginError) {
        self.init(
            phone: String(present: form.phone), before: Timestamp(milliseconds: form.before_ms), limit: form.limit,
            countsOnly: form.flags.has(ErasureFlag.countOnly), scrubs: form.flags.has(ErasureFlag.scrub))
    }
}

extension ErasureReply: ABIValue {
    package func cForm(in arena: inout Arena) -> conductor_erasure_reply {
        conductor_erasure_reply(
            struct_size: UInt32(sizeOf: conductor_erasure_reply.self), flags: hasMore ? ErasureFlag.more : 0,
            texts: texts, consent: consent, others: others)
    }

    package init(_ form: conductor_erasure_reply) throws(PluginError) {
        self.init(
            texts: form.texts, consent: form.consent, others: form.others,
            hasMore: form.flags.has(ErasureFlag.more))
    }
}

extension StoredContact: ABIValue {
    package func cForm(in arena: inout Arena) -> conductor_stored_contact {
        conductor_stored_contact(
            struct_size: UInt32(sizeOf: conductor_stored_contact.self), flags: 0, texts: texts,
            consent: arena.array(consent), other: arena.slice(other))
    }

    package init(_ form: conductor_stored_contact) throws(PluginError) {
        self.init(
            texts: form.texts, consent: try [ConsentEvent](form.consent), other: String(present: form.other))
    }
}
