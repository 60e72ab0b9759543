internal import PluginHost
public import PluginKit

/// What `conductor storage status` shows: which storage serves, what it holds, and what waits for it.
public struct StorageReport: Sendable, Hashable, Codable {
    public var storage: GatewayStatus.StorageState
    /// What each table takes, by name; nil where that is not known.
    public var tables: [StorageTable]?
    /// Why it is not known.
    public var tablesProblem: String?

    public init(storage: GatewayStatus.StorageState, tables: [StorageTable]? = nil, tablesProblem: String? = nil) {
        self.storage = storage
        self.tables = tables
        self.tablesProblem = tablesProblem
    }
}

extension Gateway {
    public func storageReport() async -> StorageReport {
        var report = StorageReport(storage: await storageNow())
        guard report.storage.reachable, let storage = host.storage else { return report }
        do {
            report.tables = try await storage.sizes()
        } catch {
            report.tablesProblem = error.message
        }
        return report
    }

    /// Asks the storage that serves.
    func storageNow() async -> GatewayStatus.StorageState {
        let failure = host.storage == nil ? host.storageProblem : storageState.problem
        let health = try? await host.storage?.health()
        if let health { quotaWatch.look(health) }
        let plugin = host.reports.first { $0.state == .running && $0.capabilities.contains("storage") }?.plugin
        return .init(
            plugin: host.storage == nil ? nil : plugin, location: health?.location,
            reachable: host.storage != nil && health != nil && failure == nil,
            problem: failure ?? host.storageProblem,
            lag: (try? lag()) ?? 0, rows: health?.rows, dropIn: host.storage?.name,
            elsewhere: (try? journal.read { try StorageMarks.waiting($0) })?.map {
                .init(location: $0.location, outcomes: $0.count)
            }, bytes: health.flatMap { $0.bytes > 0 ? $0.bytes : nil }, quotaBytes: health?.quotaBytes,
            switching: switching.now)
    }
}
