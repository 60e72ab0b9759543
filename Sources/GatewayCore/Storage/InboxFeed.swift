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
    private let storages: StorageRoster
    private let state: StorageState
    private let alarms: Alarms?
    private let clock: any GatewayClock
    /// Until then consent stays in the journal, where it binds; monotonic milliseconds.
    private var consentAt: Int64 = 0
    /// Whether there is a storage at all: without one, nothing is tried, and a wake tells when there is.
    private let isServed: @Sendable () -> Bool
    /// Called when storage has the end of a text of ours: rows to its number may have waited for it there.
    private let onEnded: @Sendable () async -> Void
    private var stretch = Stretch()
    private let wakes = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    init(
        journal: Journal, storages: StorageRoster, state: StorageState, clock: any GatewayClock, alarms: Alarms? = nil,
        isServed: @escaping @Sendable () -> Bool = { true }, onEnded: @escaping @Sendable () async -> Void = {}
    ) {
        self.journal = journal
        self.storages = storages
        self.state = state
        self.alarms = alarms
        self.clock = clock
        self.isServed = isServed
        self.onEnded = onEnded
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
        guard let storage = try await storages.take() else { return false }
        let (current, inbound, outbound, consent) = try journal.read { database in
            (
                try StorageMarks.current(database),
                try database.all(
                    "SELECT * FROM inbound WHERE visible = 1 AND stored < revision ORDER BY seq LIMIT ?", [Self.batch]
                ) { Carried(Message(inbound: $0), $0) },
                // Rows of another storage are put here like what was born in the journal.
                try database.all(
                    """
                    SELECT * FROM outbound WHERE stored < revision AND (storage_id IS NULL OR storage IS NOT ?)
                        ORDER BY seq LIMIT ?
                    """, [storage.id, Self.batch]
                ) { row in
                    var message = Message(outbound: row)
                    message.storageID = nil
                    return Carried(message, row)
                },
                takesConsent ? try database.all("SELECT * FROM consent WHERE stored = 0 LIMIT ?", [Self.batch]) : []
            )
        }
        // Another one has taken its place: what is missing there is another question.
        guard current == storage.id else { return true }
        if inbound.isEmpty, outbound.isEmpty, consent.isEmpty { return false }
        CrashPoint.reached("before put")
        // Our own checks are for nobody to read: they count as stored, and are not.
        let texts = (inbound + outbound).filter { !$0.isCheck }.map(\.message)
        if !texts.isEmpty { try await storage.handle.put(texts) }
        let isConsentStored =
            consent.isEmpty ? true : try await record(consent.map(ConsentEvent.init(row:)), in: storage.handle)
        CrashPoint.reached("after put")
        if outbound.contains(where: { $0.message.status != .queued }) { await onEnded() }
        let carried: [(StorageMarks.Kind, String, Int64)] =
            inbound.map { (.inbound, $0.uid, $0.revision) }
            + outbound.map { (.outbound, $0.uid, $0.revision) }
            + (isConsentStored ? consent : []).map { (.consent, $0["uid"], 1) }
        try await journal.writer.write { database in
            for (kind, uid, revision) in carried {
                try StorageMarks.set(kind, uid, revision, in: storage.id, database)
            }
        }
        CrashPoint.reached("put recorded")
        return true
    }

    /// A text as it goes to storage, and the revision that is stored then.
    private struct Carried {
        let message: Message
        let uid: String
        let revision: Int64
        let isCheck: Bool

        init(_ message: Message, _ row: Row) {
            (self.message, uid, revision) = (message, row["uid"], row["revision"])
            isCheck = (row["purpose"] as String?) == OutgoingText.Purpose.check.rawValue
        }
    }

    /// False where storage has no place for consent: it stays to be carried, and binds here all the same.
    private func record(_ events: [ConsentEvent], in storage: StorageHandle) async throws(PluginError) -> Bool {
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
