internal import PluginKit

/// How much has left, for the limits: exact, since one way out alone asks it, and each grant is counted before the part
/// goes. What a text did not use is given back. Pure; after a start, and when a day begins, it is filled from the journal.
struct SendingTally: Sendable {
    /// What a text was granted.
    struct Grant: Sendable {
        fileprivate var id: Int
        fileprivate var phone: String
        fileprivate var plugin: String?
        fileprivate var sim: String
        /// Whether the text as such was counted, not only parts of it.
        fileprivate var isText: Bool
        fileprivate var day: ShopDay
    }

    enum Answer: Sendable {
        case granted(Grant)
        /// This SIM may not send it for so many milliseconds; another may.
        case simIsFull(wait: Int64)
        case later(Verdict)
    }

    /// What left earlier, as the journal has it.
    struct Past: Sendable {
        var sim: String
        var phone: String
        var origin: String
        var at: Timestamp
        /// The first part of its text.
        var isText: Bool
    }

    let limits: Limits
    let budget: Budget
    private(set) var day: ShopDay
    /// False: nothing is limited, so nothing is counted.
    let isOn: Bool

    private var simMinutes: [String: SlidingCount] = [:]
    private var simDays: [String: Int] = [:]
    /// Parts to each number, by SIM.
    private var simRecipients: [String: [String: Int]] = [:]
    private var recipientMinutes: [String: SlidingCount] = [:]
    private var recipientDays: [String: Int] = [:]
    private var pluginMinutes: [String: SlidingCount] = [:]
    private var pluginDays: [String: Int] = [:]
    /// Parts of all SIMs today.
    private(set) var spent = 0
    private var nextID = 0
    private var sweepAt: Int64 = 0

    init(policy: Policy, day: ShopDay) {
        limits = policy.limits
        budget = policy.budget
        self.day = day
        isOn = limits != .off || budget.perDay != nil
    }

    /// The plugin that a text is from; nil for people's and other programs'.
    static func plugin(of origin: String) -> String? {
        for kind in ["responder:", "plugin:"] where origin.hasPrefix(kind) {
            return String(origin.dropFirst(kind.count))
        }
        return nil
    }

    // MARK: Filling

    /// Begins a day anew, or this run, with what the journal has of it.
    ///
    /// - Parameter past: shows each part that left, oldest first.
    mutating func fill(
        _ day: ShopDay, now: Timestamp, monotonic: Int64, past: ((Past) -> Void) throws -> Void
    ) rethrows {
        var filled = self
        filled.day = day
        (filled.simDays, filled.simRecipients, filled.recipientDays, filled.pluginDays, filled.spent) =
            ([:], [:], [:], [:], 0)
        let isFirst = nextID == 0
        try past { part in
            filled.nextID += 1
            if day.contains(part.at) { filled.addToDay(part) }
            // A clock that was set back makes it no younger than now. Later in a run, minutes are known better.
            let age = max(0, now.milliseconds - part.at.milliseconds)
            if isFirst, age < SlidingCount.span { filled.addToMinute(part, at: monotonic - age) }
        }
        filled.nextID += 1
        self = filled
    }

    private mutating func addToDay(_ part: Past) {
        spent += 1
        simDays[part.sim, default: 0] += 1
        simRecipients[part.sim, default: [:]][part.phone, default: 0] += 1
        guard part.isText else { return }
        recipientDays[part.phone, default: 0] += 1
        if let plugin = Self.plugin(of: part.origin) { pluginDays[plugin, default: 0] += 1 }
    }

    private mutating func addToMinute(_ part: Past, at: Int64) {
        simMinutes[part.sim, default: SlidingCount()].add(1, id: nextID, at: at)
        guard part.isText else { return }
        recipientMinutes[part.phone, default: SlidingCount()].add(1, id: nextID, at: at)
        if let plugin = Self.plugin(of: part.origin) {
            pluginMinutes[plugin, default: SlidingCount()].add(1, id: nextID, at: at)
        }
    }

