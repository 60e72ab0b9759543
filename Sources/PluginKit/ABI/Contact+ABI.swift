package import CPluginABI

/// The bits of conductor_contact.flags; golden.c guards them.
private enum ContactFlag {
    static let botPausedUntil: UInt32 = 1 << 0
    static let closed: UInt32 = 1 << 16
    static let optedOut: UInt32 = 1 << 17
}

/// The bits of conductor_contact_change.flags.
private enum ChangeFlag {
    static let name: UInt32 = 1 << 0
    static let notes: UInt32 = 1 << 1
    static let assignee: UInt32 = 1 << 2
    static let botPausedUntil: UInt32 = 1 << 3
    static let closed: UInt32 = 1 << 4
}

extension Contact: ABIValue {
    package func cForm(in arena: inout Arena) -> conductor_contact {
        conductor_contact(
            struct_size: UInt32(sizeOf: conductor_contact.self),
            flags: (botPausedUntil == nil ? 0 : ContactFlag.botPausedUntil) | (isClosed ? ContactFlag.closed : 0)
                | (isOptedOut ? ContactFlag.optedOut : 0),
            phone: arena.slice(phone), name: arena.slice(name), notes: arena.slice(notes),
            assignee: arena.slice(assignee), bot_paused_until_ms: botPausedUntil?.milliseconds ?? 0)
    }

    package init(_ form: conductor_contact) throws(PluginError) {
        self.init(
            phone: String(form.phone), name: String(present: form.name), notes: String(present: form.notes),
            botPausedUntil: form.flags.has(ContactFlag.botPausedUntil)
                ? Timestamp(milliseconds: form.bot_paused_until_ms) : nil,
            assignee: String(present: form.assignee), isClosed: form.flags.has(ContactFlag.closed),
            isOptedOut: form.flags.has(ContactFlag.optedOut))
    }
}

extension ContactChange.Edit {
    fileprivate var value: Value? {
        switch self {
        case .set(let value): value
        case .clear: nil
        }
    }

    fileprivate init(_ value: Value?) {
        self = value.map { .set($0) } ?? .clear
    }
}

extension ContactChange: ABIValue {
    package func cForm(in arena: inout Arena) -> conductor_contact_change {
        var form = conductor_contact_change()
        form.struct_size = UInt32(sizeOf: conductor_contact_change.self)
        form.phone = arena.slice(phone)
        func set<Value>(_ edit: Edit<Value>?, _ flag: UInt32) -> Value? {
            if edit != nil { form.flags |= flag }
            return edit?.value
        }
        form.name = arena.slice(set(name, ChangeFlag.name))
        form.notes = arena.slice(set(notes, ChangeFlag.notes))
        form.assignee = arena.slice(set(assignee, ChangeFlag.assignee))
        form.bot_paused_until_ms = set(botPausedUntil, ChangeFlag.botPausedUntil)?.milliseconds ?? 0
        if let isClosed {
            form.flags |= ChangeFlag.closed
            form.closed = isClosed ? 1 : 0
        }
        return form
    }

    package init(_ form: conductor_contact_change) throws(PluginError) {
        func text(_ slice: conductor_slice, _ flag: UInt32) -> Edit<String>? {
            form.flags.has(flag) ? Edit(String(present: slice)) : nil
        }
        let pause = form.bot_paused_until_ms
        self.init(
            phone: String(form.phone), name: text(form.name, ChangeFlag.name),
            notes: text(form.notes, ChangeFlag.notes),
            botPausedUntil: form.flags.has(ChangeFlag.botPausedUntil)
                ? Edit(pause == 0 ? nil : Timestamp(milliseconds: pause)) : nil,
            assignee: text(form.assignee, ChangeFlag.assignee),
            isClosed: form.flags.has(ChangeFlag.closed) ? form.closed != 0 : nil)
    }
}
