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
        let (locking, single) = shift.tables
        let table = NationalTables.locking[locking]
        let shifted = NationalTables.single[single]
        var units: [UInt16] = []
        var isEscaped = false
        for septet in septets {
            let code = Int(septet & 0x7F)
            if isEscaped {
                isEscaped = false
                if shifted[code] != NationalTables.absent {
                    units.append(shifted[code])
                    continue
                }
            } else if septet & 0x7F == escape {
                isEscaped = true
                continue
            }
            units.append(table[code] == NationalTables.absent ? 0x20 : table[code])
        }
        if isEscaped { units.append(0x20) }
        return String(decoding: units, as: UTF16.self)
    }
}
