/// How often rows that are the same in all fields have come: a receipt may have one article in two lines.
///
/// Kept are hashes of rows; two that differ have the same one once in some thousand million files of a million lines.
struct OccurrenceCount {
    private var once: Set<Int> = []
    private var often: [Int: Int64] = [:]

    /// The how many-th this is, from 1.
    mutating func next(_ hash: Int) -> Int64 {
        if once.insert(hash).inserted { return 1 }
        let count = (often[hash] ?? 1) + 1
        often[hash] = count
        return count
    }
}
