internal import PluginKit

/// Moments as PostgREST writes and reads them: `2026-11-23T16:52:03.386757+00:00`.
enum PostgresTime {
    /// Whole milliseconds; what is finer is dropped. Without an offset it is UTC. nil for anything else.
    static func read(_ text: String?) -> Timestamp? {
        guard let text else { return nil }
        let bytes = Array(text.utf8)
        guard bytes.count >= 19, bytes[10] == UInt8(ascii: "T") || bytes[10] == UInt8(ascii: " ") else { return nil }
        var rest = bytes[19...]
        var thousandths = 0
        if rest.first == UInt8(ascii: ".") {
            let digits = rest.dropFirst().prefix { (0x30...0x39).contains($0) }
            for place in 0..<3 {
                let offset = digits.startIndex + place
                thousandths = thousandths * 10 + (offset < digits.endIndex ? Int(digits[offset]) - 0x30 : 0)
            }
            rest = rest[digits.endIndex...]
        }
        let fraction = String(thousandths)
        let whole =
            String(decoding: bytes[..<10], as: UTF8.self) + "T" + String(decoding: bytes[11..<19], as: UTF8.self)
        let padded = String(repeating: "0", count: 3 - fraction.utf8.count) + fraction
        guard var moment = Timestamp("\(whole).\(padded)Z"), let offset = offset(rest) else { return nil }
        moment.milliseconds -= offset * 60_000
        return moment
    }

    /// Minutes east of Greenwich.
    private static func offset(_ bytes: ArraySlice<UInt8>) -> Int64? {
        guard let sign = bytes.first, sign != UInt8(ascii: "Z") else { return bytes.count <= 1 ? 0 : nil }
        guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else { return nil }
        let digits = bytes.dropFirst().filter { $0 != UInt8(ascii: ":") }
        guard digits.count == 2 || digits.count == 4, digits.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        let numbers = digits.map { Int64($0) - 0x30 }
        let minutes = (numbers[0] * 10 + numbers[1]) * 60 + (numbers.count == 4 ? numbers[2] * 10 + numbers[3] : 0)
        return sign == UInt8(ascii: "-") ? -minutes : minutes
    }
}
