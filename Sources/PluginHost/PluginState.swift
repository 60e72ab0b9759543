/// One drop-in and the plugin behind it, as it stands now.
public struct PluginState: Sendable, Hashable {
    /// How far it got.
    public enum Phase: String, Sendable, Hashable {
        case running
        case disabled
        /// The drop-in or the library is wrong: nothing of it runs.
        case refused
        /// It was made, but start failed, or it does not end.
        case failed
        case stopped
        /// A library in plugins.d that no drop-in names.
        case unnamed
    }

    /// `10-sqlite.yaml`.
    public var dropIn: String
    /// As the drop-in names it.
    public var plugin: String
    public var version: String?
    /// `storage`, `responder`, `notifier`.
    public var capabilities: [String]
    public var state: Phase
    /// File, line and reason, for one that does not run; for one that runs, why the file as it is now does not.
    public var problem: String?
    public var calls: Int
    /// Calls that ended with an error, those past their deadline included.
    public var failures: Int
    public var deadlines: Int
    /// Completions that came twice, too late, or for no call at all.
    public var strayCompletions: Int
    /// How many instances of it began to serve since the gateway's start: each reload makes one.
    public var generations = 0
}

/// What a file is: `conductor plugins check`.
public struct PluginCheck: Sendable, Hashable {
    public var path: String
    /// Why this host would not load it; nil when it would.
    public var problem: String?
    public var id: String?
    public var name: String?
    public var version: String?
    /// Plugin ABI it was built for, as `1.0`.
    public var abi: String?
    /// The Swift toolchain it was built with; nil for a plugin without Swift.
    public var toolchain: String?
    /// Ids, as `conductor.storage/1`.
    public var capabilities: [String]

    /// What it offers of what this host uses: `storage`, `responder`, `notifier`.
    public var roles: [String] { capabilities.compactMap(LibraryFacts.shortName) }

    /// Whether this host would load it.
    public var isLoadable: Bool { problem == nil }
}
