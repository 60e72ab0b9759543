/// Finds what somebody meant to write.
package enum NearestName {
    /// The candidate nearest to `name`, when it is near enough to be a slip: at most a third of it differs.
    package static func to(_ name: String, among candidates: some Sequence<String>) -> String? {
        let limit = max(1, name.count / 3)
        var best: (distance: Int, name: String)?
        for candidate in candidates.sorted() {
            let distance = distance(Array(name.lowercased()), Array(candidate.lowercased()))
            if distance <= limit, distance < best?.distance ?? .max { best = (distance, candidate) }
        }
        return best?.name
    }

    /// ` (did you mean "x"?)`, or the list of what there is when nothing is near.
    package static func hint(for name: String, among candidates: some Collection<String>) -> String {
        if let nearest = to(name, among: candidates) { return " (did you mean \"\(nearest)\"?)" }
        guard !candidates.isEmpty else { return "" }
        return " (known: \(candidates.sorted().joined(separator: ", ")))"
    }

    /// Edits to turn one into the other; two letters that changed places count as one (Damerau, optimal alignment).
    private static func distance(_ left: [Character], _ right: [Character]) -> Int {
        guard !left.isEmpty, !right.isEmpty else { return max(left.count, right.count) }
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for row in 1...left.count {
            var current = [row] + Array(repeating: 0, count: right.count)
            for column in 1...right.count {
                let change = left[row - 1] == right[column - 1] ? 0 : 1
                current[column] = min(last[column] + 1, current[column - 1] + 1, last[column - 1] + change)
                if row > 1, column > 1, left[row - 1] == right[column - 2], left[row - 2] == right[column - 1] {
                    current[column] = min(current[column], beforeLast[column - 2] + 1)
                }
            }
            (beforeLast, last) = (last, current)
        }
        return last[right.count]
    }
}
