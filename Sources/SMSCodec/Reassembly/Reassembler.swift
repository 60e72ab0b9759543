/// Puts parts together to texts: a state machine without clock and memory of its own, in which nothing is ever lost.
/// Each part offered ends in exactly one delivered text, or is named as the duplicate of a part that did.
///
/// The rules:
/// 1. A part without a place in a longer text is a text.
/// 2. A part goes to a text of its key that lacks it: to one that waits and was sent within the hour; else to one that was
///    delivered incomplete, sent within the hour and not too long ago; else to one that waits. Among equals to the
///    oldest. Else it opens a text, so that another part in the same place never replaces one that is there.
/// 3. A part that the network delivers again (same place, user data and time stamp) goes only with others of that kind.
///    When they make a whole text it is delivered once more and marked `copyOf`; two such texts may be meant.
/// 4. What has waited long enough is delivered incomplete, unless an older text of its key says all that it says: then
///    its parts are duplicates. Sent again with another time stamp, a text can still come whole a second time before.
/// 5. When too many wait, the oldest (of the sender, then of all) is treated as if its time were over.
public struct Reassembler<ID: Comparable & Hashable & Sendable>: Sendable {
    public typealias Text = GatheredText<ID>
    public typealias Event = ReassemblyEvent<ID>

    /// Where a text stands in `texts`.
    private struct Handle: Sendable {
        var key: ConcatenationKey
        var first: ID
    }

    private struct Line: Sendable, Hashable {
        var sim: String
        var sender: String

        init(_ key: ConcatenationKey) { (sim, sender) = (key.sim, key.sender) }
    }

    /// How long and how much is kept.
    public let limits: ReassemblyLimits
    /// The texts of each key, the oldest first.
    private var texts: [ConcatenationKey: [Text]] = [:]
    /// Those that wait, the oldest of each sender first.
    private var lines: [Line: [Handle]] = [:]
    /// Those that were delivered, the first delivered first, from `forgotten` on.
    private var delivered: [Handle] = []
    private var forgotten = 0

    /// How many texts wait.
    public private(set) var waitingCount = 0
    /// How many delivered texts are remembered.
    public var rememberedCount: Int { delivered.count - forgotten }

    /// A machine that knows no texts.
    public init(limits: ReassemblyLimits = ReassemblyLimits()) {
        self.limits = limits
    }

    /// Takes a part at `now`, in milliseconds. The first event is about the part, later ones about texts that had to
    /// make room.
    public mutating func offer(_ part: ReceivedPart<ID>, now: Int64) -> [Event] {
        guard let key = part.key else {
            return [.complete(Text(part, state: .complete, openedAt: now, deadline: now))]
        }
        let known = texts[key] ?? []
        let original = known.first { text in text.copyOf == nil && text.parts.contains { part.isCopy(of: $0) } }?.first
        var best: (fit: Int, index: Int)?
        for (index, text) in known.enumerated() where text.copyOf == original {
            guard let fit = text.fit(of: part, now: now, limits: limits) else { continue }
            if best.map({ fit < $0.fit }) ?? true { best = (fit, index) }
        }
        if let best { return [join(part, to: known[best.index], at: best.index, key)] }
        let text = Text(
            part, state: .waiting, openedAt: now, deadline: now + limits.wait, copyOf: original)
        texts[key, default: []].append(text)
        wait(for: text, key)
        return [.waiting(text)] + makeRoom(for: Line(key))
    }

    /// Ends the wait of the texts whose deadline has come at `now`, in milliseconds, the oldest first.
    public mutating func expire(now: Int64) -> [Event] {
        let due = lines.values.joined().filter { handle in
            text(handle).map { $0.deadline <= now } ?? false
        }
        let events = due.sorted { $0.first < $1.first }.compactMap { giveUp($0) }
        while forgotten < delivered.count, let text = text(delivered[forgotten]),
            now - text.openedAt >= limits.amendable
        {
            forget()
        }
        return events
    }

    /// When `expire` next has something to do for those that wait, in milliseconds; nil when none wait.
    public var nextDeadline: Int64? {
        lines.values.joined().compactMap { text($0)?.deadline }.min()
    }

    /// Makes known a text that was written down earlier; one that is known stays as it is.
    public mutating func restore(_ text: Text) {
        guard let key = text.key, !(texts[key] ?? []).contains(where: { $0.first == text.first }) else { return }
        var known = texts[key] ?? []
        let index = known.firstIndex { $0.first > text.first } ?? known.endIndex
        known.insert(text, at: index)
        texts[key] = known
        if text.state == .waiting { wait(for: text, key) } else { remember(text, key) }
    }

    // MARK: Steps

    private mutating func join(
        _ part: ReceivedPart<ID>, to text: Text, at index: Int, _ key: ConcatenationKey
    ) -> Event {
        var text = text
        text.add(part)
        let isLate = text.state == .incomplete
        if text.isWhole { text.state = .complete }
        texts[key]?[index] = text
        if isLate { return .amended(text) }
        guard text.isWhole else { return .waiting(text) }
        waitNoMore(for: text, key)
        remember(text, key)
        return .complete(text)
    }

    private mutating func giveUp(_ handle: Handle) -> Event? {
        let key = handle.key
        guard let index = texts[key]?.firstIndex(where: { $0.first == handle.first }), var text = texts[key]?[index]
        else { return nil }
        waitNoMore(for: text, key)
        if let older = texts[key]?[..<index].first(where: { $0.says(all: text) }) {
            texts[key]?.remove(at: index)
            return .duplicate(text.parts.map(\.id), of: older.first)
        }
        text.state = .incomplete
        texts[key]?[index] = text
        remember(text, key)
        return .incomplete(text)
    }

    private mutating func makeRoom(for line: Line) -> [Event] {
        var events: [Event] = []
        while let own = lines[line], own.count > limits.waitingPerSender, let event = giveUp(own[0]) {
            events.append(event)
        }
        while waitingCount > limits.waiting,
            let oldest = lines.values.compactMap(\.first).min(by: { $0.first < $1.first }),
            let event = giveUp(oldest)
        {
            events.append(event)
        }
        return events
    }

    // MARK: Books

    private func text(_ handle: Handle) -> Text? {
        texts[handle.key]?.first { $0.first == handle.first }
    }

    private mutating func wait(for text: Text, _ key: ConcatenationKey) {
        let line = Line(key)
        let place = lines[line]?.firstIndex { $0.first > text.first } ?? lines[line]?.endIndex ?? 0
        lines[line, default: []].insert(Handle(key: key, first: text.first), at: place)
        waitingCount += 1
    }

    private mutating func waitNoMore(for text: Text, _ key: ConcatenationKey) {
        let line = Line(key)
        lines[line]?.removeAll { $0.first == text.first }
        if lines[line]?.isEmpty ?? false { lines[line] = nil }
        waitingCount -= 1
    }

    private mutating func remember(_ text: Text, _ key: ConcatenationKey) {
        delivered.append(Handle(key: key, first: text.first))
        while rememberedCount > limits.remembered { forget() }
    }

    private mutating func forget() {
        let handle = delivered[forgotten]
        texts[handle.key]?.removeAll { $0.first == handle.first }
        if texts[handle.key]?.isEmpty ?? false { texts[handle.key] = nil }
        forgotten += 1
        if forgotten > delivered.count / 2 {
            delivered.removeFirst(forgotten)
            forgotten = 0
        }
    }
}
