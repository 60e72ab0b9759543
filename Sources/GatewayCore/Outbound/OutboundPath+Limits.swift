internal import ModemKit
internal import PluginKit

/// What an alarm of a limit is about.
struct LimitAlarm: Sendable, Hashable {
    /// As `limit.plugin`.
    var kind: String
    var subject: String
}

/// Policy's part of the way out: its word when a text is chosen, and what follows from it.
extension OutboundPath {
    /// How long a SIM leaves a text to another one that has room for it.
    private static let letMilliseconds: Int64 = 200

    /// Whether the SIM may send anything just now.
    func isFree(_ sim: String) -> Bool {
        guard pauses[sim] == nil else { return false }
        return !tally.isOn || tally.room(sim, monotonic: clock.monotonicMilliseconds) > 0
    }

    // MARK: The verdict

    /// Asks policy for every text alike, whoever wants it sent; nil when it does not go now.
    ///
    /// - Parameters:
    ///   - parts: those that the network does not have.
    ///   - isBegun: the network has others.
    func grant(_ text: OutgoingText, parts: Int, isBegun: Bool, by modem: ModemID) -> SendingTally.Grant? {
        let now = look()
        guard let sim = lanes[modem]?.sim else {
            queue.putBack(text, now: now)
            return nil
        }
        do {
            try beginDay(now: now)
            let verdict = try journal.glance { try rules.verdict(on: text, isBegun: isBegun, now: now, $0) }
            guard verdict == .allow else {
                obey(verdict, text)
                return nil
            }
        } catch {
            // The journal cannot be read; its own alarm stands.
            var text = text
            text.notBefore = Timestamp(milliseconds: now.milliseconds + 1_000)
            queue.retry(text, now: now, isWait: true)
            return nil
        }
        switch tally.ask(
            text, parts: parts, isBegun: isBegun, sim: sim, now: now, monotonic: clock.monotonicMilliseconds)
        {
        case .granted(let grant): return grant
        case .simIsFull(let wait): standBack(text, parts: parts, wait: wait, from: modem, sim: sim, now: now)
        case .later(let verdict): obey(verdict, text)
        }
        return nil
    }

    /// The text does not fit into what its SIM may still send. Another SIM takes it where one has room; else shorter texts
    /// to others go past it, once: after that the SIM keeps its room for it.
    private func standBack(
        _ text: OutgoingText, parts: Int, wait: Int64, from modem: ModemID, sim: String, now: Timestamp
    ) {
        let monotonic = clock.monotonicMilliseconds
        var text = text
        var soonest = soonest(for: text, parts, (sim, wait), now: now, monotonic: monotonic)
        if soonest.wait > Self.patienceMilliseconds, text.simWanted == nil, !text.takesAnySIM {
            text.takesAnySIM = true
            soonest = self.soonest(for: text, parts, soonest, now: now, monotonic: monotonic)
        }
        let until = Timestamp(milliseconds: now.milliseconds + soonest.wait)
        if soonest.wait == 0 {
            lanes[modem]?.reservedUntil = monotonic + Self.letMilliseconds
            queue.putBack(text, now: now)
            return wake()
        }
        // Nobody waits for a day without a word.
        if soonest.wait > SlidingCount.span {
            let whose = text.simWanted == nil ? "no SIM has" : "SIM \(sim) does not have"
            let size = parts == 1 ? "it" : "its \(parts) parts"
            return keep(
                text, until: until, .simDay,
                "\(whose) room for \(size) within its limits of today: it waits until \(until)", now: now)
        }
        if text.hasStoodBack {
            for modem in lanes.keys where lanes[modem]?.sim == soonest.sim {
                lanes[modem]?.reservedUntil = monotonic + soonest.wait
            }
            if soonest.sim == sim { return queue.putBack(text, now: now) }
        }
        text.hasStoodBack = true
        text.notBefore = until
        queue.retry(text, now: now, isWait: true)
    }

    /// The SIM that has room for the text first, of those that suit it.
    private func soonest(
        for text: OutgoingText, _ parts: Int, _ known: (sim: String, wait: Int64), now: Timestamp, monotonic: Int64
    ) -> (sim: String, wait: Int64) {
        let others = lanes.values.filter { $0.restsUntil != .max && pauses[$0.sim] == nil && suits($0, text) }
        return Set(others.map(\.sim)).subtracting([known.sim]).sorted().reduce(known) { best, sim in
            let wait = tally.wait(for: parts, to: text.phone, by: sim, now: now, monotonic: monotonic)
            return wait < best.wait ? (sim, wait) : best
        }
    }

    /// Does what policy says of a text that may not go now.
    func obey(_ verdict: Verdict, _ text: OutgoingText) {
        let now = look()
        switch verdict {
        case .allow: return queue.retry(text, now: now)
        case .never(let code, let sentence): return fail(text, code: code, sentence)
        case .later(let until, let hold, let sentence): keep(text, until: until, hold, sentence, now: now)
        }
    }

