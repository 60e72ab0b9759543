package import CPluginABI

private let hasExpiry: UInt32 = 1 << 0

extension KeyValueEntry: ABIValue {
    package func cForm(in arena: inout Arena) -> conductor_kv_entry {
        conductor_kv_entry(
            struct_size: UInt32(sizeOf: conductor_kv_entry.self), flags: expiresAt == nil ? 0 : hasExpiry,
            key: arena.slice(key), value: arena.slice(value), expires_at_ms: expiresAt?.milliseconds ?? 0)
    }

    package init(_ form: conductor_kv_entry) throws(PluginError) {
        self.init(
            key: String(form.key), value: [UInt8](form.value),
            expiresAt: form.flags.has(hasExpiry) ? Timestamp(milliseconds: form.expires_at_ms) : nil)
    }
}

extension KeyValueQuery: ABIValue {
    package func cForm(in arena: inout Arena) -> conductor_kv_query {
        conductor_kv_query(
            struct_size: UInt32(sizeOf: conductor_kv_query.self), limit: limit, prefix: arena.slice(prefix),
            after: arena.slice(after))
    }

    package init(_ form: conductor_kv_query) throws(PluginError) {
        self.init(prefix: String(form.prefix), after: String(present: form.after), limit: form.limit)
    }
}

/// The value of a key or none, as it crosses.
package struct KeyValueReply: ABIValue {
    package var value: [UInt8]?

    package init(value: [UInt8]?) { self.value = value }

    package func cForm(in arena: inout Arena) -> conductor_kv_value {
        conductor_kv_value(
            struct_size: UInt32(sizeOf: conductor_kv_value.self), flags: 0,
            value: value.map { arena.slice($0) } ?? conductor_slice())
    }

    package init(_ form: conductor_kv_value) throws(PluginError) {
        value = form.value.ptr == nil ? nil : [UInt8](form.value)
    }
}

/// Keys, as they cross.
package struct KeysReply: ABIValue {
    package var keys: [String]

    package init(keys: [String]) { self.keys = keys }

    package func cForm(in arena: inout Arena) -> conductor_kv_keys {
        conductor_kv_keys(struct_size: UInt32(sizeOf: conductor_kv_keys.self), flags: 0, keys: arena.array(keys))
    }

    package init(_ form: conductor_kv_keys) throws(PluginError) {
        keys = try [String](form.keys)
    }
}
