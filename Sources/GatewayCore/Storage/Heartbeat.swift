internal import ModemKit
internal import PluginHost
internal import PluginKit

/// Says at storage some times a minute that this gateway is there and which SIMs it has, and keeps what storage says of
/// the others that work on it.
actor Heartbeat {
    static let everyMilliseconds: Int64 = 12_000
    /// After one that storage did not hear.
    static let againMilliseconds: Int64 = 2_000
    /// One that was not heard of for so long is silent.
    static let silentMilliseconds: Int64 = 60_000

    private let owner: String
    private let version: String
    private let storage: @Sendable () -> StorageHandle?
    private let modems: @Sendable () -> [ModemSnapshot]
    private let alarms: Alarms
    private let clock: any GatewayClock
    /// There may be rows of which no sign tells: storage knows of other SIMs than before, or what another gateway did frees
    /// the next row of a number.
    private let onRows: @Sendable () async -> Void
    /// Whether others choose from it, too.
    private let onOthers: @Sendable (Bool) async -> Void
    private let wakes = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    private var told: GatewayPresence?
    private var report = FleetReport(gateways: [])
    private var alarmed: Set<String> = []
    private var hasOthers = false
    /// When it speaks next without a sign; monotonic milliseconds.
    private var nextAt: Int64 = 0

    init(
        owner: String, version: String, alarms: Alarms, clock: any GatewayClock,
        storage: @escaping @Sendable () -> StorageHandle?, modems: @escaping @Sendable () -> [ModemSnapshot],
        onRows: @escaping @Sendable () async -> Void, onOthers: @escaping @Sendable (Bool) async -> Void
    ) {
        self.owner = owner
        self.version = version
        self.alarms = alarms
        self.clock = clock
        self.storage = storage
        self.modems = modems
        self.onRows = onRows
        self.onOthers = onOthers
    }

    /// Storage is told soon: another one serves, perhaps.
    nonisolated func wake() {
        wakes.continuation.yield()
    }

    /// Storage is told soon if it is not as it was told last.
    func modemsChanged() {
        if presence != told { wake() }
    }

    /// Until cancelled.
    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { [clock, wakes] in
                while !Task.isCancelled {
                    if await self.nextAt <= clock.monotonicMilliseconds { wakes.continuation.yield() }
                    do { try await clock.sleep(milliseconds: Self.againMilliseconds) } catch { return }
                }
            }
            for await _ in wakes.stream { await beat() }
            group.cancelAll()
        }
    }

    /// The gateways as storage knows them now; while it cannot be asked, as they were, with the reason.
    func fleet() async -> FleetReport {
        await beat()
        return report
    }

    private var presence: GatewayPresence {
        let there = modems().filter { $0.state != .gone }
        return GatewayPresence(
            gateway: owner, version: version, sims: Set(there.compactMap { $0.sim?.rawValue }).sorted(),
            modems: Int32(clamping: there.count))
    }

    private func beat() async {
        guard let storage = storage() else {
            report.problem = "no storage serves"
            return
        }
        let now = presence
        // Looked at every two seconds: a little before counts, too.
        let nextAt = clock.monotonicMilliseconds + Self.everyMilliseconds - Self.againMilliseconds / 2
        do {
            let gateways = try await storage.heartbeat(now)
            let hasOtherSIMs = told?.sims != now.sims
            (told, self.nextAt) = (now, nextAt)
            report = FleetReport(gateways, asker: owner, silentMilliseconds: Self.silentMilliseconds)
            await tell()
            if hasOtherSIMs || hasOthers { await onRows() }
        } catch {
            // What the others do is not known then: an alarm that stands goes on standing.
            report.problem = error.message
            guard error.code == .unsupported else { return self.nextAt = 0 }
            (told, self.nextAt) = (now, nextAt)
            report.gateways = []
            await tell()
        }
    }

    /// Rows that a silent gateway has begun wait for it, and so do their numbers; rows that one may choose who is there
    /// are not all for us.
    private func tell() async {
        let silent = report.gateways.filter { !$0.isThis && $0.silentSince != nil && $0.sending > 0 }
        for gateway in silent {
            let count = gateway.sending == 1 ? "a text is" : "\(gateway.sending) texts are"
            alarms.raise(
                "fleet.silent", subject: gateway.name,
                "gateway \(gateway.name) was last heard of at \(gateway.seen), and \(count) being sent by it: start it "
                    + "again with its state folder, for only its journal knows what has left")
        }
        let names = Set(silent.map(\.name))
        for name in alarmed.subtracting(names) { alarms.clear("fleet.silent", subject: name) }
        alarmed = names
        let others = report.gateways.contains { !$0.isThis && $0.silentSince == nil }
        if others == hasOthers { return }
        hasOthers = others
        await onOthers(others)
    }
}
