/// Hides numbers and texts of people in an event.
enum Masking {
    /// Keys whose value is a telephone number.
    private static let numbers: Set<String> = [
        "phone", "phone_number", "from", "to", "sender", "recipient", "number", "msisdn",
    ]
    /// Keys whose value is what somebody wrote.
    private static let texts: Set<String> = ["content", "text", "body", "reply", "draft"]

    /// `value` as it may be shown under `key`.
    static func masked(_ value: Any, key: String = "") -> Any {
        switch value {
        case let members as [String: Any]:
            return members.reduce(into: [String: Any]()) { $0[$1.key] = masked($1.value, key: $1.key) }
        case let elements as [Any]:
            return elements.map { masked($0, key: key) }
        case let text as String where texts.contains(key):
            return "<\(text.count) characters>"
        case let text as String where numbers.contains(key):
            return number(text)
        case let text as String:
            return withoutNumbers(text)
        default:
            return texts.contains(key) || numbers.contains(key) ? "<hidden>" : value
        }
    }

    /// Keeps what tells two numbers of a country apart in practice: the last two digits.
    static func number(_ text: String) -> String {
        text.count > 4 ? "***" + text.suffix(2) : "***"
    }

    /// Sentences should hold no numbers; where one does, it is hidden all the same. Numbers of devices (IMEI, ICCID) have
    /// no plus sign, and stay.
    private static func withoutNumbers(_ text: String) -> String {
        text.replacing(/\+[0-9][0-9 ().-]{5,}[0-9]/) { number(String($0.output)) }
    }
}
