/// One modem's place in the sending.
struct Lane: Sendable {
    var sim: String { didSet { wishes = Self.wishes(sim, preferFor) } }
    /// What the numbers begin with that it is preferred for.
    var preferFor: [String] = [] { didSet { wishes = Self.wishes(sim, preferFor) } }
    /// What it fulfils.
    private(set) var wishes: [Wish]
    var isBusy = false
    /// Refusals that blame modem or network since a part of it was last accepted.
    var failures = 0
    /// Not to be used before, after a refusal that blames modem or network; monotonic milliseconds.
    var restsUntil: Int64 = 0
    /// What its SIM may still send is for the text at the head, and for what is owed; monotonic milliseconds.
    var reservedUntil: Int64 = 0

    init(sim: String) {
        self.sim = sim
        wishes = Self.wishes(sim, [])
    }

    private static func wishes(_ sim: String, _ beginnings: [String]) -> [Wish] {
        [.any, .sim(sim), .writtenTo(sim)] + beginnings.map { .numbers($0) }
    }
}

/// Which modem a text asks for.
enum Wish: Sendable, Hashable {
    /// Any.
    case any
    /// The one with this SIM, and no other: its sender named it.
    case sim(String)
    /// The one with this SIM, to which the person wrote; another one where that is away.
    case writtenTo(String)
    /// One that is preferred for numbers that begin so.
    case numbers(String)
}
