extension Timestamp {
    /// Reads any time of RFC 3339, as `2026-11-24T09:00:00Z` or `2026-11-24T10:00:00.5+01:00`: with an offset, and with
    /// as many digits behind the point as one likes (what is finer than a millisecond is left off). Nil for anything
    /// else: a time without an offset may be anywhere.
    package init?(rfc3339 text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard (20...64).contains(bytes.count), "Tt ".utf8.contains(bytes[10]) else { return nil }
        var rest = bytes[19...]
        var fraction = "000"
        if rest.first == UInt8(ascii: ".") {
            let digits = rest.dropFirst().prefix { (0x30...0x39).contains($0) }
            guard !digits.isEmpty else { return nil }
            rest = rest.dropFirst(1 + digits.count)
            fraction = String((String(decoding: digits, as: UTF8.self) + "00").prefix(3))
        }
        guard let offset = Self.offsetMinutes(rest) else { return nil }
        let seconds = String(decoding: bytes[17..<19], as: UTF8.self)
        // A leap second is the one after: we count none.
        let isLeap = seconds == "60"
        let day = String(decoding: bytes[..<10], as: UTF8.self)
        let minute = String(decoding: bytes[11..<17], as: UTF8.self)
        guard let wall = Timestamp("\(day)T\(minute)\(isLeap ? "59" : seconds).\(fraction)Z") else { return nil }
        self.init(milliseconds: wall.milliseconds + (isLeap ? 1_000 : 0) - offset * 60_000)
    }

    /// `Z`, `+01:00`.
    private static func offsetMinutes(_ bytes: ArraySlice<UInt8>) -> Int64? {
        let bytes = Array(bytes)
        if bytes == [UInt8(ascii: "Z")] || bytes == [UInt8(ascii: "z")] { return 0 }
        guard bytes.count == 6, bytes[3] == UInt8(ascii: ":"), "+-".utf8.contains(bytes[0]) else { return nil }
        let digits = [bytes[1], bytes[2], bytes[4], bytes[5]].map { Int64($0) - 0x30 }
        guard digits.allSatisfy({ (0...9).contains($0) }) else { return nil }
        let (hours, minutes) = (digits[0] * 10 + digits[1], digits[2] * 10 + digits[3])
        guard hours < 24, minutes < 60 else { return nil }
        return (bytes[0] == UInt8(ascii: "-") ? -1 : 1) * (hours * 60 + minutes)
    }
}
