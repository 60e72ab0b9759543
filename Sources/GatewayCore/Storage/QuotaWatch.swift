internal import PluginKit

/// Tells people in time that storage will take no more: the alarm `storage.quota`.
struct QuotaWatch: Sendable {
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
        guard let percent = Self.percent(health), percent >= Quota.alarmPercent else {
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
        return Quota.percent(health.bytes, of: quota)
    }
}

/// What a storage may come to, and how near it is.
public enum Quota {
    /// From here on it is alarming.
    public static let alarmPercent: Int64 = 80

    /// - Parameter quota: more than nothing.
    public static func percent(_ bytes: Int64, of quota: Int64) -> Int64 {
        Int64(Double(bytes) / Double(quota) * 100)
    }
}
