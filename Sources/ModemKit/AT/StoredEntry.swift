/// One text as +CMGL or +CMGR lists it in PDU mode.
struct StoredEntry: Sendable, Hashable {
    /// The slot; nil for +CMGR, which does not say.
    var index: Int?
    /// `<stat>` of TS 27.005 §3.1.
    var state: Int
    /// Octets of the TPDU, as announced.
    var announced: Int?
    /// What the modem printed as the body.
    var body: [UInt8] = []
    /// The octets of `body`; nil where it is not hex.
    var octets: [UInt8]?

    /// The body is hex and as long as the header said: nothing was lost on the line.
    var isVerified: Bool {
        guard let octets, let first = octets.first else { return false }
        guard let announced else { return true }
        return octets.count == announced + 1 + Int(first)
    }

    /// A header of a listing.
    enum Header {
        case entry(StoredEntry)
        /// The state is a word: the modem is in text mode.
        case textMode
        case malformed
    }

    /// Reads what follows `+CMGL:` or `+CMGR:`.
    static func header(_ bytes: ArraySlice<UInt8>, hasIndex: Bool) -> Header {
        var scanner = ByteScanner(bytes)
        var index: Int?
        let comma = UInt8(ascii: ",")
        if hasIndex {
            guard let number = scanner.integer(), scanner.take(comma) else { return .malformed }
            index = number
        }
        if !hasIndex {
            // Some modems put the slot first here too: then there are four fields, the second a number.
            var ahead = scanner
            let fields = ahead.fields()
            if fields.count == 4, !fields[1].quoted, Int(fields[1].text) != nil {
                index = scanner.integer()
                _ = scanner.take(comma)
            }
        }
        guard let state = scanner.integer() else {
            return scanner.take(UInt8(ascii: "\"")) ? .textMode : .malformed
        }
        guard scanner.take(comma) else {
            // Of a report, one modem tells the length only.
            scanner.skipSpaces()
            guard !hasIndex, scanner.isAtEnd else { return .malformed }
            return .entry(StoredEntry(index: nil, state: 1, announced: state))
        }
        // [<alpha>],<length>; some modems have no alpha, some have one field more.
        var entry = StoredEntry(index: index, state: state, announced: nil)
        while !scanner.isAtEnd {
            var ahead = scanner
            if let length = ahead.integer() {
                ahead.skipSpaces()
                if ahead.isAtEnd {
                    entry.announced = length
                    return .entry(entry)
                }
                // One modem prints the body on the header's line.
                let tail = ahead.rest
                if tail.count > 20, HexBytes.isHex(tail) {
                    entry.announced = length
                    entry.take(Array(tail))
                    return .entry(entry)
                }
            }
            _ = scanner.field()
            guard scanner.take(comma) else { break }
        }
        return .entry(entry)
    }

    mutating func take(_ line: [UInt8]) {
        body = line
        octets = HexBytes.decode(line)
    }
}
