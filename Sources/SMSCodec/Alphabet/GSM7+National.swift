extension GSM7 {
    /// The septets of `text` in the tables of `shift`; nil when a character is in neither. Nothing is ever replaced by a
    /// look-alike.
    public static func septets(of text: String, shift: NationalShift) -> [UInt8]? {
        guard shift != .none else { return septets(of: text) }
        let repertoire = Repertoire.shared
        let (locking, single) = shift.tables
        var entries: [Repertoire.Entry] = []
        for scalar in text.unicodeScalars {
            let entry = repertoire.entry(of: scalar)
            let isThere =
                repertoire.lockingMasks[Int(entry)] >> UInt16(locking) & 1 != 0
                || repertoire.singleMasks[Int(entry)] >> UInt16(single) & 1 != 0
            guard isThere else { return nil }
            entries.append(entry)
        }
        return repertoire.septets(of: entries[...], shift: shift)
    }

    /// The text that `septets` show in the tables of `shift` (TS 23.038 §6.2.1.2).
    ///
    /// An escape before a code the single-shift table lacks is passed over, so that the main table's character shows; an
    /// escape before another escape, or at the end, is a space, and so is a septet that a locking table leaves empty.
    public static func text(of septets: some Sequence<UInt8>, shift: NationalShift) -> String {
        guard shift != .none else { return text(of: septets) }
        let done = septets.withContiguousStorageIfAvailable { text(ofContiguous: $0, shift: shift) }
        return done ?? Array(septets).withUnsafeBufferPointer { text(ofContiguous: $0, shift: shift) }
    }

    private static func text(ofContiguous septets: UnsafeBufferPointer<UInt8>, shift: NationalShift) -> String {
        let (locking, single) = shift.tables
        let table = NationalTables.locking[locking]
        let shifted = NationalTables.single[single]
        // A unit of these tables is at most three octets of UTF-8.
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: septets.count * 3 + 1) { utf8 in
            var length = 0
            var isEscaped = false
            for septet in septets {
                let code = Int(septet & 0x7F)
                var unit = table[code]
                if isEscaped {
                    isEscaped = false
                    if shifted[code] != NationalTables.absent { unit = shifted[code] }
                } else if code == escape {
                    isEscaped = true
                    continue
                }
                length += write(unit == NationalTables.absent ? 0x20 : unit, to: utf8, at: length)
            }
            if isEscaped { length += write(0x20, to: utf8, at: length) }
            return String(decoding: UnsafeBufferPointer(rebasing: utf8[..<length]), as: UTF8.self)
        }
    }

    @inline(__always)
    private static func write(_ unit: UInt16, to utf8: UnsafeMutableBufferPointer<UInt8>, at place: Int) -> Int {
        if unit < 0x80 {
            utf8[place] = UInt8(truncatingIfNeeded: unit)
            return 1
        }
        if unit < 0x800 {
            utf8[place] = 0xC0 | UInt8(truncatingIfNeeded: unit >> 6)
            utf8[place + 1] = 0x80 | UInt8(truncatingIfNeeded: unit & 0x3F)
            return 2
        }
        utf8[place] = 0xE0 | UInt8(truncatingIfNeeded: unit >> 12)
        utf8[place + 1] = 0x80 | UInt8(truncatingIfNeeded: unit >> 6 & 0x3F)
        utf8[place + 2] = 0x80 | UInt8(truncatingIfNeeded: unit & 0x3F)
        return 3
    }
}
