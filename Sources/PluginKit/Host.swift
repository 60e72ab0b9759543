package import CPluginABI
import Glibc

/// How much a line of the log matters.
public enum PluginLogLevel: Int32, Sendable, Hashable, Comparable {
    case debug = 0
    case info = 1
    case notice = 2
    case warning = 3
    case error = 4

    /// By weight.
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// The host, as a plugin sees it. Every member may be used from any thread, from `init` until `stop` has returned.
public struct Host: Sendable {
    private enum Backing: Sendable {
        case table(HostTable)
        case functions(HostFunctions)
    }

    /// The drop-in's name, as `10-sqlite`.
    public let instanceName: String
    /// Absolute; a relative path in the settings is meant from here.
    public let baseFolder: String
    private let backing: Backing

    /// The host at the other side of the ABI. `raw` stays valid until `destroy` has returned.
    package init(raw: UnsafePointer<conductor_host>) {
        let copy = loadVersioned(raw)
        instanceName = String(copy.instance_name)
        baseFolder = String(copy.base_folder)
        backing = .table(HostTable(raw: raw, getExtension: copy.get_extension))
    }

    /// A host for a plugin's own tests.
    public init(
        instanceName: String = "test", baseFolder: String = ".",
        log: @escaping @Sendable (PluginLogLevel, String) -> Void = { _, _ in },
        now: @escaping @Sendable () -> Timestamp = { HostFunctions.timeOfDay },
        storageChanged: @escaping @Sendable () -> Void = {}
    ) {
        self.instanceName = instanceName
        self.baseFolder = baseFolder
        backing = .functions(HostFunctions(log: log, now: now, storageChanged: storageChanged))
    }

    /// Writes one line to the host's log, marked with the drop-in's name. No texts and no numbers of people, please.
    public func log(_ level: PluginLogLevel, _ message: String) {
        switch backing {
        case .functions(let functions): functions.log(level, message)
        case .table(let table):
            guard let write = table.log?.write else { return }
            var arena = Arena()
            write(table.raw, level.rawValue, arena.slice(message))
            arena.end()
        }
    }

    /// The host's clock; tests of the whole gateway set it.
    public var now: Timestamp {
        switch backing {
        case .functions(let functions): functions.now()
        case .table(let table):
            table.clock?.now_ms.map { Timestamp(milliseconds: $0(table.raw)) } ?? HostFunctions.timeOfDay
        }
    }

    /// A storage says that somebody else changed rows: the host asks it soon. Cheap, and merged when often.
    public func storageChanged() {
        switch backing {
        case .functions(let functions): functions.storageChanged()
        case .table(let table): table.storageEvents?.rows_changed?(table.raw)
        }
    }

    /// The absolute form of a path from the settings.
    public func resolve(path: String) -> String {
        path.hasPrefix("/") ? path : baseFolder + "/" + path
    }
}

/// A host made of closures.
public struct HostFunctions: Sendable {
    let log: @Sendable (PluginLogLevel, String) -> Void
    let now: @Sendable () -> Timestamp
    let storageChanged: @Sendable () -> Void

    /// The system's time of day.
    public static var timeOfDay: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }
}

/// The host's tables, looked up once.
///
/// Safety: the pointer is immutable and valid while the instance lives; the tables' functions are tagged [any].
private struct HostTable: @unchecked Sendable {
    let raw: UnsafePointer<conductor_host>
    let log: conductor_host_log?
    let clock: conductor_host_clock?
    let storageEvents: conductor_host_storage_events?

    init(
        raw: UnsafePointer<conductor_host>,
        getExtension: (@convention(c) (UnsafePointer<conductor_host>, UnsafePointer<CChar>) -> UnsafeRawPointer?)?
    ) {
        func table<CForm>(_ id: String) -> CForm? {
            getExtension?(raw, id).map { loadVersioned($0.assumingMemoryBound(to: CForm.self)) }
        }
        self.raw = raw
        log = table(CONDUCTOR_HOST_LOG)
        clock = table(CONDUCTOR_HOST_CLOCK)
        storageEvents = table(CONDUCTOR_HOST_STORAGE_EVENTS)
    }
}
