/// A text and those of its parts that have come.
public struct GatheredText<ID: Comparable & Hashable & Sendable>: Sendable, Hashable {
    /// How far a text is.
    public enum State: Sendable, Hashable {
        /// Parts are missing, and are waited for.
        case waiting
        /// Delivered with parts missing; a late part amends it.
        case incomplete
        /// Delivered whole.
        case complete
    }

    /// What its parts share; nil for a text of one part.
    public let key: ConcatenationKey?
    /// The part that came first: the text is known by it.
    public let first: ID
    /// Its parts in the order of their arrival, one for each place.
    public private(set) var parts: [ReceivedPart<ID>]
    /// How far it is.
    public internal(set) var state: State
    /// When its first part came, in milliseconds.
    public let openedAt: Int64
    /// When it is delivered with what is there, in milliseconds.
    public let deadline: Int64
    /// The text that the network delivers again here, known by its first part: every part of this one is of that
    /// repetition. Nil for a text that came by itself.
    public let copyOf: ID?

    init(_ part: ReceivedPart<ID>, state: State, openedAt: Int64, deadline: Int64, copyOf: ID? = nil) {
        key = part.key
        first = part.id
        parts = [part]
        self.state = state
        self.openedAt = openedAt
        self.deadline = deadline
        self.copyOf = copyOf
    }

    /// A text that was written down earlier, with its parts in the order of their arrival; of parts in one place the
    /// first counts. Nil when there are none, or they are not of one text of several parts.
    public init?(parts: [ReceivedPart<ID>], isDelivered: Bool, openedAt: Int64, deadline: Int64, copyOf: ID?) {
        guard let part = parts.first, part.key != nil, parts.allSatisfy({ $0.key == part.key }) else { return nil }
        self.init(part, state: .waiting, openedAt: openedAt, deadline: deadline, copyOf: copyOf)
        for part in parts where lacks(part.sequence) { add(part) }
        if isDelivered { state = isWhole ? .complete : .incomplete }
    }

    /// How many parts it should have.
    public var total: Int { Int(key?.total ?? 1) }

    /// True when all parts are there.
    public var isWhole: Bool { parts.count == total }

    /// What can be read of it: parts that are missing show as `[…]`.
    public var content: String {
        var places = [UserData?](repeating: nil, count: total)
        for part in parts { places[part.sequence - 1] = part.userData }
        return Reassembly.text(of: places)
    }

    func lacks(_ sequence: Int) -> Bool { !parts.contains { $0.sequence == sequence } }

    mutating func add(_ part: ReceivedPart<ID>) { parts.append(part) }

    /// True when all that `other` says stands here.
    func says(all other: GatheredText) -> Bool {
        other.parts.allSatisfy { part in parts.contains { $0.repeats(part) } }
    }

    /// How well a part fits that this lacks, best first; nil when it does not.
    ///
    /// References come round again: a part that was sent at quite another time is more likely one of another text. The
    /// clocks of service centres differ, so that this alone never parts those that wait for each other.
    func fit(of part: ReceivedPart<ID>, now: Int64, limits: ReassemblyLimits) -> Int? {
        guard lacks(part.sequence) else { return nil }
        let isNear: Bool =
            if let mine = parts.first?.sentAt, let its = part.sentAt {
                abs(mine - its) <= limits.span
            } else {
                true
            }
        return switch state {
        case .waiting: isNear ? 0 : 2
        case .incomplete: isNear && now - openedAt < limits.amendable ? 1 : nil
        case .complete: nil
        }
    }
}
