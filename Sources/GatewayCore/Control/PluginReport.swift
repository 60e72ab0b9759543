public import PluginKit

/// One drop-in and the plugin behind it: `conductor plugins list`.
public struct PluginReport: Sendable, Hashable, Codable {
    /// `10-sqlite.yaml`; the file's name of a library that no drop-in names.
    public var dropIn: String
    public var plugin: String
    public var version: String?
    /// `storage`, `responder`, `notifier`.
    public var capabilities: [String]
    /// `running`, `disabled`, `refused`, `failed`, `stopped`, `restarting`, `quarantined`, `unnamed`.
    public var state: String
    /// What is wrong with the file as it is now, with its place; one that runs serves on in spite of it.
    public var problem: String?
    public var calls: Int
    public var failures: Int
    public var deadlines: Int
    public var strayCompletions: Int
    /// Instances that began to serve since the gateway's start; nil from an older gateway, as all that follow.
    public var generations: Int?
    /// `inproc` or `process`.
    public var isolation: String?
    /// How often its worker was started again.
    public var restarts: Int?
    /// Of its worker.
    public var processID: Int32?
    /// Its worker's share of memory (PSS).
    public var memoryBytes: Int64?
    /// How its worker last ended, when it was not told to.
    public var lastError: String?
    /// What its fence lacks on this machine.
    public var warnings: [String]?
    /// Half of the calls took no longer, in microseconds.
    public var p50Microseconds: Int64?
    /// All but one in a hundred calls took no longer, in microseconds.
    public var p99Microseconds: Int64?

    public init(
        dropIn: String, plugin: String, version: String?, capabilities: [String], state: String, problem: String?,
        calls: Int, failures: Int, deadlines: Int, strayCompletions: Int, generations: Int? = nil,
        isolation: String? = nil, restarts: Int? = nil, processID: Int32? = nil, memoryBytes: Int64? = nil,
        lastError: String? = nil, warnings: [String]? = nil, p50Microseconds: Int64? = nil,
        p99Microseconds: Int64? = nil
    ) {
        self.dropIn = dropIn
        self.plugin = plugin
        self.version = version
        self.capabilities = capabilities
        self.state = state
        self.problem = problem
        self.calls = calls
        self.failures = failures
        self.deadlines = deadlines
        self.strayCompletions = strayCompletions
        self.generations = generations
        self.isolation = isolation
        self.restarts = restarts
        self.processID = processID
        self.memoryBytes = memoryBytes
        self.lastError = lastError
        self.warnings = warnings
        self.p50Microseconds = p50Microseconds
        self.p99Microseconds = p99Microseconds
    }
}

/// What a reload did.
public struct PluginReload: Sendable, Hashable, Codable {
    /// Sentences, as `50-hours.yaml: 1.1 serves instead of 1.0`; none when nothing changed.
    public var changes: [String]
    /// How all drop-ins stand after it.
    public var plugins: [PluginReport]

    public init(changes: [String], plugins: [PluginReport]) {
        self.changes = changes
        self.plugins = plugins
    }
}

/// A line that a plugin wrote to the log, or that says what became of the plugin.
public struct PluginLogLine: Sendable, Hashable, Codable {
    /// Rises from line to line.
    public var number: Int
    public var at: Timestamp
    /// `debug`, `info`, `notice`, `warning`, `error`.
    public var level: String
    public var message: String

    public init(number: Int, at: Timestamp, level: String, message: String) {
        self.number = number
        self.at = at
        self.level = level
        self.message = message
    }
}
