internal import PluginHost
internal import PluginKit

/// Says what a gateway that only observes would do with the rows that wait, in the alarm `observing`; it reads, and
/// writes nothing.
actor Outlook {
    static let everyMilliseconds: Int64 = 15_000
    /// Rows in one question, and the most that are counted.
    private static let page: Int32 = 1_000
    private static let most = 10_000

    private struct Counts: Hashable {
        var sent = 0
        var later = 0
        var held = 0
        var failed = 0
        var isMore = false
        var all: Int { sent + later + held + failed }
    }

    private let journal: Journal
    private let policy: Policy
    private let storage: @Sendable () -> StorageHandle?
    private let state: StorageState
    private let alarms: Alarms
    private let clock: any GatewayClock

    init(
        journal: Journal, policy: Policy, state: StorageState, alarms: Alarms, clock: any GatewayClock,
        storage: @escaping @Sendable () -> StorageHandle?
    ) {
        self.journal = journal
        self.policy = policy
        self.storage = storage
        self.state = state
        self.alarms = alarms
        self.clock = clock
    }

    /// Until cancelled.
    func run() async {
        while !Task.isCancelled {
            var pause = Self.everyMilliseconds
            do {
                try await look()
            } catch let error as PluginError {
                pause = state.failed(error)
            } catch {
                // The journal could not be read: its own alarm stands.
            }
            do { try await clock.sleep(milliseconds: pause) } catch { return }
        }
    }

    private func look() async throws {
        guard let storage = storage() else { return tell(nil) }
        var counts = Counts()
        var query = MessageQuery(
            direction: .outbound, status: .queued, cursor: 0, oldestFirst: true, limit: Self.page)
        while true {
            let rows = try await storage.messages(query)
            state.succeeded()
            let foresight = Foresight(policy: policy, now: clock.now)
            for fate in try journal.read({ database in try rows.map { try foresight.fate(of: $0, database) } }) {
                switch fate {
                case .sent: counts.sent += 1
                case .later: counts.later += 1
                case .held: counts.held += 1
                case .failed: counts.failed += 1
                case .begun: break
                }
            }
            guard rows.count == Int(Self.page), let last = rows.last?.storageID else { break }
            counts.isMore = counts.all >= Self.most
            if counts.isMore { break }
            query.cursor = last
        }
        tell(counts)
    }

    private func tell(_ counts: Counts?) {
        guard let counts else { return alarms.raise("observing", Gateway.observing) }
        let rows = counts.isMore ? "Of the \(counts.all) rows that wait longest" : "Of the rows that wait"
        alarms.raise(
            "observing",
            "\(Gateway.observing). \(rows) it would send \(counts.sent) now and \(counts.later) later, hold \(counts.held) "
                + "as too old (`conductor messages list --held`) and fail \(counts.failed)")
    }
}
