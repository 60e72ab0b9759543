internal import PluginKit

/// Tells people in time that storage will take no more: the alarm `storage.quota`.
struct QuotaWatch: Sendable {
    /// Of the quota, in percent.
    static let alarmPercent: Int64 = 80
    /// What is stored grows by megabytes a day.
    static let everyMilliseconds: Int64 = 300_000
    /// While storage is away.
    static let soonMilliseconds: Int64 = 5_000

    let alarms: Alarms
    let clock: any GatewayClock
    /// What storage says of itself; nil while it is away.
    let storage: @Sendable () async -> StorageHealth?

    /// Until cancelled.
    func run() async {
        while !Task.isCancelled {
            let health = await storage()
            if let health { look(health) }
            do {
                try await clock.sleep(milliseconds: health == nil ? Self.soonMilliseconds : Self.everyMilliseconds)
            } catch { return }
        }
    }

    /// Raises the alarm or takes it back. While storage is away, what stands goes on standing.
    func look(_ health: StorageHealth) {
        guard let percent = Self.percent(health), percent >= Self.alarmPercent else {
            return alarms.clear("storage.quota")
        }
        alarms.raise(
            "storage.quota",
            "\(health.location) holds \(percent) % of its quota: make room with `conductor storage archive`, or take a "
                + "larger plan and change `quota`; `conductor storage status` shows what takes it")
    }

    /// Nil without a quota, and where the storage does not know its size.
    static func percent(_ health: StorageHealth) -> Int64? {
        guard let quota = health.quotaBytes, quota > 0, health.bytes > 0 else { return nil }
        return Int64(Double(health.bytes) / Double(quota) * 100)
    }
}
