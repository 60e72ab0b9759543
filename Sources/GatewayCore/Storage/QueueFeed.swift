internal import GRDB
internal import Logging
internal import PluginHost
internal import PluginKit

/// Takes from storage the rows that other programs queue, and brings their outcomes back: one round trip per batch.
///
/// A claim only covers choosing. A row is ours when storage has confirmed its `begin`; then it goes into the journal,
/// and from there on only the journal, a delivery report or a person settles it (decision 3).
actor QueueFeed {
    static let leaseMilliseconds: Int64 = 30_000
    static let batch = 256
    /// While there is enough to send, exchanges are at least this far apart, so that outcomes go back together.
    static let gatherMilliseconds: Int64 = 20
    /// Rows that come due without any sign are found after this time at the latest.
    static let lookMilliseconds: Int64 = 30_000

    /// A claimed row that policy allows.
    private struct Claim {
        var row: Message
        var uid: String
        var phone: String
        /// On our monotonic clock.
        var leaseEnds: Int64
    }

    private let journal: Journal
    private let storage: StorageHandle
    private let state: StorageState
    private let policy: Policy
    private let outbound: OutboundPath
    /// Who claims: the gateway's id and its journal's.
    private let owner: String
    private let events: EventHub
    private let clock: any GatewayClock
    /// Whether there is a storage at all: without one, nothing is tried, and a wake tells when there is.
    private let isServed: @Sendable () -> Bool
    private var stretch = Stretch()
    private let wakes = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    private var starting: [Claim] = []
    /// Outcomes of rows that policy refused before they were ours.
    private var refused: [ExchangeRequest.Outcome] = []
    /// There may be rows to claim.
    private var mayHaveRows = true
    /// When to look again without a sign; monotonic milliseconds.
    private var lookAt: Int64 = 0
    private var isReconciled = false

    init(
        journal: Journal, storage: StorageHandle, state: StorageState, policy: Policy, outbound: OutboundPath,
        owner: String, events: EventHub, clock: any GatewayClock,
        isServed: @escaping @Sendable () -> Bool = { true }
    ) {
        self.journal = journal
        self.storage = storage
        self.state = state
        self.policy = policy
        self.outbound = outbound
        self.owner = owner
        self.events = events
        self.clock = clock
        self.isServed = isServed
    }

    /// Outcomes are there to be brought back, or there is room for more.
    nonisolated func wake() {
        wakes.continuation.yield()
    }

    /// Storage says that its rows changed.
    func storageChanged() {
        mayHaveRows = true
        wake()
    }

    nonisolated func stop() {
        wakes.continuation.finish()
    }

    func run() async {
        wake()
        await withDiscardingTaskGroup { group in
            group.addTask { await self.keepTime() }
            for await _ in wakes.stream {
                await serve()
            }
            group.cancelAll()
        }
    }

    private func keepTime() async {
        while !Task.isCancelled {
            let now = clock.monotonicMilliseconds
            if lookAt <= now {
                lookAt = now + Self.lookMilliseconds
                storageChanged()
            }
            do {
                try await clock.sleep(milliseconds: max(lookAt - now, 50))
            } catch { return }
        }
    }

    /// Returns when what is being carried is written down on both sides.
    func settled() async {
        await withCheckedContinuation { if !stretch.wait($0) { $0.resume() } }
    }

    private func serve() async {
        var more = true
        while more, isServed() {
            do {
                stretch.begin()
                defer { for waiter in stretch.end() { waiter.resume() } }
                if !isReconciled { try await reconcile() }
                more = try await exchange()
                if more, await canWait() { try? await clock.sleep(milliseconds: Self.gatherMilliseconds) }
            } catch let error as PluginError {
                // Whether the rows were begun is not known.
                isReconciled = isReconciled && starting.isEmpty
                try? await clock.sleep(milliseconds: state.failed(error))
            } catch {
                // The journal could not be read or written: its own alarm stands. Rows that were begun may be missing
                // in it.
                isReconciled = false
                try? await clock.sleep(milliseconds: 1_000)
            }
            if Task.isCancelled { return }
        }
    }

    /// Whether no modem would have to wait for the next exchange.
    private func canWait() async -> Bool {
        if starting.isEmpty { return true }
        return await outbound.isSupplied
    }

    /// Rows that are `sending` by us and of which the journal knows nothing were never on the wire: the gateway ended
    /// between the begin and its own commit. They are sent now.
    private func reconcile() async throws {
        let rows = try await storage.owned(by: owner)
        let births = rows.compactMap { row -> OutgoingText.Birth? in
            guard let uid = row.uid, let number = policy.number(row.phone) else { return nil }
            return birth(of: row, uid: uid, phone: number.text)
        }
        let added = try await take(births, again: false)
        await outbound.add(added)
        isReconciled = true
    }

    /// One round trip; false when there was nothing to do.
    private func exchange() async throws -> Bool {
        let now = clock.monotonicMilliseconds
        let outcomes = try journal.read { database in
            try database.all(
                "SELECT * FROM outbound WHERE stored < revision AND storage_id IS NOT NULL ORDER BY seq LIMIT ?",
                [Self.batch])
        }
        let finished = outcomes.map(ExchangeRequest.Outcome.init(outbound:)) + refused
        starting.removeAll { $0.leaseEnds <= now }
        // An outcome may free the next row of its recipient.
        let wants = mayHaveRows || !finished.isEmpty
        let want = wants ? max(0, min(await outbound.appetite - starting.count, Self.batch)) : 0
        if finished.isEmpty, starting.isEmpty, want == 0 { return false }

        let claims = starting
        let begins = claims.map { ExchangeRequest.Start(storageID: $0.row.storageID ?? 0, uid: $0.uid) }
        if want > 0 { mayHaveRows = false }
        let reply: ExchangeReply
        do {
            reply = try await storage.exchange(
                ExchangeRequest(
                    gateway: owner, finished: finished, starting: begins, want: Int32(want),
                    leaseMilliseconds: Self.leaseMilliseconds, maxAgeMilliseconds: policy.maxAgeMilliseconds))
        } catch {
            mayHaveRows = mayHaveRows || want > 0
            throw error
        }
        state.succeeded()
        refused = []
        starting.removeFirst(claims.count)
        try await settle(outcomes)
        let ours = zip(claims, reply.started).filter(\.1).map(\.0)
        let births = ours.map { birth(of: $0.row, uid: $0.uid, phone: $0.phone) }
        await outbound.add(try await take(births, again: true))
        for row in reply.claimed { admit(row, leaseEnds: now + Self.leaseMilliseconds) }
        if reply.claimed.count >= want, want > 0 { mayHaveRows = true }
        if reply.nextDueMilliseconds >= 0 {
            lookAt = min(lookAt, clock.monotonicMilliseconds + reply.nextDueMilliseconds)
        }
        return true
    }

    /// Storage has these outcomes now.
    private func settle(_ outcomes: [Row]) async throws {
        let stored = outcomes.map { ($0["seq"] as Int64, $0["revision"] as Int64) }
        if stored.isEmpty { return }
        try await journal.writer.write { database in
            for (seq, revision) in stored {
                try database.run("UPDATE outbound SET stored = ? WHERE seq = ?", [revision, seq])
            }
        }
    }

    /// Policy, before anything is begun: a row that can never be sent is failed with its reason (decision 11).
    private func admit(_ row: Message, leaseEnds: Int64) {
        guard let id = row.storageID else { return }
        let reason: (code: String, sentence: String)
        if row.content.isEmpty {
            reason = ("empty-body", "the text is empty")
        } else if let number = policy.number(row.phone) {
            starting.append(
                Claim(row: row, uid: row.uid ?? UID.make(at: clock.now), phone: number.text, leaseEnds: leaseEnds))
            return
        } else {
            reason = (
                "invalid-number", "phone_number is not a number that a text can be sent to; write it as +16195550123"
            )
        }
        refused.append(
            ExchangeRequest.Outcome(
                uid: nil, storageID: id, status: .failed, deliveryStatus: .refused, errorCode: reason.code,
                errorMessage: reason.sentence))
        var json = EventJSON()
        json.add("storage_id", id)
        json.add("phone", row.phone)
        json.add("state", "failed")
        json.add("error_code", reason.code)
        json.add("error_message", reason.sentence)
        events.emit("message.failed", json.text)
    }

    private func birth(of row: Message, uid: String, phone: String) -> OutgoingText.Birth {
        OutgoingText.Birth(
            uid: uid, storageID: row.storageID, origin: "table", purpose: .conversation, phone: phone,
            content: row.content, sim: row.sim, notBefore: nil, answers: nil, idempotencyKey: nil,
            createdAt: row.timestamp)
    }

    /// Writes begun rows into the journal. With `again`, one that it has already and that had failed is sent again: a
    /// person, or the program that owns the table, put it back into the queue.
    private func take(_ births: [OutgoingText.Birth], again: Bool) async throws -> [OutgoingText] {
        if births.isEmpty { return [] }
        let now = clock.now
        return try await journal.writer.write { database in
            try births.compactMap { birth in
                guard try OutgoingText.find(birth.uid, database) != nil else {
                    return try OutgoingText.insert(birth, now: now, database)
                }
                return again ? try OutgoingText.requeue(birth.uid, from: [.failed, .undelivered], database) : nil
            }
        }
    }
}
