/// The ways in which one text can be written.
struct TextForms {
    private let scalars: [Unicode.Scalar]
    private let tables: ShiftTables
    private let header: TextHeader
    /// By scalar; empty where only UCS-2 is left.
    private let entries: [Repertoire.Entry]
    /// Each character of the text once, and how often it has it.
    private let kinds: [(entry: Repertoire.Entry, count: Int)]
    private let repertoire = Repertoire.shared

    /// The ways that `tables` leave; `header` is what the parts carry besides the elements of the form. A text of the
    /// default alphabet `isPlain`.
    init(_ text: String, isPlain: Bool, tables: ShiftTables, header: TextHeader) {
        var scalars: [Unicode.Scalar] = []
        scalars.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars { scalars.append(scalar) }
        self.scalars = scalars
        self.tables = tables
        self.header = header
        guard isPlain || tables != .none else {
            entries = []
            kinds = []
            return
        }
        var counts = [Int](repeating: 0, count: repertoire.count)
        var order: [Repertoire.Entry] = []
        var entries: [Repertoire.Entry] = []
        entries.reserveCapacity(scalars.count)
        for scalar in scalars {
            let entry = repertoire.entry(of: scalar)
            if counts[Int(entry)] == 0 { order.append(entry) }
            counts[Int(entry)] += 1
            entries.append(entry)
        }
        self.entries = entries
        kinds = order.map { ($0, counts[Int($0)]) }
    }

    /// The form with the fewest parts, and among such the one that most phones read: the default alphabet, then those
    /// of the order that `ShiftTables` tells, then the one with fewer code units.
    func best() -> TextForm {
        var best = ucs2()
        guard kinds.first != nil else { return best }
        for locking in 0..<UInt8(NationalTables.count) where tables.mask >> UInt16(locking) & 1 != 0 {
            if locking == NationalLanguage.spanish.rawValue { continue }
            guard let form = gsm7(locking: locking, toBeat: best) else { continue }
            if (form.parts, form.rank, form.units) < (best.parts, best.rank, best.units) { best = form }
            if best.rank == 0, best.parts == 1 { break }
        }
        return best
    }

    /// UCS-2, which has every character.
    private func ucs2() -> TextForm {
        let pairs = scalars.reduce(0) { $0 + ($1.value > 0xFFFF ? 1 : 0) }
        let isLast = if case .language = tables { true } else { false }
        return form(.ucs2, .none, pairs: pairs, rank: isLast ? 4 : 1)
    }

    /// The form with the main table `locking` and whatever single-shift table suits it; nil when none does, or when it
    /// cannot come out better than `other`.
    ///
    /// The single-shift table does not change the length: what the main table lacks is two septets in any of them.
    private func gsm7(locking: UInt8, toBeat other: TextForm) -> TextForm? {
        let isLocked = UInt16(1) << UInt16(locking)
        var suits = tables.mask
        var pairs = 0
        for kind in kinds where repertoire.lockingMasks[Int(kind.entry)] & isLocked == 0 {
            suits &= repertoire.singleMasks[Int(kind.entry)]
            if suits == 0 { return nil }
            pairs += kind.count
        }
        // The default extension table takes no element of the header; else the language's own is the likeliest to be
        // known to a phone that knows the main table.
        let own = suits & isLocked != 0 ? locking : UInt8(suits.trailingZeroBitCount)
        let single = suits & 1 != 0 ? 0 : own
        let shift = NationalShift(
            locking: NationalLanguage(rawValue: locking), single: NationalLanguage(rawValue: single))
        let elements = (shift.single == nil ? 0 : 1) + (shift.locking == nil ? 0 : 2)
        let rank = elements == 0 ? 0 : elements + (tables == .automatic ? 1 : 0)
        // Without a unit to spare in any part it would still take so many.
        let together = header.capacity(.gsm7, shift, isAlone: false)
        if other.parts > 1, (scalars.count + pairs + together - 1) / together > other.parts { return nil }
        return form(.gsm7, shift, pairs: pairs, rank: rank)
    }

    /// The form in which `pairs` scalars take two units.
    private func form(_ encoding: Encoding, _ shift: NationalShift, pairs: Int, rank: Int) -> TextForm {
        let units = scalars.count + pairs
        let together = header.capacity(encoding, shift, isAlone: false)
        var form = TextForm(encoding: encoding, shift: shift, units: units, parts: 1, rank: rank)
        if units > header.capacity(encoding, shift, isAlone: true) {
            form.parts =
                pairs == 0
                ? (units + together - 1) / together : TextCuts.count(costs(encoding, shift), capacity: together)
        }
        return form
    }

    /// Code units of each scalar.
    private func costs(_ encoding: Encoding, _ shift: NationalShift) -> [UInt8] {
        guard encoding == .gsm7 else { return scalars.map { $0.value > 0xFFFF ? 2 : 1 } }
        let isLocked = UInt16(1) << UInt16(shift.tables.locking)
        return entries.map { [repertoire] in repertoire.lockingMasks[Int($0)] & isLocked != 0 ? 1 : 2 }
    }

    /// What each part has, in `form`.
    func contents(_ form: TextForm) -> [[UInt8]] {
        guard form.parts > 1 else { return [content(scalars.indices, form: form)] }
        let cuts = TextCuts(
            costs: costs(form.encoding, form.shift), parts: form.parts,
            capacity: header.capacity(form.encoding, form.shift, isAlone: false))
        return cuts.ranges(of: scalars).map { content($0, form: form) }
    }

    private func content(_ range: Range<Int>, form: TextForm) -> [UInt8] {
        if form.encoding == .gsm7 { return repertoire.septets(of: entries[range], shift: form.shift) }
        return [UInt8](unsafeUninitializedCapacity: range.count * 4) { octets, count in
            func add(_ unit: UInt32) {
                octets[count] = UInt8(truncatingIfNeeded: unit >> 8)
                octets[count + 1] = UInt8(truncatingIfNeeded: unit)
                count += 2
            }
            for scalar in scalars[range] {
                if scalar.value > 0xFFFF {
                    add(0xD800 + (scalar.value - 0x10000) >> 10)
                    add(0xDC00 + scalar.value & 0x3FF)
                } else {
                    add(scalar.value)
                }
            }
        }
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
