import PluginKit

/// Where a handle's calls go: the plugin that serves now, whichever that is.
struct CallWay: Sendable {
    /// - Throws: `.unavailable` with a sentence when nothing serves.
    let lease: @Sendable () throws(PluginError) -> Lease

    func call(_ call: PluginCall) async throws(PluginError) -> PluginReply {
        let lease = try lease()
        defer { withExtendedLifetime(lease) {} }
        return try await lease.generation.call(call)
    }

    /// Always the same instance.
    init(_ lease: Lease) {
        self.lease = { lease }
    }

    init(_ lease: @escaping @Sendable () throws(PluginError) -> Lease) {
        self.lease = lease
    }

    /// An instance that belongs to no drop-in.
    init(_ runtime: any PluginRuntime) {
        let facts = LibraryFacts(id: runtime.name, version: "", capabilities: [], copy: "", isolation: .inproc)
        self.init(
            Lease(
                Generation(
                    runtime, identity: Identity(digest: "", words: [:]), facts: facts,
                    deadline: DropIn.defaultDeadline)))
    }
}
