import CPluginABI

/// A plugin's own small values, kept by the host: they outlive restarts and new versions, and are apart for each drop-in.
/// A key has at most 256 bytes, a value 65,536, all of them 1 MiB.
public struct KeyValueStore: Sendable {
    let host: Host

    /// The value of a key; nil when there is none, or it has expired.
    public func bytes(for key: String) async throws(PluginError) -> [UInt8]? {
        switch host.backing {
        case .functions(let functions):
            return try await ServiceFunctions.ask(functions.services.value, key, otherwise: host.notGranted("kv"))
        case .table(let table):
            guard let function = table.keyValue?.get else { throw host.notGranted("kv") }
            return try await table.ask(as: KeyValueReply.self) { raw, call, token in
                var arena = Arena()
                function(raw, call, arena.slice(key), HostCompletions.value, token)
                arena.end()
            }.value
        }
    }

    /// As `bytes(for:)`, for text.
    public func text(for key: String) async throws(PluginError) -> String? {
        try await bytes(for: key).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Sets a value, whatever was there; it is durable on return.
    ///
    /// - Throws: `.invalid` when key or value is too long, `.conflict` when the room is used up.
    public func set(_ value: [UInt8], for key: String, expiresAt: Timestamp? = nil) async throws(PluginError) {
        let entry = KeyValueEntry(key: key, value: value, expiresAt: expiresAt)
        switch host.backing {
        case .functions(let functions):
            try await ServiceFunctions.ask(functions.services.setValue, entry, otherwise: host.notGranted("kv"))
        case .table(let table):
            guard let function = table.keyValue?.set else { throw host.notGranted("kv") }
            try await table.ask(as: Void.self) { raw, call, token in
                var arena = Arena(capacity: 512 + value.count)
                var form = entry.cForm(in: &arena)
                function(raw, call, &form, HostCompletions.none, token)
                arena.end()
            }
        }
    }

    /// As `set` for bytes.
    public func set(_ text: String, for key: String, expiresAt: Timestamp? = nil) async throws(PluginError) {
        try await set(Array(text.utf8), for: key, expiresAt: expiresAt)
    }

    /// Forgets a key; one that is not there is no error.
    public func remove(_ key: String) async throws(PluginError) {
        switch host.backing {
        case .functions(let functions):
            try await ServiceFunctions.ask(functions.services.removeValue, key, otherwise: host.notGranted("kv"))
        case .table(let table):
            guard let function = table.keyValue?.remove else { throw host.notGranted("kv") }
            try await table.ask(as: Void.self) { raw, call, token in
                var arena = Arena()
                function(raw, call, arena.slice(key), HostCompletions.none, token)
                arena.end()
            }
        }
    }

    /// One page of keys in the order of their bytes; the last of a page is the next one's `after`.
    public func keys(
        prefix: String = "", after: String? = nil, limit: Int32 = 1000
    ) async throws(PluginError) -> [String] {
        let query = KeyValueQuery(prefix: prefix, after: after, limit: limit)
        switch host.backing {
        case .functions(let functions):
            return try await ServiceFunctions.ask(functions.services.keys, query, otherwise: host.notGranted("kv"))
        case .table(let table):
            guard let function = table.keyValue?.list else { throw host.notGranted("kv") }
            return try await table.ask(as: KeysReply.self) { raw, call, token in
                var arena = Arena()
                var form = query.cForm(in: &arena)
                function(raw, call, &form, HostCompletions.keys, token)
                arena.end()
            }.keys
        }
    }
}
