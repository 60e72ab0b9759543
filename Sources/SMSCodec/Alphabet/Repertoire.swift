/// Which tables have a character, and where: all that encoding needs of TS 23.038 §6.2.1 and annex A, looked up in a few
/// nanoseconds. It is built when the first text needs more than one part or a national table.
struct Repertoire: Sendable {
    /// A character of at least one table; 0 is one of none.
    typealias Entry = UInt16

    static let shared = Repertoire()

    /// 256 entries for each page of 256 scalars that has any; page 0 is the empty one.
    private var pages: [[Entry]] = [Array(repeating: 0, count: 256)]
    private var pageOf = [UInt8](repeating: 0, count: 256)
    /// Bit n: the locking table n has the character.
    private(set) var lockingMasks: [UInt16] = [0]
    /// Bit n: the single-shift table n has the character.
    private(set) var singleMasks: [UInt16] = [0]
    /// By table and entry.
    private var lockingCodes: [[UInt8]]
    private var singleCodes: [[UInt8]]

    private init() {
        lockingCodes = Array(repeating: [0], count: NationalTables.count)
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
            pageOf[page] = UInt8(pages.count)
            pages.append(pages[0])
        }
        let known = pages[Int(pageOf[page])][Int(unit & 0xFF)]
        if known != 0 { return Int(known) }
        let entry = lockingMasks.count
        pages[Int(pageOf[page])][Int(unit & 0xFF)] = Entry(entry)
        lockingMasks.append(0)
        singleMasks.append(0)
        for number in 0..<NationalTables.count {
            lockingCodes[number].append(0)
            singleCodes[number].append(0)
        }
        return entry
    }

    /// The entry of `scalar`.
    @inline(__always)
    func entry(of scalar: Unicode.Scalar) -> Entry {
        guard scalar.value < 0x10000 else { return 0 }
        return pages[Int(pageOf[Int(scalar.value >> 8)])][Int(scalar.value & 0xFF)]
    }

    /// The septets of `entries` in the tables of `shift`; each must be in one of the two.
    func septets(of entries: ArraySlice<Entry>, shift: NationalShift) -> [UInt8] {
        let (locking, single) = shift.tables
        let isLocked = UInt16(1) << UInt16(locking)
        let codes = lockingCodes[locking]
        let shifted = singleCodes[single]
        var septets: [UInt8] = []
        septets.reserveCapacity(160)
        for entry in entries {
            if lockingMasks[Int(entry)] & isLocked != 0 {
                septets.append(codes[Int(entry)])
            } else {
                septets.append(GSM7.escape)
                septets.append(shifted[Int(entry)])
            }
        }
        return septets
    }
}
