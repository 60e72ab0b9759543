/// Numbers that look random and are the same for the same seed (SplitMix64).
struct SplitMix: Sendable {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// 0 to `limit` - 1.
    mutating func below(_ limit: Int) -> Int {
        limit > 0 ? Int(next().multipliedFullWidth(by: UInt64(limit)).high) : 0
    }
}

/// One of many, some more often than others, in constant time (Vose's alias method).
struct WeightedChoice: Sendable {
    private var share: [Double]
    private var alias: [Int]

    init(_ weights: [Double]) {
        let mean = weights.reduce(0, +) / Double(max(1, weights.count))
        share = weights.map { $0 / mean }
        alias = Array(weights.indices)
        var small = weights.indices.filter { share[$0] < 1 }
        var large = weights.indices.filter { share[$0] >= 1 }
        while let less = small.popLast(), let more = large.last {
            alias[less] = more
            share[more] -= 1 - share[less]
            if share[more] < 1 {
                large.removeLast()
                small.append(more)
            }
        }
    }

    func choose(_ random: inout SplitMix) -> Int {
        let index = random.below(share.count)
        return Double(random.next() >> 11) / Double(1 << 53) < share[index] ? index : alias[index]
    }
}
