internal import FaultPoints
internal import GRDB
internal import Logging
internal import PluginHost
internal import PluginKit

/// Carries to storage what was born here: texts that came, answers and texts of the API with their outcomes, consent.
/// The journal remembers what storage has; repeating a put changes nothing.
actor InboxFeed {
    static let batch = 256
    /// Looks at the journal are at least this far apart, so that what comes close together is carried together.
    static let gatherMilliseconds: Int64 = 10
    /// A storage that has no place for consent is asked again after this time: it may have been brought up to date.
    static let consentMilliseconds: Int64 = 600_000

    private let journal: Journal
    private let storage: StorageHandle
    private let state: StorageState
    private let alarms: Alarms?
    private let clock: any GatewayClock
    /// Until then consent stays in the journal, where it binds; monotonic milliseconds.
    private var consentAt: Int64 = 0
    /// Whether there is a storage at all: without one, nothing is tried, and a wake tells when there is.
    private let isServed: @Sendable () -> Bool
    private var stretch = Stretch()
    private let wakes = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    init(
        journal: Journal, storage: StorageHandle, state: StorageState, clock: any GatewayClock, alarms: Alarms? = nil,
        isServed: @escaping @Sendable () -> Bool = { true }
    ) {
        self.journal = journal
        self.storage = storage
        self.state = state
        self.alarms = alarms
        self.clock = clock
        self.isServed = isServed
    }

    nonisolated func wake() {
        wakes.continuation.yield()
    }

    nonisolated func stop() {
        wakes.continuation.finish()
    }

    /// Serves until `stop`; what is left then stays in the journal.
    func run() async {
        wake()
        for await _ in wakes.stream {
            var more = true
            while more, isServed(), !Task.isCancelled {
                do {
                    more = try await carry()
                    if more { state.succeeded() }
                } catch let error as PluginError {
                    try? await clock.sleep(milliseconds: state.failed(error))
                } catch {
                    // The journal could not be read or written: its own alarm stands.
                    try? await clock.sleep(milliseconds: 1_000)
                }
            }
            try? await clock.sleep(milliseconds: Self.gatherMilliseconds)
        }
    }

    /// Returns when what is being carried is written down on both sides.
    func settled() async {
        await withCheckedContinuation { if !stretch.wait($0) { $0.resume() } }
    }

    /// One batch; false when there is nothing left to carry.
    private func carry() async throws -> Bool {
        stretch.begin()
        defer { for waiter in stretch.end() { waiter.resume() } }
        let takesConsent = clock.monotonicMilliseconds >= consentAt
        let (inbound, outbound, consent) = try journal.read { database in
            (
                try database.all(
                    "SELECT * FROM inbound WHERE visible = 1 AND stored < revision ORDER BY seq LIMIT ?", [Self.batch]),
                try database.all(
                    "SELECT * FROM outbound WHERE stored < revision AND storage_id IS NULL ORDER BY seq LIMIT ?",
                    [Self.batch]),
                takesConsent ? try database.all("SELECT * FROM consent WHERE stored = 0 LIMIT ?", [Self.batch]) : []
            )
        }
        if inbound.isEmpty, outbound.isEmpty, consent.isEmpty { return false }
        CrashPoint.reached("before put")
        if !inbound.isEmpty || !outbound.isEmpty {
            try await storage.put(inbound.map(Message.init(inbound:)) + outbound.map(Message.init(outbound:)))
        }
        let isConsentStored = consent.isEmpty ? true : try await record(consent.map(ConsentEvent.init(row:)))
        CrashPoint.reached("after put")
        let storedInbound = inbound.map { ($0["seq"] as Int64, $0["revision"] as Int64) }
        let storedOutbound = outbound.map { ($0["seq"] as Int64, $0["revision"] as Int64) }
        let storedConsent = isConsentStored ? consent.map { $0["uid"] as String } : []
        try await journal.writer.write { database in
            for (seq, revision) in storedInbound {
                try database.run("UPDATE inbound SET stored = ? WHERE seq = ?", [revision, seq])
            }
            for (seq, revision) in storedOutbound {
                try database.run("UPDATE outbound SET stored = ? WHERE seq = ?", [revision, seq])
            }
            for uid in storedConsent { try database.run("UPDATE consent SET stored = 1 WHERE uid = ?", [uid]) }
        }
        CrashPoint.reached("put recorded")
        return true
    }

    /// False where storage has no place for consent: it stays to be carried, and binds here all the same.
    private func record(_ events: [ConsentEvent]) async throws(PluginError) -> Bool {
        do {
            try await storage.recordConsent(events)
        } catch {
            guard error.code == .unsupported else { throw error }
            consentAt = clock.monotonicMilliseconds + Self.consentMilliseconds
            alarms?.raise(
                "consent.local",
                "storage has no place for opt-outs (\(error.message)): they bind this gateway and are kept in its journal, "
                    + "and no other program or gateway knows of them")
            return false
        }
        alarms?.clear("consent.local")
        return true
    }
}
