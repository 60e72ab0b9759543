extension UserData {
    /// Whose table an escape leads to, where the header names one; the last valid element wins, and a reserved
    /// identifier is the default extension table (TS 23.040 §9.2.3.24.15, TS 23.038 §6.2.1.2.4).
    public var singleShift: NationalLanguage? { shift.single }

    /// Whose table stands for the default alphabet, where the header names one; the last valid element wins, and a
    /// reserved identifier, or one of a language without such a table, is the default alphabet (TS 23.040
    /// §9.2.3.24.16).
    public var lockingShift: NationalLanguage? { shift.locking }

    /// The tables that the text is read with; those of the default alphabet when it is not one of 7 bits.
    public var shift: NationalShift {
        guard encoding == .gsm7, let header else { return .none }
        var locking: NationalLanguage?
        var single: NationalLanguage?
        var index = 0
        while index < header.count {
            // As with every element: a header that does not end with its last one is void.
            guard index + 1 < header.count, index + 2 + Int(header[index + 1]) <= header.count else { return .none }
            let length = Int(header[index + 1])
            if length == 1 {
                switch header[index] {
                case InformationElement.singleShift: single = NationalLanguage(rawValue: header[index + 2])
                case InformationElement.lockingShift: locking = NationalLanguage(rawValue: header[index + 2])
                default: break
                }
            }
            index += 2 + length
        }
        return NationalShift(locking: locking, single: single)
    }

    /// The most code units that a part under a header of `headerOctets` octets, its length octet left out, has room for;
    /// 0 is no header.
    public static func capacity(of encoding: Encoding, headerOctets: Int = 0) -> Int {
        let octets = max(0, maximumOctets - (headerOctets > 0 ? headerOctets + 1 : 0))
        switch encoding {
        case .gsm7: return octets * 8 / 7
        case .octets: return octets
        case .ucs2: return octets / 2
        }
    }

    /// How many more code units this part has room for.
    public var unitsLeft: Int {
        Self.capacity(of: encoding, headerOctets: header?.count ?? 0) - unitCount
    }
}