    /// The text stays queued, and says why.
    private func keep(
        _ text: OutgoingText, until: Timestamp, _ hold: Verdict.Hold, _ sentence: String, now: Timestamp
    ) {
        var text = text
        let since = text.heldSince ?? now
        if let longest = policy.maxWaitMilliseconds, until.milliseconds - since.milliseconds > longest {
            return fail(text, code: "expired", "\(sentence); that is longer than max_wait allows")
        }
        raise(hold, text, sentence, until: until)
        text.heldSince = since
        text.notBefore = until
        journal.writer.record { [text] database in
            try database.run(
                """
                UPDATE outbound SET state = 'waiting', not_before = ?, error_code = ?, error_message = ?, held_since = ?,
                    revision = revision + NOT \(StorageMarks.isClaimedHere) WHERE uid = ? AND state IN ('waiting', 'sending')
                """, [until.milliseconds, hold.rawValue, sentence, since.milliseconds, text.uid])
        } after: { [events, onOutcome, text] in
            guard !hold.isWait else { return }
            events.emit(
                "message.delayed",
                text.json(sim: text.simWanted, state: "waiting", errorCode: hold.rawValue, error: sentence))
            onOutcome()
        }
        if hold.isWait {
            queue.retry(text, now: now, isWait: true)
        } else {
            queue.postpone(text, until: until, now: now)
        }
    }

    /// What policy would say of a row of storage before it is begun: such a row waits where it is.
    func prospect(of row: Message, phone: String) -> Verdict {
        let now = look()
        let text = OutgoingText(
            seq: 0, uid: row.uid ?? "", storageID: row.storageID, origin: "table", purpose: .conversation, phone: phone,
            content: row.content, simWanted: nil, createdAt: now, notBefore: nil, state: .waiting, attempts: 0)
        do {
            try beginDay(now: now)
            let verdict = try journal.glance { try rules.verdict(on: text, isBegun: false, now: now, $0) }
            guard verdict == .allow, tally.isOn else { return verdict }
        } catch {
            return .allow
        }
        let limited =
            tally.verdict(phone: phone, plugin: nil, now: now, monotonic: clock.monotonicMilliseconds)
            ?? tally.overBudget(1)
        if case .later(let until, let hold, let sentence) = limited { raise(hold, text, sentence, until: until) }
        return limited ?? .allow
    }

    // MARK: Days and alarms

    /// What an earlier run sent counts, and who was paused is paused.
    func recoverLimits(now: Timestamp) throws {
        for pause in try journal.read({ try SIMPause.all($0) }) { note(pause) }
        if tally.isOn { try fill(ShopDay(of: now, in: rules.zone), now: now) }
    }

    /// A new day has new counts; so has the right one, when the clock was wrong.
    private func beginDay(now: Timestamp) throws {
        guard tally.isOn, !tally.day.contains(now) else { return }
        try fill(ShopDay(of: now, in: rules.zone), now: now)
    }

    private func fill(_ day: ShopDay, now: Timestamp) throws {
        let since = Timestamp(milliseconds: min(day.start.milliseconds, now.milliseconds - SlidingCount.span))
        try tally.fill(day, now: now, monotonic: clock.monotonicMilliseconds) { add in
            try journal.read { try PastParts.each(since: since, $0, add) }
        }
    }

    private func raise(_ hold: Verdict.Hold, _ text: OutgoingText, _ sentence: String, until: Timestamp) {
        let see = "see `conductor messages show \(text.uid)`"
        switch hold {
        // The SIM's own alarm stands when it is full, and another SIM may come.
        case .window, .simDay: return
        case .recipientMinute, .recipientDay:
            raise(
                LimitAlarm(kind: "limit.recipient", subject: text.phone),
                "so many texts go to one number that they are kept back until \(until): \(see)", until: until)
        case .pluginMinute, .pluginDay:
            let plugin = SendingTally.plugin(of: text.origin) ?? text.origin
            raise(LimitAlarm(kind: "limit.plugin", subject: plugin), sentence, until: until)
        case .budget: raise(LimitAlarm(kind: "budget", subject: ""), sentence, until: until)
        }
    }

    private func raise(_ alarm: LimitAlarm, _ sentence: String, until: Timestamp) {
        limitAlarms[alarm] = until
        alarms.raise(alarm.kind, subject: alarm.subject, sentence)
    }

