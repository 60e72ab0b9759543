/// What the answers to single commands say: pure, one function a command.
enum Answers {
    /// A text without its surrounding spaces and quotes.
    static func unquoted(_ bytes: some Collection<UInt8>) -> String {
        var scanner = ByteScanner(bytes)
        return scanner.field().text
    }

    /// The first line with `prefix`, after it; else nil.
    static func value(_ lines: [[UInt8]], _ prefix: StaticString) -> ArraySlice<UInt8>? {
        for line in lines {
            if let rest = line[...].after(prefix) { return rest }
        }
        return nil
    }

    /// The first line as text: AT+CGMI, +CGMM, +CGMR. Some modems put their command's name before it.
    static func information(_ lines: [[UInt8]]) -> String? {
        guard let line = lines.first else { return nil }
        var text = unquoted(line)
        if text.hasPrefix("+CG") || text.hasPrefix("Manufacturer:") || text.hasPrefix("Model:")
            || text.hasPrefix("Revision:"), let colon = text.firstIndex(of: ":")
        {
            text = String(text[text.index(after: colon)...].drop { $0 == " " || $0 == "\"" })
        }
        return text.isEmpty ? nil : String(text.prefix(120))
    }

    /// The first run of at least `range.lowerBound` digits: IMEI, IMSI.
    static func digits(_ lines: [[UInt8]], _ range: ClosedRange<Int>) -> String? {
        for line in lines {
            for run in line.split(whereSeparator: { $0 < 0x30 || $0 > 0x39 }) where range.contains(run.count) {
                return String(decoding: run, as: UTF8.self)
            }
        }
        return nil
    }

