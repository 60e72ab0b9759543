/// `<stat>` of +CREG and its sisters (TS 27.007 §7.2).
enum Registration {
    /// As the snapshot says it.
    static func name(_ stat: Int) -> String {
        switch stat {
        case 1, 6, 9: "home"
        case 5, 7, 10: "roaming"
        case 2: "searching"
        case 3: "denied"
        default: "unknown"
        }
    }

    static func isRegistered(_ stat: Int) -> Bool { [1, 5, 6, 7, 9, 10].contains(stat) }

    /// The state in an answer to `AT+CREG?`: `<n>,<stat>[,…]`.
    static func solicited(_ rest: some Collection<UInt8>) -> Int? {
        var scanner = ByteScanner(rest)
        guard scanner.integer() != nil, scanner.take(UInt8(ascii: ",")) else { return nil }
        return scanner.integer()
    }

    /// The state in an unsolicited line: `<stat>[,<lac>,…]`; some modems put `<n>` before it all the same.
    static func unsolicited(_ rest: some Collection<UInt8>) -> Int? {
        var scanner = ByteScanner(rest)
        let fields = scanner.fields()
        guard let first = fields.first, let stat = Int(first.text) else { return nil }
        if fields.count >= 3, !fields[1].quoted, fields[1].text.count <= 2, let second = Int(fields[1].text),
            fields[2].quoted || fields[2].text.count >= 4
        {
            return second
        }
        return stat
    }
}
