/// Which tables have a character, and where: all that encoding needs of TS 23.038 §6.2.1 and annex A, looked up in a few
/// nanoseconds. It is built when the first text needs more than one part or a national table.
struct Repertoire: Sendable {
    /// A character of at least one table; 0 is one of none.
    typealias Entry = UInt16

    static let shared = Repertoire()

    /// 256 entries for each page of 256 scalars that has any, one page behind the other; the first is empty.
    private var pages = [Entry](repeating: 0, count: 256)
    private var pageOf = [UInt8](repeating: 0, count: 256)
    /// Bit n: the locking table n has the character.
    private(set) var lockingMasks: [UInt16] = [0]
    /// Bit n: the single-shift table n has the character.
    private(set) var singleMasks: [UInt16] = [0]
    /// By table and entry; `absent` where the table lacks the character.
    private var lockingCodes: [[UInt8]]
    private var singleCodes: [[UInt8]]
    private static let absent: UInt8 = 0xFF

    /// How many entries there are.
    var count: Int { lockingMasks.count }

    private init() {
        lockingCodes = Array(repeating: [Self.absent], count: NationalTables.count)
        singleCodes = lockingCodes
        for number in 0..<NationalTables.count {
            // From the end, for where a table has a character twice its first septet is taken.
            for septet in (0..<128).reversed() {
                let locking = add(NationalTables.locking[number][septet])
                if locking != 0 {
                    lockingMasks[locking] |= 1 << UInt16(number)
                    lockingCodes[number][locking] = UInt8(septet)
                }
                let single = add(NationalTables.single[number][septet])
                if single != 0 {
                    singleMasks[single] |= 1 << UInt16(number)
                    singleCodes[number][single] = UInt8(septet)
                }
            }
        }
        // Spanish has no locking table; what stands in its place is the default's.
        for entry in lockingMasks.indices { lockingMasks[entry] &= ~(1 << UInt16(NationalLanguage.spanish.rawValue)) }
    }

    private mutating func add(_ unit: UInt16) -> Int {
        guard unit != NationalTables.absent else { return 0 }
        let page = Int(unit >> 8)
        if pageOf[page] == 0 {
            pageOf[page] = UInt8(pages.count / 256)
            pages += [Entry](repeating: 0, count: 256)
        }
        let place = Int(pageOf[page]) * 256 + Int(unit & 0xFF)
        if pages[place] != 0 { return Int(pages[place]) }
        let entry = lockingMasks.count
        pages[place] = Entry(entry)
        lockingMasks.append(0)
        singleMasks.append(0)
        for number in 0..<NationalTables.count {
            lockingCodes[number].append(Self.absent)
            singleCodes[number].append(Self.absent)
        }
        return entry
    }

    /// The entry of `scalar`.
    @inline(__always)
    func entry(of scalar: Unicode.Scalar) -> Entry {
        guard scalar.value < 0x10000 else { return 0 }
        return pages[Int(pageOf[Int(scalar.value >> 8)]) * 256 + Int(scalar.value & 0xFF)]
    }

    /// The septets of `entries` in the tables of `shift`; each must be in one of the two.
    func septets(of entries: ArraySlice<Entry>, shift: NationalShift) -> [UInt8] {
        let (locking, single) = shift.tables
        let codes = lockingCodes[locking]
        let shifted = singleCodes[single]
        return [UInt8](unsafeUninitializedCapacity: entries.count * 2) { septets, count in
            for entry in entries {
                let code = codes[Int(entry)]
                if code != Self.absent {
                    septets[count] = code
                    count += 1
                } else {
                    septets[count] = GSM7.escape
                    septets[count + 1] = shifted[Int(entry)]
                    count += 2
                }
            }
        }
    }
}
