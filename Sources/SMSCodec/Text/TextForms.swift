/// The ways in which one text can be written.
struct TextForms {
    let scalars: [Unicode.Scalar]
    let entries: [Repertoire.Entry]
    private let repertoire = Repertoire.shared

    init(_ text: String) {
        scalars = Array(text.unicodeScalars)
        entries = scalars.map { [repertoire] in repertoire.entry(of: $0) }
    }

    /// UCS-2, which has every character.
    func ucs2(tables: ShiftTables) -> TextForm {
        let costs = scalars.map { UInt8($0.value > 0xFFFF ? 2 : 1) }
        let isLast = if case .language = tables { true } else { false }
        return TextForm(
            encoding: .ucs2, shift: .none, costs: costs, units: costs.reduce(0) { $0 + Int($1) }, rank: isLast ? 4 : 1)
    }

    /// The form with the main table `locking` and whatever single-shift table suits it; nil when none does.
    ///
    /// The single-shift table does not change the length: what the main table lacks is two septets in any of them.
    func gsm7(locking: UInt8, tables: ShiftTables) -> TextForm? {
        let isLocked = UInt16(1) << UInt16(locking)
        var suits = tables.mask
        var costs = [UInt8](repeating: 1, count: entries.count)
        var units = entries.count
        for (index, entry) in entries.enumerated() where repertoire.lockingMasks[Int(entry)] & isLocked == 0 {
            suits &= repertoire.singleMasks[Int(entry)]
            if suits == 0 { return nil }
            costs[index] = 2
            units += 1
        }
        // The default extension table takes no element of the header; else the language's own is the likeliest to be
        // known to a phone that knows the main table.
        let own = suits & isLocked != 0 ? locking : UInt8(suits.trailingZeroBitCount)
        let single = suits & 1 != 0 ? 0 : own
        let shift = NationalShift(
            locking: NationalLanguage(rawValue: locking), single: NationalLanguage(rawValue: single))
        // With its own extensions alone the default alphabet is read right but for those characters.
        let elements = (shift.single == nil ? 0 : 1) + (shift.locking == nil ? 0 : 2)
        let rank = elements == 0 ? 0 : elements + (tables == .automatic ? 1 : 0)
        return TextForm(encoding: .gsm7, shift: shift, costs: costs, units: units, rank: rank)
    }

    /// The form with the fewest parts, and among such the one that most phones read: the default alphabet, then those
    /// of the order that `ShiftTables` tells, then the one with fewer code units.
    ///
    /// `header` is what the parts carry besides the elements of the form.
    func best(tables: ShiftTables, header: TextHeader) -> TextForm {
        var best = ucs2(tables: tables)
        best.count(
            alone: header.capacity(.ucs2, .none, isAlone: true), together: header.capacity(.ucs2, .none, isAlone: false)
        )
        for locking in 0..<UInt8(NationalTables.count) where tables.mask >> UInt16(locking) & 1 != 0 {
            if locking == NationalLanguage.spanish.rawValue { continue }
            guard var form = gsm7(locking: locking, tables: tables) else { continue }
            let together = header.capacity(.gsm7, form.shift, isAlone: false)
            // No cutting is worth its while that cannot come out better.
            if best.parts > 1, (form.units + together - 1) / together > best.parts { continue }
            form.count(alone: header.capacity(.gsm7, form.shift, isAlone: true), together: together)
            if (form.parts, form.rank, form.units) < (best.parts, best.rank, best.units) { best = form }
            if best.rank == 0, best.parts == 1 { break }
        }
        return best
    }

    /// The content of the part that has the scalars of `range`.
    func content(_ range: Range<Int>, form: TextForm) -> [UInt8] {
        if form.encoding == .gsm7 { return repertoire.septets(of: entries[range], shift: form.shift) }
        var octets: [UInt8] = []
        octets.reserveCapacity(140)
        for scalar in scalars[range] {
            for unit in scalar.utf16 {
                octets.append(UInt8(truncatingIfNeeded: unit >> 8))
                octets.append(UInt8(truncatingIfNeeded: unit))
            }
        }
        return octets
    }
}

/// The header that the parts of one text carry, and the room it leaves.
struct TextHeader {
    var reference: UInt16
    var isWide: Bool
    var ports: ApplicationPorts?

    /// Code units that fit in a part.
    func capacity(_ encoding: Encoding, _ shift: NationalShift, isAlone: Bool) -> Int {
        let octets =
            (isAlone ? 0 : isWide ? 6 : 5) + (ports.map { $0.isWide ? 6 : 4 } ?? 0) + (shift.locking == nil ? 0 : 3)
            + (shift.single == nil ? 0 : 3)
        return UserData.capacity(of: encoding, headerOctets: octets)
    }

    /// The octets, without their length; nil when there is no element.
    func octets(_ shift: NationalShift, sequence: Int, total: Int) -> [UInt8]? {
        var octets: [UInt8] = []
        if total > 1 {
            octets =
                Concatenation(
                    reference: isWide ? reference : reference & 0xFF, isWide: isWide, total: UInt8(total),
                    sequence: UInt8(sequence)
                ).header
        }
        if let ports { octets += ports.header }
        if let language = shift.locking { octets += [InformationElement.lockingShift, 1, language.rawValue] }
        if let language = shift.single { octets += [InformationElement.singleShift, 1, language.rawValue] }
        return octets.isEmpty ? nil : octets
    }
}
