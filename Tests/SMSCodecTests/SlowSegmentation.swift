import SMSCodec

/// The fewest parts of a text found the long way round, to measure `Segmentation` by: every pair of tables and every
/// place to cut, with tables read off the decoder and capacities counted in bits.
struct SlowSegmentation {
    /// Which tables of either kind have a character; bit n is table n.
    private struct Tables: Hashable {
        var locking: UInt32 = 0
        var single: UInt32 = 0
    }

    private var tables: [Unicode.Scalar: Tables] = [:]

    init() {
        for number in 0...13 as ClosedRange<UInt8> {
            let language = NationalLanguage(rawValue: number)
            for code in 0..<128 as Range<UInt8> where code != 0x1B {
                // Spanish has no locking table, and an empty place shows as a space.
                if language?.hasLockingTable ?? true {
                    let text = GSM7.text(of: [code], shift: NationalShift(locking: language)).unicodeScalars
                    if text.first != " " || code == 0x20 {
                        tables[text[text.startIndex], default: Tables()].locking |= 1 << number
                    }
                }
                let shift = NationalShift(single: language)
                if !GSM7.hasUnassignedEscape(in: [0x1B, code], shift: shift) {
                    let text = GSM7.text(of: [0x1B, code], shift: shift).unicodeScalars
                    tables[text[text.startIndex], default: Tables()].single |= 1 << number
                }
            }
        }
    }

    /// The fewest parts over the default alphabet, all pairs of the tables in `languages`, and UCS-2.
    func parts(_ text: String, languages: Set<UInt8>, isWide: Bool, ports: Int) -> Int {
        let scalars = Array(text.unicodeScalars)
        let known = scalars.map { tables[$0] ?? Tables() }
        let kinds = Set(known)
        func room(_ unit: Int, _ elements: Int, isAlone: Bool) -> Int {
            let header = elements + ports + (isAlone ? 0 : isWide ? 6 : 5)
            return (140 - (header == 0 ? 0 : header + 1)) * 8 / unit
        }
        var fewest = Self.parts(
            scalars.map { $0.value > 0xFFFF ? 2 : 1 }, alone: room(16, 0, isAlone: true),
            together: room(16, 0, isAlone: false))
        var done: Set<[Int]> = []
        for locking in languages.union([0]) where locking != 2 {
            let costs = known.map { $0.locking >> UInt32(locking) & 1 != 0 ? 1 : 2 }
            for single in languages.union([0]) {
                guard
                    kinds.allSatisfy({
                        ($0.locking >> UInt32(locking) | $0.single >> UInt32(single)) & 1 != 0
                    })
                else { continue }
                let elements = (locking == 0 ? 0 : 3) + (single == 0 ? 0 : 3)
                guard done.insert([Int(locking), elements]).inserted else { continue }
                fewest = min(
                    fewest,
                    Self.parts(
                        costs, alone: room(7, elements, isAlone: true), together: room(7, elements, isAlone: false)))
            }
        }
        return fewest
    }

    /// For each length of the beginning, the fewest parts over all places of the last cut.
    private static func parts(_ costs: [Int], alone: Int, together: Int) -> Int {
        if costs.reduce(0, +) <= alone { return 1 }
        var fewest = [0]
        fewest.reserveCapacity(costs.count + 1)
        var first = 0
        var sum = 0
        var isSorted = true
        for end in 1...costs.count {
            sum += costs[end - 1]
            while sum > together {
                sum -= costs[first]
                first += 1
            }
            // The last part may begin anywhere from `first` on. Where the numbers only grow the first is the least.
            let least = 1 + (isSorted ? fewest[first] : fewest[first..<end].min() ?? 0)
            isSorted = isSorted && least >= fewest[end - 1]
            fewest.append(least)
        }
        return fewest[costs.count]
    }
}
