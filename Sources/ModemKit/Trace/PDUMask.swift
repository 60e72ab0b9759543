import SMSCodec

/// Masks the octets of a PDU in place: every field keeps its place and length, numbers become such as belong to nobody,
/// and a text becomes so many `x` in its own alphabet.
///
/// It takes any octets: what cannot be followed is zeroes from there on.
struct PDUMask {
    private var place: Int
    private let end: Int

    static let filler: UInt8 = 0x78
    /// Concatenation, special messages, ports, national tables (TS 23.040 §9.2.3.24).
    private static let keptElements: Set<UInt8> = [0x00, 0x01, 0x04, 0x05, 0x08, 0x24, 0x25]

    /// Masks a service-centre address and the TPDU behind it; `isSent`: in the direction from the phone.
    static func mask(_ octets: inout [UInt8], isSent: Bool) {
        var mask = PDUMask(place: 0, end: octets.count)
        guard mask.serviceCentre(&octets) else { return mask.blank(&octets) }
        mask.tpdu(&octets, isSent: isSent)
    }

    private mutating func serviceCentre(_ octets: inout [UInt8]) -> Bool {
        guard let count = take(octets).map(Int.init) else { return false }
        guard count > 0 else { return true }
        guard count <= 12, place + count <= end, let type = take(octets) else { return false }
        address(&octets, type: type, semiOctets: (count - 1) * 2)
        return true
    }

    /// One follows field by field: TS 23.040 §9.2.2.
    private mutating func tpdu(_ octets: inout [UInt8], isSent: Bool) {
        guard let first = take(octets) else { return }
        let isDone =
            switch (first & 0x03, isSent) {
            case (0, false), (3, false): deliver(&octets, first)
            case (1, true): submit(&octets, first)
            case (2, false): statusReport(&octets, first)
            default: false
            }
        guard isDone else { return blank(&octets) }
        // What modems append is kept where it is filler.
        if octets[place..<end].contains(where: { $0 != 0xFF }) { blank(&octets) }
    }

    private mutating func deliver(_ octets: inout [UInt8], _ first: UInt8) -> Bool {
        guard address(&octets), take(octets) != nil, let coding = take(octets), skip(7) else { return false }
        return userData(&octets, coding, hasHeader: first & 0x40 != 0)
    }

    private mutating func submit(_ octets: inout [UInt8], _ first: UInt8) -> Bool {
        guard skip(1), address(&octets), take(octets) != nil, let coding = take(octets) else { return false }
        let validity = first & 0x18
        guard skip(validity == 0 ? 0 : validity == 0x10 ? 1 : 7) else { return false }
        return userData(&octets, coding, hasHeader: first & 0x40 != 0)
    }

    private mutating func statusReport(_ octets: inout [UInt8], _ first: UInt8) -> Bool {
        guard skip(1), address(&octets), skip(15) else { return false }
        guard octets[place..<end].contains(where: { $0 != 0xFF }), let parameters = take(octets) else { return true }
        var more = parameters
        while more & 0x80 != 0 {
            guard let next = take(octets) else { return false }
            more = next
        }
        guard skip(Int(parameters & 0x01)) else { return false }
        var coding: UInt8 = 0
        if parameters & 0x02 != 0 {
            guard let octet = take(octets) else { return false }
            coding = octet
        }
        return parameters & 0x04 == 0 || userData(&octets, coding, hasHeader: first & 0x40 != 0)
    }

    // MARK: Fields

    private mutating func take(_ octets: [UInt8]) -> UInt8? {
        guard place < end else { return nil }
        defer { place += 1 }
        return octets[place]
    }

    private mutating func skip(_ count: Int) -> Bool {
        guard place + count <= end else { return false }
        place += count
        return true
    }

    /// The address of a TPDU: its length counts semi-octets.
    private mutating func address(_ octets: inout [UInt8]) -> Bool {
        guard let count = take(octets).map(Int.init), let type = take(octets), count <= 20,
            place + (count + 1) / 2 <= end
        else { return false }
        address(&octets, type: type, semiOctets: count)
        return true
    }

    private mutating func address(_ octets: inout [UInt8], type: UInt8, semiOctets: Int) {
        let start = place
        place += (semiOctets + 1) / 2
        if type >> 4 & 0x07 == 5 {
            for index in start..<place { octets[index] = 0 }
            Self.fill(&octets, from: start * 8, septets: semiOctets * 4 / 7, before: place)
            return
        }
        var number: [UInt8] = []
        for index in 0..<semiOctets {
            let digit = octets[start + index / 2] >> (index % 2 == 0 ? 0 : 4) & 0x0F
            if digit != 0x0F { number.append(digit) }
        }
        var masked = NumberMask.digits(for: number)[...]
        for index in 0..<semiOctets {
            let shift = UInt8(index % 2 == 0 ? 0 : 4)
            let octet = octets[start + index / 2]
            guard octet >> shift & 0x0F != 0x0F, let digit = masked.popFirst() else { continue }
            octets[start + index / 2] = octet & ~(0x0F << shift) | digit << shift
        }
    }

    private mutating func userData(_ octets: inout [UInt8], _ scheme: UInt8, hasHeader: Bool) -> Bool {
        guard let length = take(octets).map(Int.init) else { return false }
        let coding = DataCoding(rawValue: scheme)
        let isSeptets = coding.encoding == .gsm7 && !coding.isCompressed
        let count = isSeptets ? (length * 7 + 7) / 8 : length
        guard place + count <= end else { return false }
        let start = place
        place += count
        var content = start
        if hasHeader {
            guard count > 0, case let header = Int(octets[start]), header < count else {
                for index in start..<place { octets[index] = 0 }
                return true
            }
            content = start + 1 + header
            Self.maskHeader(&octets, start + 1..<content)
        }
        for index in content..<place { octets[index] = 0 }
        if isSeptets {
            let before = ((content - start) * 8 + 6) / 7
            Self.fill(&octets, from: start * 8 + before * 7, septets: length - before, before: place)
        } else if coding.encoding == .ucs2 {
            for index in content..<place where (index - content) % 2 == 1 { octets[index] = Self.filler }
        } else {
            for index in content..<place { octets[index] = Self.filler }
        }
        return true
    }

    /// Kept are the elements that say how the text is put together, and to which program it goes; of others the place.
    private static func maskHeader(_ octets: inout [UInt8], _ range: Range<Int>) {
        var index = range.lowerBound
        while index < range.upperBound {
            guard index + 1 < range.upperBound, index + 2 + Int(octets[index + 1]) <= range.upperBound else {
                for rest in index..<range.upperBound { octets[rest] = 0 }
                return
            }
            let data = index + 2..<index + 2 + Int(octets[index + 1])
            if !keptElements.contains(octets[index]) {
                for place in data { octets[place] = 0 }
            }
            index = data.upperBound
        }
    }

    /// Writes so many septets into zeroes, from a bit on.
    private static func fill(_ octets: inout [UInt8], from bit: Int, septets: Int, before end: Int) {
        var bit = bit
        for _ in 0..<max(0, septets) {
            let value = UInt16(filler) << UInt16(bit % 8)
            let index = bit / 8
            guard index < end else { return }
            octets[index] |= UInt8(truncatingIfNeeded: value)
            if index + 1 < end { octets[index + 1] |= UInt8(value >> 8) }
            bit += 7
        }
    }

    private mutating func blank(_ octets: inout [UInt8]) {
        for index in place..<end { octets[index] = 0 }
        place = end
    }
}
