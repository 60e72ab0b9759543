package import CPluginABI

private let incompleteText: UInt32 = 1 << 0

extension InboundText: ABIValue {
    package func cForm(in arena: inout Arena) -> conductor_inbound_text {
        conductor_inbound_text(
            struct_size: UInt32(sizeOf: conductor_inbound_text.self), flags: incomplete ? incompleteText : 0,
            uid: arena.slice(uid), phone: arena.slice(phone), content: arena.slice(content), sim: arena.slice(sim),
            received_at_ms: receivedAt.milliseconds, parts: parts, reserved: 0)
    }

    package init(_ form: conductor_inbound_text) throws(PluginError) {
        self.init(
            uid: String(form.uid), phone: String(form.phone), content: String(form.content),
            receivedAt: Timestamp(milliseconds: form.received_at_ms), sim: String(form.sim), parts: form.parts,
            incomplete: form.flags.has(incompleteText))
    }
}

extension Decision: ABIValue {
    package func cForm(in arena: inout Arena) -> conductor_decision {
        conductor_decision(
            struct_size: UInt32(sizeOf: conductor_decision.self), kind: kind.rawValue, text: arena.slice(text),
            reason: arena.slice(reason), cost_micros: costMicros)
    }

    package init(_ form: conductor_decision) throws(PluginError) {
        guard let kind = Kind(rawValue: form.kind) else { throw unknownNumber("decision", form.kind) }
        self.init(
            kind: kind, text: String(form.text), reason: String(form.reason), costMicros: form.cost_micros)
    }
}

extension Event: ABIValue {
    package func cForm(in arena: inout Arena) -> conductor_event {
        conductor_event(
            struct_size: UInt32(sizeOf: conductor_event.self), flags: 0, id: arena.slice(id), kind: arena.slice(kind),
            json: arena.slice(json), at_ms: at.milliseconds)
    }

    package init(_ form: conductor_event) throws(PluginError) {
        self.init(
            id: String(form.id), kind: String(form.kind), at: Timestamp(milliseconds: form.at_ms),
            json: String(form.json))
    }
}
