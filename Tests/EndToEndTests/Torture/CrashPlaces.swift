/// The crash points of both paths, in the order of the way of a text. A test compares them with the sources.
enum CrashPlaces {
    static let inward = [
        "port read", "before intake commit", "after intake commit", "before delete", "after delete",
        "before delete record", "after delete record", "before decision", "inside decision", "after decision",
        "before put", "after put", "put recorded",
    ]
    static let outward = [
        "before claim", "after claim", "before begin", "after begin", "begun row journaled", "before command",
        "after command", "before intent commit", "after intent commit", "prompt", "pdu written", "result read",
        "before outcome commit", "after outcome commit", "outcome carried", "inside report",
    ]
    /// These are passed once in each start.
    static let starting = ["recovered", "reconciling"]

    /// These are passed once for a batch.
    private static let seldom: Set<String> = [
        "before delete record", "after delete record", "before put", "after put", "put recorded", "before claim",
        "after claim", "before begin", "after begin", "begun row journaled", "outcome carried",
    ]

    static var all: [String] { inward + outward + starting }

    /// At which of how many passes a life may end: it must come to that within some seconds, and a batch that goes far
    /// away takes long.
    static func passes(_ place: String, _ storage: StorageKind) -> Int {
        starting.contains(place) ? 1 : !seldom.contains(place) ? 10 : storage == .sqlite ? 3 : 1
    }

    /// Where a seed's deck begins, so that consecutive seeds hit all places alike.
    static func deck(seed: UInt64, kills: Int, round: Int) -> String {
        all[Int((seed &* UInt64(kills) &+ UInt64(round)) % UInt64(all.count))]
    }
}
