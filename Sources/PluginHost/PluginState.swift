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
        /// Its worker crashed, and will be started again.
        case restarting
        /// It crashed too often and is left alone, until `plugins reload`.
        case quarantined
        /// A library in plugins.d that no drop-in names.
        case unnamed
    }

    /// Where a plugin runs.
    public enum Isolation: String, Sendable, Hashable {
        /// In the gateway's own process.
        case inproc
        /// In a process of its own, behind a fence.
        case process
    }

    /// How long calls took.
    public struct Latencies: Sendable, Hashable {
        /// What `within` counts up to, rising.
        public static let bounds: [Duration] =
            [.microseconds(5), .microseconds(50), .microseconds(500)]
            + [5, 25, 100, 500, 1_000, 5_000, 10_000, 60_000].map { Duration.milliseconds($0) }

        /// Calls that ended within each of `bounds`: each includes the ones before.
        public var within = [Int](repeating: 0, count: bounds.count)
        /// All of them.
        public var total = 0
        /// Their time together.
        public var sum = Duration.zero

        mutating func add(_ other: Latencies) {
            for index in within.indices { within[index] += other.within[index] }
            total += other.total
            sum += other.sum
        }
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
    /// nil for one that was never loaded.
    public var isolation: Isolation?
    /// How often its worker was started again.
    public var restarts = 0
    /// Its worker's; nil while there is none.
    public var processID: Int32?
    /// Its worker's share of memory (PSS); nil for one in the gateway's own process.
    public var memoryBytes: Int64?
    /// How its worker last ended, when it was not told to: one sentence.
    public var lastError: String?
    /// What its fence lacks on this machine.
    public var warnings: [String] = []
    /// Half of its calls ended within this, and 99 of 100 within the next; nil before the first call.
    public var medianLatency: Duration?
    public var highLatency: Duration?
    /// How long the calls of all its instances took.
    public var latencies = Latencies()
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
    /// It is of another Swift than this host, which then runs it in a worker only.
    public var isOtherToolchain = false

    /// The program that an `exec:` drop-in runs, with its arguments.
    public var program: String?

    /// What it offers of what this host uses: `storage`, `responder`, `notifier`.
    public var roles: [String] { capabilities.compactMap(LibraryFacts.shortName) }

    /// A file of which nothing but that is known.
    public init(path: String, problem: String?) {
        self.path = path
        self.problem = problem
        capabilities = []
    }

    /// Whether this host would load it.
    public var isLoadable: Bool { problem == nil }
}
