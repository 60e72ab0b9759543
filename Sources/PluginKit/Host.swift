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
    enum Backing: Sendable {
        case table(HostTable)
        case functions(HostFunctions)
    }

    /// The drop-in's name, as `10-sqlite`.
    public let instanceName: String
    /// Absolute; a relative path in the settings is meant from here.
    public let baseFolder: String
    let backing: Backing

    /// The host at the other side of the ABI. `raw` stays valid until `destroy` has returned.
    package init(raw: UnsafePointer<conductor_host>) {
        let copy = loadVersioned(raw)
        instanceName = String(copy.instance_name)
        baseFolder = String(copy.base_folder)
        backing = .table(HostTable(raw: raw, copy: copy))
    }

    /// A host for a plugin's own tests: what is not given here does nothing, or fails as a service that is not granted.
    public init(
        instanceName: String = "test", baseFolder: String = ".",
        log: @escaping @Sendable (PluginLogLevel, String) -> Void = { _, _ in },
        now: @escaping @Sendable () -> Timestamp = { HostFunctions.timeOfDay },
        storageChanged: @escaping @Sendable () -> Void = {},
        services: ServiceFunctions = ServiceFunctions()
    ) {
        self.instanceName = instanceName
        self.baseFolder = baseFolder
        backing = .functions(
            HostFunctions(log: log, now: now, storageChanged: storageChanged, services: services))
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
    let services: ServiceFunctions

    /// The system's time of day.
    public static var timeOfDay: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }
}
