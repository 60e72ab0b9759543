internal import FaultPoints
internal import GRDB
internal import Logging
internal import ModemKit
internal import PluginKit
internal import SMSCodec
internal import Synchronization

/// The way out: a text in the journal → its turn → policy's verdict → policy once more and intent committed → the PDU →
/// outcome.
///
/// A part is on the wire only after its intent is on the disk, and it is never written twice: whoever comes after a
/// crash finds the intent, and an intent without outcome is `unknown` (decision 4). The outcome of one part and the
/// intent of the next share a commit where they can.
actor OutboundPath {
    /// For `/metrics`.
    nonisolated let durations = SendDurations()
    let journal: Journal
    let policy: Policy
    private let radio: any Radio
    let events: EventHub
    let alarms: Alarms
    let clock: any GatewayClock
    let logger: Logger
    /// Called when an outcome is durable that storage should know.
    let onOutcome: @Sendable () -> Void

    let rules: SendingRules
    var queue: OutboundQueue
    var lanes: [ModemID: Lane] = [:]
    /// Parts that each SIM was given in this run.
    var loads: [String: Int] = [:]
    /// When a modem that is preferred for numbers that begin so left last; monotonic milliseconds.
    var preferredSeen: [String: Int64] = [:]
    let startedAt: Int64
    var tally: SendingTally
    /// SIMs that nothing is sent from until a person says so.
    var pauses: [String: SIMPause] = [:]
    /// Alarms of limits that stand, and when they end by themselves.
    var limitAlarms: [LimitAlarm: Timestamp] = [:]
    /// When the delivered share is looked at again; monotonic milliseconds.
    var shareAt: Int64 = 0
    /// Numbers of the parts that were accepted in this run; the journal may not have them yet.
    var acceptedParts: [String: Set<Int>] = [:]
    /// Texts of which a report has told that came before their outcome.
    let early = Mutex<[ReportedText]>([])
    private let wakes = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    private(set) var isDraining = false
    /// How far the wall clock is before the monotonic one, in milliseconds, when it was last looked at.
    private var wallClockLead: Int64?

    init(
        journal: Journal, policy: Policy, radio: any Radio, events: EventHub, alarms: Alarms, clock: any GatewayClock,
        logger: Logger, onOutcome: @escaping @Sendable () -> Void
    ) {
        self.journal = journal
        self.policy = policy
        self.radio = radio
        self.events = events
        self.alarms = alarms
        self.clock = clock
        self.logger = logger
        self.onOutcome = onOutcome
        rules = SendingRules(policy: policy)
        queue = OutboundQueue(preferences: policy.preferences)
        startedAt = clock.monotonicMilliseconds
        tally = SendingTally(policy: policy, day: ShopDay(of: clock.now, in: rules.zone))
    }

    // MARK: 0. After a start

    /// Takes up what an earlier run left: intents without outcome become unknown, the rest goes on.
    func recover() async throws {
        let now = look()
        let askAt = now.milliseconds + policy.reportMilliseconds
        let retryAt = now.milliseconds + policy.retry.longestMilliseconds * 12 / 10
        let lead = now.milliseconds - clock.monotonicMilliseconds
        let texts = try await journal.writer.write { database in
            try WallClock.look(lead: lead, database)
            for part in try database.all("SELECT * FROM part WHERE state = 'intent'") {
                _ = try Self.markUnknown(
                    part["uid"], part["number"], phone: part["phone"], sim: part["sim"],
                    reason: "the gateway stopped before the modem had answered", askAt: askAt, now: now, database)
            }
            let (open, all) = (OutgoingText.openIndex, OutgoingText.isOpen)
            try database.run("UPDATE \(open) SET state = 'waiting' WHERE \(all) AND state = 'sending'")
            // The wall clock may have been set back meanwhile: no wait is longer than if it began now.
            try database.run(
                "UPDATE \(open) SET ask_at = ? WHERE \(all) AND state = 'unknown' AND ask_at > ?", [askAt, askAt])
            // What policy kept back is asked about again: its rules may be others now.
            try database.run(
                """
                UPDATE \(open) SET not_before = NULL
                WHERE \(all) AND state = 'waiting' AND error_code IN (\(Verdict.Hold.list))
                """)
            try database.run(
                """
                UPDATE \(open) SET not_before = ?
                WHERE \(all) AND state = 'waiting' AND error_code IS NOT NULL AND not_before > ?
                """, [retryAt, retryAt])
            return try OutgoingText.open(database)
        }
        // Those that an earlier run has asked about already; the ones that were put back have an alarm of their own.
        let asked = try journal.read { try OutgoingText.asked($0) }
        try recoverLimits(now: now)
        CrashPoint.reached("recovered")
        for text in texts {
            if text.state == .unknown {
                if text.askAt != nil { queue.addHeld(text) }
                if asked.contains(text.uid) {
                    alarms.raise("message.unknown", subject: text.uid, Self.question(about: text.uid))
                }
            } else {
                queue.add(text, now: now)
            }
        }
    }

    // MARK: 1. In the queue

    /// Texts that are in the journal and shall be sent.
    func add(_ texts: [OutgoingText]) {
        let now = look()
        for text in texts {
            acceptedParts[text.uid] = nil
            queue.add(text, now: now)
        }
        wake()
        if policy.content.warns { texts.forEach(warn) }
    }

    /// A settled text that a person sends again; parts that the network has stay sent.
    func again(_ text: OutgoingText) {
        // What the journal has of it is all that counts: a part that did not arrive is not there any more.
        acceptedParts[text.uid] = nil
        if queue.isHeld(text) {
            queue.retry(text, now: look())
        } else if !queue.revive(text) {
            queue.add(text, now: look())
        }
        wake()
    }

    /// Delivery reports changed these texts.
    func reported(_ reports: [ReportedText]) {
        let now = look()
        for report in reports {
            alarms.clear("message.unknown", subject: report.text.uid)
            guard queue.isHeld(report.text), report.text.askAt != nil else {
                // Its deadline had passed and it was let go: its remaining parts follow all the same. Was it to be sent
                // again, that is not needed any more; one on a lane goes on, as its journal has it.
                if report.text.state == .waiting {
                    if !queue.revive(report.text) { queue.add(report.text, now: now) }
                } else if !queue.isHeld(report.text) {
                    queue.withdraw(report.text, now: now)
                }
                continue
            }
            if report.text.state == .waiting {
                queue.retry(report.text, now: now)
            } else {
                forget(report.text)
            }
        }
        if !reports.isEmpty {
            onOutcome()
            wake()
        }
    }

    /// These texts are erased with their recipient: the journal has them no more.
    func forget(_ uids: Set<String>, of phone: String) {
        queue.forget(uids, of: phone, now: look())
        for uid in uids {
            acceptedParts[uid] = nil
            alarms.clear("message.unknown", subject: uid)
        }
        wake()
    }

    /// A person took it back.
    func cancelled(_ text: OutgoingText) {
        queue.withdraw(text, now: look())
        onOutcome()
        wake()
    }

    /// A modem came, changed or went.
    func changed(_ modem: ModemSnapshot) {
        if modem.state == .ready, let sim = modem.sim {
            if lanes[modem.id] == nil { lanes[modem.id] = Lane(sim: sim.rawValue) }
            lanes[modem.id]?.sim = sim.rawValue
            lanes[modem.id]?.preferFor = modem.preferFor
            lanes[modem.id]?.restsUntil = 0
        } else if lanes[modem.id]?.isBusy == false {
            miss(lanes[modem.id])
            lanes[modem.id] = nil
        } else {
            if lanes[modem.id]?.restsUntil != .max { miss(lanes[modem.id]) }
            // The lane ends by itself when the modem says what became of the part that is on its way.
            lanes[modem.id]?.restsUntil = .max
        }
        wake()
    }

    /// How many more texts from storage are worth claiming now: no more than may leave, so that the others stay where
    /// other gateways may take them, and where people see that they wait.
    var appetite: Int {
        guard !isDraining else { return 0 }
        let ready = lanes.values.filter { $0.restsUntil != .max && isFree($0.sim) }
        let monotonic = clock.monotonicMilliseconds
        var room = ready.reduce(0) { sum, lane in
            sum + (tally.isOn ? min(Self.supply, tally.room(lane.sim, monotonic: monotonic)) : Self.supply)
        }
        // Once it is used up, the others are told why they wait.
        if let limit = tally.budget.perDay, tally.spent < limit { room = min(room, limit - tally.spent) }
        let most = min(ready.count * Self.supply - queue.claimed, room - queue.waiting - queue.delayed)
        return max(0, isShared ? min(most, ready.count * Self.share - queue.waiting) : most)
    }

    /// Texts from storage that one modem has before it, at most; and where another gateway may have a modem for them.
    private static let (supply, share) = (128, 16)
    /// Whether other gateways choose from the same storage.
    var isShared = false

    /// Whether every ready modem has enough to do for some exchanges with storage.
    var isSupplied: Bool { queue.waiting >= lanes.count * (isShared ? Self.share : Self.supply) / 4 }

    var counts: [String: Int] {
        let onLanes = lanes.values.filter(\.isBusy).count
        return [
            "waiting": queue.waiting, "sending": onLanes, "retrying": queue.delayed,
            "planned": queue.planned,
            "held_back": max(0, queue.count - queue.waiting - queue.delayed - queue.planned - onLanes),
        ]
    }

    nonisolated func wake() {
        wakes.continuation.yield()
    }

    // MARK: 2. Its turn

    /// Serves until `drain`.
    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.keepTime() }
            for await _ in wakes.stream {
                let early = self.early.withLock { early in
                    defer { early = [] }
                    return early
                }
                if !early.isEmpty { reported(early) }
                queue.release(now: look())
                guard queue.isOffering else { continue }
                for modem in idle() where queue.isOffering {
                    guard let text = takeNext(for: modem) else { continue }
                    lanes[modem]?.isBusy = true
                    group.addTask { await self.serve(modem, first: text) }
                }
            }
            group.cancelAll()
        }
    }

    /// No new text begins; those on their way end.
    func drain() {
        isDraining = true
        wakes.continuation.finish()
    }

    /// Brings back delayed texts and rested lanes when their time comes, and asks a person about the unknown.
    private func keepTime() async {
        while !Task.isCancelled {
            await expireUnknown(now: look())
            let now = look()
            queue.release(now: now)
            lookAtLimits(now: now)
            wake()
            let due = queue.nextDue.map { $0.milliseconds - now.milliseconds } ?? 1_000
            do {
                try await clock.sleep(milliseconds: min(max(due, 5), 1_000))
            } catch { return }
        }
    }

    /// What the wall clock says. It may be set at any time, by hours: no wait becomes longer or shorter by that.
    func look() -> Timestamp {
        let now = clock.now
        let lead = now.milliseconds - clock.monotonicMilliseconds
        defer { wallClockLead = lead }
        if let before = wallClockLead, abs(lead - before) >= WallClock.leewayMilliseconds {
            queue.wallClockJumped(by: lead - before)
            journal.writer.record { try WallClock.look(lead: lead, $0) }
        }
        return now
    }

    private func serve(_ modem: ModemID, first: OutgoingText) async {
        var next: OutgoingText? = first
        while let text = next {
            await send(text, by: modem)
            next = takeNext(for: modem)
        }
        if lanes[modem]?.restsUntil == .max {
            lanes[modem] = nil
        } else {
            lanes[modem]?.isBusy = false
        }
        // What was added between the last look and now.
        wake()
    }

    // MARK: 3. Part by part

    private func send(_ text: OutgoingText, by modem: ModemID) async {
        guard let sim = lanes[modem]?.sim, let number = policy.number(text.phone) else {
            return fail(text, code: "invalid-number", "the number is not one that a text can be sent to")
        }
        let tables = text.tables ?? policy.tables
        let parts: [UserData]
        do {
            parts = try Segmentation.split(
                text.content, reference: UInt16(truncatingIfNeeded: text.seq & 0xFF), tables: tables
            ).parts
        } catch {
            return fail(text, code: "invalid-text", "\(error)")
        }
        guard let accepted = accepted(of: text, total: parts.count) else {
            var text = text
            let now = look()
            text.notBefore = Timestamp(milliseconds: now.milliseconds + 1_000)
            return queue.retry(text, now: now, isWait: true)
        }
        let missing = parts.indices.filter { !accepted.contains($0 + 1) }
        guard let last = missing.last else { return end(text) }
        let left = missing.count
        // One that a person has put back is a new decision, though parts of it had left before.
        let isBegun = !accepted.isEmpty && (text.attempts > 0 || acceptedParts[text.uid] != nil)
        guard let grant = grant(text, parts: left, isBegun: isBegun, by: modem) else { return }
        var used = 0
        defer { tally.giveBack(grant, parts: left - used, wasUsed: used > 0) }
        for index in missing {
            let submit = Submit(
                reference: 0, recipient: Address(number: number.text), requestReport: true, validity: nil,
                messageClass: text.isFlash ? 0 : nil, userData: parts[index])
            let part = PartOnItsWay(
                text: text, number: index + 1, of: parts.count, pdu: submit.encode(), modem: modem, sim: sim,
                intentAt: look(), tables: tables, isBegun: isBegun || used > 0, isLast: index == last)
            let permit = Permit()
            let outcome = await radio.submit(
                Submission(tpdu: part.pdu, moreFollow: !part.isLast), to: modem
            ) { [journal, rules] in
                try await permit.ask(part, journal, rules)
            }
            if outcome.mayHaveLeft {
                used += 1
                loads[sim, default: 0] += 1
            }
            guard settle(part, outcome, permit) else { return }
        }
    }

    /// Numbers of the parts that the network has: they are not sent again (B3). Nil when the journal cannot tell.
    private func accepted(of text: OutgoingText, total: Int) -> Set<Int>? {
        let known = acceptedParts[text.uid] ?? []
        if total == 1 { return known }
        let rows = try? journal.read { database in
            try database.all("SELECT number FROM part WHERE uid = ? AND state = 'accepted'", [text.uid])
                .map { $0["number"] as Int }
        }
        return rows.map(known.union)
    }
}