    /// An ICCID (ITU-T E.118: 18 to 20 digits, begins with 89), without its filler.
    static func iccid(_ lines: [[UInt8]]) -> String? {
        for line in lines {
            for run in line.split(whereSeparator: { !HexBytes.isHex([$0]) }) where (18...22).contains(run.count) {
                var digits = run[...]
                while digits.last == UInt8(ascii: "F") || digits.last == UInt8(ascii: "f") { digits.removeLast() }
                if digits.count >= 18, digits.count <= 20, digits.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }),
                    digits.starts(with: "89".utf8)
                {
                    return String(decoding: digits, as: UTF8.self)
                }
            }
        }
        return nil
    }

    /// +CPIN: `READY`, `SIM PIN`, `SIM PUK`, …; some modems leave the prefix out.
    static func pinState(_ lines: [[UInt8]]) -> String? {
        if let rest = value(lines, "+CPIN:") { return unquoted(rest) }
        for line in lines {
            let text = unquoted(line)
            if text == "READY" || text.hasPrefix("SIM P") || text.hasPrefix("PH-") { return text }
        }
        return nil
    }

    /// The tries left for the PIN: `+CPINR: SIM PIN,3,3`, or Huawei's `^CPIN: SIM PIN,3,10,3,10,3`.
    static func pinTries(_ lines: [[UInt8]]) -> Int? {
        for line in lines {
            guard let rest = line[...].after("+CPINR:") ?? line[...].after("^CPIN:") else { continue }
            var scanner = ByteScanner(rest)
            let fields = scanner.fields()
            guard fields.count >= 2, fields[0].text == "SIM PIN" else { continue }
            if line.starts(with: "^".utf8) {
                // ^CPIN: <code>,<times>,<puk>,<pin>,<puk2>,<pin2>
                return fields.count >= 4 ? Int(fields[3].text) : Int(fields[1].text)
            }
            return Int(fields[1].text)
        }
        return nil
    }

    /// +CSQ in dBm (TS 27.007 §8.5); nil where unknown.
    static func signal(_ lines: [[UInt8]]) -> Int? {
        guard let rest = value(lines, "+CSQ:") else { return nil }
        var scanner = ByteScanner(rest)
        guard let level = scanner.integer(), level <= 31 else { return nil }
        return -113 + 2 * level
    }

    /// The operator of +COPS?; nil where there is none.
    static func network(_ lines: [[UInt8]]) -> String? {
        guard let rest = value(lines, "+COPS:") else { return nil }
        var scanner = ByteScanner(rest)
        let fields = scanner.fields()
        guard fields.count >= 3, !fields[2].text.isEmpty else { return nil }
        return plain(fields[2].text)
    }

    /// The kind of network of +COPS? (`<AcT>` of TS 27.007 §7.3); nil where it is not said.
    static func kindOfNetwork(_ lines: [[UInt8]]) -> String? {
        guard let rest = value(lines, "+COPS:") else { return nil }
        var scanner = ByteScanner(rest)
        let fields = scanner.fields()
        guard fields.count >= 4, let access = Int(fields[3].text) else { return nil }
        return switch access {
        case 0, 1, 3, 8: "GSM"
        case 2, 4, 5, 6: "UMTS"
        case 7, 10, 13: "LTE"
        case 9: "NB-IoT"
        case 11, 12: "NR"
        default: nil
        }
    }

    /// The first number that +CNUM lists.
    static func ownNumber(_ lines: [[UInt8]]) -> String? {
        for line in lines {
            guard let rest = line[...].after("+CNUM:") else { continue }
            var scanner = ByteScanner(rest)
            let fields = scanner.fields()
            guard fields.count >= 2 else { continue }
            let number = plain(fields[1].text)
            if isNumber(number) { return number }
        }
        return nil
    }

    /// The service centre's number of +CSCA?.
    static func serviceCentre(_ lines: [[UInt8]]) -> String? {
        guard let rest = value(lines, "+CSCA:") else { return nil }
        var scanner = ByteScanner(rest)
        let fields = scanner.fields()
        guard let first = fields.first else { return nil }
        var number = plain(first.text)
        guard isNumber(number) else { return nil }
        if fields.count > 1, fields[1].text == "145", !number.hasPrefix("+") { number = "+" + number }
        return number
    }

    /// Numbers and names may come as UCS-2 in hex, after AT+CSCS="UCS2" by somebody.
    static func plain(_ text: String) -> String {
        let digits = Array(text.utf8)
        guard digits.count >= 8, digits.count.isMultiple(of: 4), digits.starts(with: "00".utf8),
            let octets = HexBytes.decode(digits)
        else { return text }
        return ucs2(octets)
    }

    /// UCS-2, read as UTF-16; an even count of octets.
    static func ucs2(_ octets: [UInt8]) -> String {
        let units = stride(from: 0, to: octets.count, by: 2).map { UInt16(octets[$0]) << 8 | UInt16(octets[$0 + 1]) }
        return String(decoding: units, as: UTF16.self)
    }

    private static func isNumber(_ text: String) -> Bool {
        let digits = text.hasPrefix("+") ? text.dropFirst() : text[...]
        return (3...20).contains(digits.count) && digits.allSatisfy { $0.isASCII && $0.isNumber }
    }

    /// The lists of a test command, as `(0-2),(0,1,3),"ME",("SM")`; each item as text without quotes. Quotes are not
    /// looked at: one modem forgets to open one.
    static func lists(_ rest: some Collection<UInt8>) -> [[String]] {
        var groups: [[String]] = []
        var inner: [String]?
        var item: [UInt8] = []
        var isAfterGroup = false
        func taken() -> [String] {
            defer { item = [] }
            return item.isEmpty ? [] : expanded(String(decoding: item, as: UTF8.self))
        }
        func separate() {
            let items = taken()
            if inner != nil {
                inner? += items
            } else if !items.isEmpty || !isAfterGroup {
                groups.append(items)
            }
            isAfterGroup = false
        }
        for byte in rest {
            switch byte {
            case UInt8(ascii: "("):
                inner = []
            case UInt8(ascii: ")"):
                let items = taken()
                if let group = inner { groups.append(group + items) }
                inner = nil
                isAfterGroup = true
            case UInt8(ascii: ","):
                separate()
            case UInt8(ascii: "\""), 0x20, 0x09:
                continue
            default:
                item.append(byte)
            }
        }
        separate()
        return groups
    }

    private static func expanded(_ text: String) -> [String] {
        let ends = text.split(separator: "-")
        guard ends.count == 2, let low = Int(ends[0]), let high = Int(ends[1]), low <= high, high - low < 256 else {
            return [text]
        }
        return (low...high).map { String($0) }
    }
}