    /// Once a second at least: days that begin, limits that are reached or free again, texts that no longer arrive.
    func lookAtLimits(now: Timestamp) {
        for (alarm, until) in limitAlarms where until <= now || alarm.kind == "limit.sim" {
            guard alarm.kind != "limit.sim" || isOver(alarm.subject) else { continue }
            limitAlarms[alarm] = nil
            alarms.clear(alarm.kind, subject: alarm.subject)
        }
        lookAtShare(now: now)
        guard tally.isOn else { return }
        do { try beginDay(now: now) } catch { return }
        for lane in lanes.values {
            guard let sentence = fullDay(lane.sim) else { continue }
            raise(LimitAlarm(kind: "limit.sim", subject: lane.sim), sentence, until: tally.day.end)
        }
        guard let limit = tally.budget.perDay else { return }
        // Those that wait may have been put off by an earlier run.
        if tally.spent >= limit {
            raise(
                LimitAlarm(kind: "budget", subject: ""),
                "the budget of \(limit) parts a day is used up: what else is to be sent waits until \(tally.day.end)",
                until: tally.day.end)
        } else if tally.spent * 100 >= limit * tally.budget.alarmAt {
            raise(
                LimitAlarm(kind: "budget.low", subject: ""),
                "\(tally.spent) of the budget of \(limit) parts a day are used", until: tally.day.end)
        }
    }

    private func isOver(_ sim: String) -> Bool { fullDay(sim) == nil }

    /// Which limit of a day the SIM has reached; nil when none.
    func fullDay(_ sim: String) -> String? {
        let use = tally.use(of: sim, monotonic: clock.monotonicMilliseconds)
        let until = "until \(tally.day.end)"
        if let limit = tally.limits.sim.perDay, use.day >= limit {
            return "SIM \(sim) has sent its \(limit) parts of today: nothing leaves from it \(until)"
        }
        if let limit = tally.limits.sim.recipientsPerDay, use.recipients >= limit {
            return "SIM \(sim) has written to its \(limit) numbers of today: it writes to no other \(until)"
        }
        return nil
    }

    // MARK: Texts that no longer arrive

    static let shareMilliseconds: Int64 = 60_000

    private func lookAtShare(now: Timestamp) {
        let monotonic = clock.monotonicMilliseconds
        guard policy.deliveredShare.least != nil, monotonic >= shareAt else { return }
        shareAt = monotonic + Self.shareMilliseconds
        for sim in Set(lanes.values.map(\.sim)) where pauses[sim] == nil {
            guard
                let reason = try? journal.read({
                    try SIMPause.finding(for: sim, share: policy.deliveredShare, now: now, $0)
                })
            else { continue }
            let pause = SIMPause(sim: sim, since: now, reason: reason)
            journal.writer.record { try pause.save($0) }
            note(pause)
        }
    }

    private func note(_ pause: SIMPause) {
        pauses[pause.sim] = pause
        alarms.raise(
            "sim.paused", subject: pause.sim,
            "nothing is sent from SIM \(pause.sim): \(pause.reason). Look whether its operator filters your texts; "
                + "`conductor modems resume \(pause.sim)` goes on")
    }

    /// A person says that the SIM may send again; false when it was not paused.
    func resume(_ sim: String) async throws -> Bool {
        guard pauses[sim] != nil else { return false }
        let now = look()
        try await journal.writer.write { try SIMPause.end(sim, now: now, $0) }
        pauses[sim] = nil
        alarms.clear("sim.paused", subject: sim)
        wake()
        return true
    }

    // MARK: Showing

    /// How far each SIM is in its limits.
    var limitUse: [LimitUse] {
        Set(lanes.values.map(\.sim)).union(pauses.keys).sorted().map { sim in
            let use = tally.use(of: sim, monotonic: clock.monotonicMilliseconds)
            return LimitUse(
                sim: sim, minute: use.minute, perMinute: tally.limits.sim.perMinute, day: use.day,
                perDay: tally.limits.sim.perDay, recipients: use.recipients,
                recipientsPerDay: tally.limits.sim.recipientsPerDay, paused: pauses[sim]?.reason)
        }
    }

    /// Parts of today, and the budget for them; nil without one.
    var budgetUse: BudgetUse? { tally.budget.perDay.map { BudgetUse(spent: tally.spent, perDay: $0) } }

    /// Other gateways choose from the same storage, or none does any more: what a modem cannot send soon is left to them.
    func share(withOthers isShared: Bool) {
        self.isShared = isShared
    }

    /// Why a text that waits its turn does not get it: all SIMs that might send it may not. Nil when one may.
    func obstacle(to text: OutgoingText) -> String? {
        let sims = Set(lanes.values.map(\.sim)).filter { text.answers != nil || text.simWanted ?? $0 == $0 }
        guard !sims.isEmpty else { return "no modem is ready that may send it" }
        var reasons: [String] = []
        for sim in sims.sorted() {
            if let pause = pauses[sim] {
                reasons.append("SIM \(sim) is paused: \(pause.reason)")
            } else if !isFree(sim) {
                reasons.append(fullDay(sim) ?? "SIM \(sim) has reached its limit of a minute")
            } else if let only = tally.onlyRecipients(sim), !only.contains(text.phone) {
                reasons.append(fullDay(sim) ?? "")
            } else {
                return nil
            }
        }
        return "waits: " + reasons.joined(separator: "; ")
    }
}