    // MARK: Asking

    /// Parts that the SIM may send now; for a text of one part, and as its limits are, `Int.max` where there is none.
    mutating func room(_ sim: String, monotonic: Int64) -> Int {
        simMinutes[sim]?.expire(monotonic)
        let minute = limits.sim.perMinute.map { $0 - (simMinutes[sim]?.total ?? 0) } ?? .max
        let day = limits.sim.perDay.map { $0 - simDays[sim, default: 0] } ?? .max
        return max(0, min(minute, day))
    }

    /// The only numbers that the SIM may still write to today; nil: any.
    func onlyRecipients(_ sim: String) -> Set<String>? {
        guard let limit = limits.sim.recipientsPerDay, let known = simRecipients[sim], known.count >= limit else {
            return nil
        }
        return Set(known.keys)
    }

    /// Whether a text may go now, and counts it if so.
    ///
    /// - Parameters:
    ///   - parts: those that it still needs.
    ///   - isBegun: the network has others of it: it counted as a text then, and is brought to its end.
    mutating func ask(
        _ text: OutgoingText, parts: Int, isBegun: Bool, sim: String, now: Timestamp, monotonic: Int64
    ) -> Answer {
        let plugin = Self.plugin(of: text.origin)
        var grant = Grant(id: nextID, phone: text.phone, plugin: plugin, sim: sim, isText: !isBegun, day: day)
        guard isOn else { return .granted(grant) }
        sweep(monotonic)
        // The one confirmation is owed to the person (decision 10); it counts for the SIM, as the network counts it.
        let isOwed = text.purpose == .consent
        grant.isText = !isBegun && !isOwed
        if !isOwed {
            let wait = wait(for: parts, to: text.phone, by: sim, now: now, monotonic: monotonic)
            if wait > 0 { return .simIsFull(wait: wait) }
        }
        if grant.isText, let verdict = verdict(phone: text.phone, plugin: plugin, now: now, monotonic: monotonic) {
            return .later(verdict)
        }
        if !isBegun, !isOwed, let verdict = overBudget(parts) { return .later(verdict) }
        count(grant, parts, monotonic)
        return .granted(grant)
    }

    /// What limits of recipient and plugin say of one more text; nil when it may go.
    mutating func verdict(phone: String, plugin: String?, now: Timestamp, monotonic: Int64) -> Verdict? {
        func wait(_ milliseconds: Int64, _ hold: Verdict.Hold, _ whose: String, _ limit: Int) -> Verdict {
            let span = hold.isWait ? "a minute" : "a day"
            let until = hold.isWait ? Timestamp(milliseconds: now.milliseconds + milliseconds) : day.end
            return .later(
                until: until, hold: hold,
                sentence: "\(whose) has reached its limit of \(limit) texts \(span): it waits until \(until)")
        }
        func full(
            _ minute: SlidingCount?, _ today: Int, _ rate: Limits.Rate, _ holds: (Verdict.Hold, Verdict.Hold),
            _ whose: String
        ) -> Verdict? {
            if let limit = rate.perDay, today >= limit { return wait(0, holds.1, whose, limit) }
            guard let limit = rate.perMinute, let minute else { return nil }
            let at = minute.freeAt(1, limit: limit, now: monotonic)
            return at > monotonic ? wait(at - monotonic, holds.0, whose, limit) : nil
        }
        recipientMinutes[phone]?.expire(monotonic)
        if let verdict = full(
            recipientMinutes[phone], recipientDays[phone, default: 0], limits.recipient,
            (.recipientMinute, .recipientDay), "its recipient")
        {
            return verdict
        }
        guard let plugin else { return nil }
        pluginMinutes[plugin]?.expire(monotonic)
        return full(
            pluginMinutes[plugin], pluginDays[plugin, default: 0], limits.plugin, (.pluginMinute, .pluginDay),
            "the plugin \(plugin)")
    }

