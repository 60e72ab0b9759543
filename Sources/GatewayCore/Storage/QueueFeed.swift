internal import FaultPoints
internal import GRDB
internal import Logging
internal import PluginHost
internal import PluginKit

/// Takes from storage the rows that other programs queue, and brings their outcomes back: one round trip per batch.
///
/// A claim only covers choosing. A row is ours when storage has confirmed its `begin`; then it goes into the journal,
/// and from there on only the journal, a delivery report or a person settles it (decision 3).
actor QueueFeed {
    static let batch = 256
    /// While there is enough to send, exchanges are at least this far apart, so that outcomes go back together.
    static let gatherMilliseconds: Int64 = 20
    /// What changes in storage without any sign is found after this time at the latest.
    static let lookMilliseconds: Int64 = 30_000
    /// How late a row may be found whose number had a text of ours before it; that often storage is asked for such rows
    /// at the most.
    static let dueMilliseconds: Int64 = 500

    /// A claimed row that policy allows.
    private struct Claim {
        var row: Message
        var uid: String
        var phone: String
        /// On our monotonic clock.
        var leaseEnds: Int64
    }

    private let journal: Journal
    private let storages: StorageRoster
    private let state: StorageState
    private let policy: Policy
    private let outbound: OutboundPath
    /// Who claims: the gateway's id and its journal's.
    private let owner: String
    private let events: EventHub
    private let consent: ConsentFeed?
    private let others: OtherSenders?
    private let clock: any GatewayClock
    /// Whether there is a storage at all: without one, nothing is tried, and a wake tells when there is.
    private let isServed: @Sendable () -> Bool
    private var stretch = Stretch()
    private let wakes = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    /// The storage that all of the following is about, as the journal names it.
    private var current: Int64?
    /// Since when policy keeps a row back, as this run knows, and until when it waits for now.
    private struct Hold {
        var since: Timestamp
        var until: Timestamp
    }

    private var starting: [Claim] = []
    private var holds: [Int64: Hold] = [:]
    /// Outcomes of rows that policy refused before they were ours.
    private var refused: [ExchangeRequest.Outcome] = []
    /// There may be rows to claim.
    private var mayHaveRows = true
    /// Other programs may have written consent.
    private var mayHaveConsent = true
    /// When to look at everything again without a sign; monotonic milliseconds.
    private var lookAt: Int64 = 0
    /// When there may be rows again: one that storage has planned comes due, or one was freed; monotonic milliseconds.
    private var dueAt = Int64.max
    /// The wait for either of the two.
    private var wait: Task<Void, Never>?
    private var isReconciled = false
    /// The answer to a claim was lost.
    private var mayHaveClaimed = false
    private var claims = true
    private var foreignReplies: ForeignReplies

    init(
        journal: Journal, storages: StorageRoster, state: StorageState, policy: Policy, outbound: OutboundPath,
        owner: String, events: EventHub, clock: any GatewayClock, alarms: Alarms? = nil, consent: ConsentFeed? = nil,
        others: OtherSenders? = nil, isServed: @escaping @Sendable () -> Bool = { true }
    ) {
        self.journal = journal
        self.storages = storages
        self.state = state
        self.policy = policy
        self.outbound = outbound
        self.owner = owner
        self.events = events
        self.consent = consent
        self.others = others
        self.clock = clock
        self.isServed = isServed
        foreignReplies = ForeignReplies(journal: journal, alarms: alarms, clock: clock)
    }

    /// Outcomes are there to be brought back, or there is room for more.
    nonisolated func wake() {
        wakes.continuation.yield()
    }

    /// Whether rows are claimed at all. What is begun goes on either way.
    func claim(again: Bool) {
        claims = again
        mayHaveRows = true
        wake()
    }

    /// Storage says that its rows changed.
    func storageChanged() {
        mayHaveRows = true
        mayHaveConsent = true
        wake()
    }

    /// Texts that were born in the journal have ended in storage, too: rows to the same numbers may go now.
    func freed() {
        come(due: clock.monotonicMilliseconds + Self.dueMilliseconds)
    }

    private func come(due time: Int64) {
        guard time < dueAt else { return }
        dueAt = time
        if time < lookAt { wait?.cancel() }
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
            foreignReplies.forget()
            if lookAt <= now {
                lookAt = now + Self.lookMilliseconds
                // Rows that were not met again when their time had come are somebody else's, or gone.
                let past = clock.now.milliseconds - 3_600_000
                holds = holds.filter { $0.value.until.milliseconds > past }
                storageChanged()
            }
            if dueAt <= now {
                dueAt = .max
                mayHaveRows = true
                wake()
            }
            let wait = Task { [clock, until = min(lookAt, dueAt)] in
                // It is cut short when the time is moved up.
                do { try await clock.sleep(milliseconds: max(until - now, 50)) } catch {}
            }
            self.wait = wait
            await withTaskCancellationHandler {
                await wait.value
            } onCancel: {
                wait.cancel()
            }
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
                guard let storage = try await storages.take() else { return }
                if current != storage.id { await turn(to: storage.id) }
                try await readConsent(of: storage)
                if !isReconciled { try await reconcile(storage) }
                more = try await exchange(with: storage)
                if more, await canWait() { try? await clock.sleep(milliseconds: Self.gatherMilliseconds) }
            } catch let error as PluginError {
                // Whether the rows were begun is not known.
                isReconciled = isReconciled && starting.isEmpty && !mayHaveClaimed
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

    /// Another storage serves. What was claimed in the former one and not begun is let go there when the claim ends, or it
    /// serves again; what was begun is in the journal, and its outcome waits there.
    private func turn(to id: Int64) async {
        current = id
        starting = []
        refused = []
        holds = [:]
        isReconciled = false
        mayHaveRows = true
        mayHaveConsent = true
        lookAt = 0
        dueAt = .max
        wait?.cancel()
        await consent?.reset()
    }

    /// What other programs wrote about consent binds what is claimed after it.
    private func readConsent(of storage: StorageRoster.Served) async throws {
        guard mayHaveConsent, let consent else { return }
        mayHaveConsent = false
        do {
            try await consent.refresh(from: storage)
        } catch {
            mayHaveConsent = true
            throw error
        }
    }

    /// Whether no modem would have to wait for the next exchange.
    private func canWait() async -> Bool {
        if starting.isEmpty { return true }
        return await outbound.isSupplied
    }

    /// Rows that are `sending` by us and of which the journal knows nothing were never on the wire: the gateway ended
    /// between the begin and its own commit. They are sent now.
    private func reconcile(_ storage: StorageRoster.Served) async throws {
        let rows = try await storage.handle.owned(by: owner)
        // Storage has let go of what was claimed; what was begun after all is among the rows. Beginning it once more
        // would be taken for somebody's wish to send it again.
        starting = []
        mayHaveRows = true
        CrashPoint.reached("reconciling")
        let added = try await take(births(of: rows, in: storage.id), again: false)
        await outbound.add(added)
        try await holdFormer(storage)
        isReconciled = true
        mayHaveClaimed = false
    }

    private func births(of rows: [Message], in storage: Int64) -> [OutgoingText.Birth] {
        rows.compactMap { row in
            guard let uid = row.uid else { return nil }
            // A number that is none any more (another default_country) is refused when its turn comes.
            return birth(of: row, in: storage, uid: uid, phone: policy.number(row.phone)?.text ?? row.phone)
        }
    }

    /// Rows that this journal began under a name that it had before it was put back: whether they were on the wire, it
    /// no longer knows. They are held for a person.
    private func holdFormer(_ storage: StorageRoster.Served) async throws {
        let gateway = owner.split(separator: "/").dropLast().joined(separator: "/")
        for name in journal.formerIDs {
            let births = births(of: try await storage.handle.owned(by: "\(gateway)/\(name)"), in: storage.id)
            if births.isEmpty { continue }
            let now = clock.now
            try await journal.writer.write { database in
                for birth in births where try OutgoingText.find(birth.uid, database) == nil {
                    _ = try OutgoingText.insert(birth, now: now, database)
                    try HeldTexts.hold(birth.uid, now: now, database)
                }
            }
            mayHaveRows = true
        }
    }

    /// One round trip; false when there was nothing to do.
    private func exchange(with storage: StorageRoster.Served) async throws -> Bool {
        let now = clock.monotonicMilliseconds
        let (marked, outcomes) = try journal.read { database in
            (
                try StorageMarks.current(database),
                try database.all(
                    """
                    SELECT * FROM outbound WHERE stored < revision AND storage_id IS NOT NULL AND storage = ?
                        ORDER BY seq LIMIT ?
                    """, [storage.id, Self.batch]
                ) { Ended(outcome: .init(outbound: $0), uid: $0["uid"], revision: $0["revision"]) }
            )
        }
        // Another one has taken its place.
        guard marked == storage.id else { return true }
        let finished = outcomes.map(\.outcome) + refused
        starting.removeAll { $0.leaseEnds <= now }
        // An outcome may free the next row of its recipient, also while there is no room for it.
        if !finished.isEmpty { mayHaveRows = true }
        let want = claims && mayHaveRows ? max(0, min(await outbound.appetite - starting.count, Self.batch)) : 0
        if finished.isEmpty, starting.isEmpty, want == 0 { return false }

        let claims = starting
        let begins = claims.map { ExchangeRequest.Start(storageID: $0.row.storageID ?? 0, uid: $0.uid) }
        if want > 0 { mayHaveRows = false }
        let reply: ExchangeReply
        if want > 0 { CrashPoint.reached("before claim") }
        if !claims.isEmpty { CrashPoint.reached("before begin") }
        do {
            reply = try await storage.handle.exchange(
                ExchangeRequest(
                    gateway: owner, finished: finished, starting: begins, want: Int32(want),
                    leaseMilliseconds: policy.leaseMilliseconds, maxAgeMilliseconds: policy.maxAgeMilliseconds))
        } catch {
            mayHaveRows = mayHaveRows || want > 0
            // What was claimed nobody knows: let go of it, or it waits for the end of its lease.
            mayHaveClaimed = want > 0
            throw error
        }
        if !reply.claimed.isEmpty { CrashPoint.reached("after claim") }
        if !claims.isEmpty { CrashPoint.reached("after begin") }
        state.succeeded()
        refused = []
        starting.removeFirst(claims.count)
        try await settle(outcomes, in: storage.id)
        if !outcomes.isEmpty { CrashPoint.reached("outcome carried") }
        let ours = zip(claims, reply.started).filter(\.1).map(\.0)
        if ours.count < claims.count {
            let held = zip(claims, reply.started).filter { !$1 && $0.leaseEnds > clock.monotonicMilliseconds }
            await others?.lost(held.compactMap(\.0.row.storageID), in: storage.id)
        }
        let births = ours.map { birth(of: $0.row, in: storage.id, uid: $0.uid, phone: $0.phone) }
        let begun = try await take(births, again: true)
        if !begun.isEmpty { CrashPoint.reached("begun row journaled") }
        await outbound.add(begun)
        let known = try sentAlready(reply.claimed)
        for row in reply.claimed {
            if let id = row.storageID, known.contains(id) {
                hold(row, id)
            } else {
                await admit(row, leaseEnds: now + clock.span(ofStorage: policy.leaseMilliseconds))
                foreignReplies.look(at: row, policy.number(row.phone)?.text)
            }
        }
        #if CONDUCTOR_TORTURE
            if !Safeguard.begin.isOn {
                await outbound.add(
                    try await take(
                        starting.map { birth(of: $0.row, in: storage.id, uid: $0.uid, phone: $0.phone) },
                        again: false))
            }
        #endif
        if reply.claimed.count >= want, want > 0 { mayHaveRows = true }
        if reply.nextDueMilliseconds >= 0 {
            come(due: clock.monotonicMilliseconds + reply.nextDueMilliseconds)
        }
        return true
    }

    /// How a text of this storage stands, and the revision that it has then.
    private struct Ended {
        let outcome: ExchangeRequest.Outcome
        let uid: String
        let revision: Int64
    }

    /// Storage has these outcomes now.
    private func settle(_ outcomes: [Ended], in storage: Int64) async throws {
        let stored = outcomes.map { ($0.uid, $0.revision) }
        if stored.isEmpty { return }
        try await journal.writer.write { database in
            for (uid, revision) in stored {
                try StorageMarks.set(.outbound, uid, revision, in: storage, database)
            }
        }
    }

    /// Rows that this journal has sent and that are queued again, as nobody asked for: an older table was put back.
    private func sentAlready(_ rows: [Message]) throws -> Set<Int64> {
        #if CONDUCTOR_TORTURE
            // A second line behind `begin`: with both, a kill alone never shows why the first is there.
            if !Safeguard.begin.isOn { return [] }
        #endif
        let fresh = rows.filter { $0.uid == nil }
        if fresh.isEmpty { return [] }
        return try journal.read { database in
            try Set(
                fresh.compactMap { row in
                    guard let id = row.storageID, let number = policy.number(row.phone) else { return nil }
                    return try HeldTexts.alreadySent(row, id, phone: number.text, database) ? id : nil
                })
        }
    }

    /// The row waits for a person; storage is told with the next exchange.
    private func hold(_ row: Message, _ id: Int64) {
        refused.append(
            ExchangeRequest.Outcome(
                uid: nil, storageID: id, status: .queued, deliveryStatus: .held, errorCode: HeldTexts.code,
                errorMessage: HeldTexts.reason(since: nil), notBefore: row.notBefore))
    }

    /// Policy, before anything is begun: a row that can never be sent is failed with its reason (decision 11).
    /// One that may go later stays `queued` with its `not_before`.
    private func admit(_ row: Message, leaseEnds: Int64) async {
        guard let id = row.storageID else { return }
        let phone = policy.number(row.phone)?.text ?? row.phone
        let reason: (code: String, sentence: String)
        switch bound(await outbound.prospect(of: row, phone: phone), row, id) {
        case .allow:
            starting.append(
                Claim(row: row, uid: row.uid ?? UID.make(at: clock.now), phone: phone, leaseEnds: leaseEnds))
            return
        case .later(let until, let hold, let sentence):
            refused.append(
                ExchangeRequest.Outcome(
                    uid: nil, storageID: id, status: .queued, errorCode: hold.rawValue, errorMessage: sentence,
                    notBefore: until))
            if !hold.isWait { tell("message.delayed", of: row, "waiting", hold.rawValue, sentence) }
            return
        case .never(code: "invalid-number", _):
            reason = (
                "invalid-number", "phone_number is not a number that a text can be sent to; write it as +16195550123"
            )
        case .never(let code, let sentence): reason = (code, sentence)
        }
        refused.append(
            ExchangeRequest.Outcome(
                uid: nil, storageID: id, status: .failed,
                deliveryStatus: OutgoingText.State.failed.deliveryStatus(errorCode: reason.code),
                errorCode: reason.code, errorMessage: reason.sentence))
        tell("message.failed", of: row, "failed", reason.code, reason.sentence)
    }

    /// What policy says, and that a row which it has kept back for too long fails.
    ///
    /// A row says itself that policy keeps it back, but not since when: that this run knows, or else it was when it was
    /// written. What it was planned for, or put back at, is a moment of its own only as long as policy did not touch it.
    private func bound(_ verdict: Verdict, _ row: Message, _ id: Int64) -> Verdict {
        guard case .later(let until, _, let sentence) = verdict else {
            holds[id] = nil
            return verdict
        }
        let wasHeld = row.errorCode.flatMap(Verdict.Hold.init(rawValue:)) != nil
        let since =
            wasHeld ? holds[id]?.since ?? row.timestamp : max(row.timestamp, row.notBefore ?? row.timestamp)
        if let longest = policy.maxWaitMilliseconds, until.milliseconds - since.milliseconds > longest {
            holds[id] = nil
            return .never(code: "expired", sentence: "\(sentence); that is longer than max_wait allows")
        }
        holds[id] = Hold(since: since, until: until)
        return verdict
    }

    private func tell(_ kind: String, of row: Message, _ state: String, _ code: String, _ sentence: String) {
        guard let id = row.storageID else { return }
        var json = EventJSON()
        json.add("storage_id", id)
        json.add("phone", row.phone)
        json.add("state", state)
        json.add("error_code", code)
        json.add("error_message", sentence)
        events.emit(kind, json.text)
    }

    private func birth(of row: Message, in storage: Int64, uid: String, phone: String) -> OutgoingText.Birth {
        OutgoingText.Birth(
            uid: uid, storageID: row.storageID, origin: "table", purpose: .conversation, phone: phone,
            content: row.content, sim: row.sim, notBefore: nil, answers: nil, idempotencyKey: nil,
            createdAt: row.timestamp, storage: storage)
    }

    /// Writes begun rows into the journal. One that it has already and that had failed is sent again: a person, or the
    /// program that owns the table, put it back into the queue. One that has left, or may have, is not: its row gets its
    /// true end once more.
    ///
    /// - Parameter again: they were queued; else they are those of which storage says that we send them, and only the
    ///   journal tells whether storage knew their end.
    private func take(_ births: [OutgoingText.Birth], again: Bool) async throws -> [OutgoingText] {
        if births.isEmpty { return [] }
        let now = clock.now
        let (texts, left) = try await journal.writer.write { database in
            var texts: [OutgoingText] = []
            var left: [OutgoingText] = []
            for birth in births {
                guard let known = try database.first("SELECT * FROM outbound WHERE uid = ?", [birth.uid]) else {
                    texts.append(try OutgoingText.insert(birth, now: now, database))
                    continue
                }
                let text = OutgoingText(row: known)
                let wasTold = (known["stored"] as Int64) >= (known["revision"] as Int64)
                // It goes on; or its end is about to be carried to storage.
                if text.state == .waiting || text.state == .sending || !(again || wasTold) { continue }
                if let text = try OutgoingText.requeue(birth.uid, from: [.failed, .undelivered], now: now, database) {
                    texts.append(text)
                    continue
                }
                try database.run("UPDATE outbound SET revision = revision + 1 WHERE uid = ?", [birth.uid])
                try OutgoingText.note(birth.uid, Self.repeated, now: now, database)
                left.append(text)
            }
            return (texts, left)
        }
        for text in left {
            events.emit(
                "message.repeated", text.json(sim: text.simWanted, state: text.state.rawValue, error: Self.repeated))
        }
        if !left.isEmpty { wake() }
        return texts
    }

    private static let repeated =
        "another program queued its row again; it has left, or may have, and is not sent once more: a new row is a new text"
}
