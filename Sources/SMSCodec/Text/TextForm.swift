/// One way to write a text, and what it takes.
struct TextForm {
    var encoding: Encoding
    var shift: NationalShift
    /// Code units of the whole text.
    var units: Int
    /// How many parts it takes.
    var parts: Int
    /// Which form is taken when two take the same number of parts: the lower.
    var rank: Int
}

/// Where a text is cut.
struct TextCuts {
    /// Code units of each scalar, 1 or 2.
    var costs: [UInt8]
    /// The fewest parts.
    var parts: Int
    /// Code units that fit in each.
    var capacity: Int

    /// How many parts `costs` take when each is cut as late as possible, which no other cutting beats: a scalar's code
    /// units stay together, so that the parts but for the last have at most one unit to spare.
    static func count(_ costs: some Sequence<UInt8>, capacity: Int) -> Int {
        var parts = 1
        var room = capacity
        for cost in costs {
            room -= Int(cost)
            if room < 0 {
                parts += 1
                room = capacity - Int(cost)
            }
        }
        return parts
    }

    /// The scalars of each part: as few parts as possible, and among such cuts those that leave what a reader sees as
    /// one character (`scalars` tells) in one part.
    func ranges(of scalars: [Unicode.Scalar]) -> [Range<Int>] {
        guard parts > 1 else { return [costs.indices] }
        var starts: [Int] = []
        var ranges: [Range<Int>] = []
        ranges.reserveCapacity(parts)
        var start = 0
        while start < costs.count {
            var end = start
            var room = capacity
            while end < costs.count, Int(costs[end]) <= room {
                room -= Int(costs[end])
                end += 1
            }
            if end < costs.count, !Self.isCharacterBoundary(end, in: scalars, from: start) {
                // Not before where the rest would need a part more. What is longer than this is cut all the same.
                if starts.isEmpty { starts = self.starts() }
                let earliest = max(starts[parts - ranges.count - 1], start + 1, end - 40)
                let better = stride(from: end - 1, through: earliest, by: -1)
                    .first { Self.isCharacterBoundary($0, in: scalars, from: start) }
                if let better { end = better }
            }
            ranges.append(start..<end)
            start = end
        }
        return ranges
    }

    /// For each number of parts, the first scalar from which on the text fits in so many.
    private func starts() -> [Int] {
        var starts = [costs.count]
        starts.reserveCapacity(parts + 1)
        var room = capacity
        for index in costs.indices.reversed() {
            room -= Int(costs[index])
            if room < 0 {
                starts.append(index + 1)
                room = capacity - Int(costs[index])
            }
        }
        // All of it, in the number of parts or, with luck, in one fewer than cutting from the front.
        while starts.count <= parts { starts.append(0) }
        return starts
    }

    /// Whether a character ends before the scalar `place`; `start` begins one, or cannot be helped.
    private static func isCharacterBoundary(_ place: Int, in scalars: [Unicode.Scalar], from start: Int) -> Bool {
        // Below the combining marks nothing but a line break is of two scalars.
        func isSimple(_ scalar: Unicode.Scalar) -> Bool { scalar.value < 0x300 }
        if isSimple(scalars[place]), isSimple(scalars[place - 1]) {
            return scalars[place - 1] != "\r" || scalars[place] != "\n"
        }
        var first = place - 1
        while first > start, !isSimple(scalars[first]) { first -= 1 }
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars[first...place])
        return String(text).last?.unicodeScalars.count == 1
    }
}