    /// What the budget says of so many parts more; nil when they may go.
    func overBudget(_ parts: Int) -> Verdict? {
        guard let limit = budget.perDay, !SlidingCount.fits(parts, on: spent, limit) else { return nil }
        return .later(
            until: day.end, hold: .budget,
            sentence: "the budget of \(limit) parts a day is used up: it waits until \(day.end)")
    }

    /// Milliseconds until the SIM's limits have room for so many parts to a number; 0: they have now.
    mutating func wait(
        for parts: Int, to phone: String, by sim: String, now: Timestamp, monotonic: Int64
    ) -> Int64 {
        let untilTomorrow = max(1, day.end.milliseconds - now.milliseconds)
        if let limit = limits.sim.perDay, !SlidingCount.fits(parts, on: simDays[sim, default: 0], limit) {
            return untilTomorrow
        }
        if let limit = limits.sim.recipientsPerDay, let known = simRecipients[sim], known.count >= limit,
            known[phone] == nil
        {
            return untilTomorrow
        }
        simMinutes[sim]?.expire(monotonic)
        guard let limit = limits.sim.perMinute, let minute = simMinutes[sim] else { return 0 }
        return minute.freeAt(parts, limit: limit, now: monotonic) - monotonic
    }

    // MARK: Counting

    private mutating func count(_ grant: Grant, _ parts: Int, _ monotonic: Int64) {
        nextID += 1
        spent += parts
        simDays[grant.sim, default: 0] += parts
        simRecipients[grant.sim, default: [:]][grant.phone, default: 0] += parts
        simMinutes[grant.sim, default: SlidingCount()].add(parts, id: grant.id, at: monotonic)
        guard grant.isText else { return }
        recipientDays[grant.phone, default: 0] += 1
        recipientMinutes[grant.phone, default: SlidingCount()].add(1, id: grant.id, at: monotonic)
        guard let plugin = grant.plugin else { return }
        pluginDays[plugin, default: 0] += 1
        pluginMinutes[plugin, default: SlidingCount()].add(1, id: grant.id, at: monotonic)
    }

    /// Takes parts back that did not leave.
    ///
    /// - Parameter wasUsed: some other part of the grant did leave.
    mutating func giveBack(_ grant: Grant, parts: Int, wasUsed: Bool) {
        guard isOn, parts > 0 else { return }
        simMinutes[grant.sim]?.giveBack(parts, id: grant.id)
        let isText = grant.isText && !wasUsed
        if isText {
            recipientMinutes[grant.phone]?.giveBack(1, id: grant.id)
            if let plugin = grant.plugin { pluginMinutes[plugin]?.giveBack(1, id: grant.id) }
        }
        guard grant.day == day else { return }
        spent -= parts
        simDays[grant.sim, default: 0] -= parts
        let left = (simRecipients[grant.sim]?[grant.phone] ?? 0) - parts
        simRecipients[grant.sim]?[grant.phone] = left > 0 ? left : nil
        guard isText else { return }
        recipientDays[grant.phone, default: 0] -= 1
        if let plugin = grant.plugin { pluginDays[plugin, default: 0] -= 1 }
    }

    /// Forgets numbers that nothing was sent to for a minute.
    private mutating func sweep(_ monotonic: Int64) {
        guard monotonic >= sweepAt else { return }
        sweepAt = monotonic + SlidingCount.span
        for phone in recipientMinutes.keys { recipientMinutes[phone]?.expire(monotonic) }
        recipientMinutes = recipientMinutes.filter { $0.value.total > 0 }
    }

    // MARK: Showing

    /// What a SIM has sent: within the minute, today, and to how many numbers.
    mutating func use(of sim: String, monotonic: Int64) -> (minute: Int, day: Int, recipients: Int) {
        simMinutes[sim]?.expire(monotonic)
        return (simMinutes[sim]?.total ?? 0, simDays[sim, default: 0], simRecipients[sim]?.count ?? 0)
    }
}
