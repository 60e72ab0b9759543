/// Hides numbers and texts of people in an event.
enum Masking {
    /// Keys whose value is a telephone number.
    private static let numbers: Set<String> = [
        "phone", "phone_number", "from", "to", "sender", "recipient", "number", "msisdn",
    ]
    /// Keys whose value is what somebody wrote.
    private static let texts: Set<String> = ["content", "text", "body", "reply", "draft"]

    /// What a member's name says of its value.
    enum Key {
        case number, text, other

        init(_ name: String) {
            self = Masking.numbers.contains(name) ? .number : Masking.texts.contains(name) ? .text : .other
        }
    }

    /// `text` as it may be shown under `key`.
    static func shown(_ text: String, _ key: Key) -> String {
        switch key {
        case .text: "<\(text.count) characters>"
        case .number: number(text)
        case .other: withoutNumbers(text)
        }
    }

    /// Keeps what tells two numbers of a country apart in practice: the last two digits.
    static func number(_ text: String) -> String {
        text.count > 4 ? "***" + text.suffix(2) : "***"
    }

    /// Sentences should hold no numbers; where one does, it is hidden all the same. Numbers of devices (IMEI, ICCID) have
    /// no plus sign, and stay.
    private static func withoutNumbers(_ text: String) -> String {
        let bytes = Array(text.utf8)
        guard bytes.contains(UInt8(ascii: "+")) else { return text }
        var shown: [UInt8] = []
        var index = 0
        while index < bytes.count {
            let end = bytes[index] == UInt8(ascii: "+") ? endOfNumber(in: bytes, after: index + 1) : index
            if end > index {
                shown += number(String(decoding: bytes[index..<end], as: UTF8.self)).utf8
                index = end
            } else {
                shown.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: shown, as: UTF8.self)
    }

    /// Where the digits that begin at `start` end, with what people write between them; `start` - 1 when they are fewer
    /// than seven.
    private static func endOfNumber(in bytes: [UInt8], after start: Int) -> Int {
        var digits = 0
        var end = start
        var index = start
        scan: while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                digits += 1
                index += 1
                end = index
            case UInt8(ascii: " "), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "."), UInt8(ascii: "-"):
                if digits == 0 { break scan }
                index += 1
            default:
                break scan
            }
        }
        return digits >= 7 ? end : start - 1
    }
}
