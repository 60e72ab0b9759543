import PluginKit

/// Texts as telephones really send them, and as only tests do.
enum Samples {
    static let person = "+15005550100"

    static func text(_ content: String, _ number: Int = 1, phone: String = person) -> InboundText {
        let digits = String(number, radix: 16)
        let uid = "0190a000-0000-7000-8000-" + String(repeating: "0", count: max(0, 12 - digits.count)) + digits
        return InboundText(
            uid: uid, phone: phone, content: content, receivedAt: Timestamp(milliseconds: 1_790_000_000_000),
            sim: "8901000000000000001")
    }

    /// Name and text.
    static let awkward: [(name: String, content: String)] = [
        ("an ordinary question", "Hi! When are you open today?"),
        ("an empty text", ""),
        ("white space alone", " \t\r\n "),
        ("a text of 100,000 letters", String(repeating: "When are you open? ", count: 5_264)),
        ("one word of 50,000 letters", String(repeating: "a", count: 50_000)),
        ("emoji", "\u{1F600}\u{1F469}\u{200D}\u{1F469}\u{200D}\u{1F467}\u{1F1E9}\u{1F1EA}\u{1F44D}\u{1F3FD}"),
        ("thousands of combining marks", "e" + String(repeating: "\u{0301}", count: 2_000)),
        (
            "a text from right to left",
            "\u{202E}\u{05E9}\u{05DC}\u{05D5}\u{05DD} \u{0645}\u{0631}\u{062D}\u{0628}\u{0627}"
        ),
        ("characters that cannot be seen", "\u{0}\u{1}\u{7}\u{1B}[31m\u{200B}\u{FEFF}\u{FFFD}"),
        ("quotes and brackets", #"{"id":1,"reply":"no"} \" '); DROP TABLE messages; -- <b>%s%n{{text}}"#),
        ("lines", "one\ntwo\r\nthree\u{2028}four"),
    ]

    /// Senders that are no telephone number, and texts of which parts are missing.
    static var strange: [(name: String, text: InboundText)] {
        var incomplete = text("[…] and so on")
        (incomplete.incomplete, incomplete.parts) = (true, 3)
        var bare = text("hello", phone: "")
        (bare.uid, bare.sim, bare.parts) = ("", "", 0)
        return [
            ("a sender with a name", text("Your parcel is here", phone: "PARCELS")),
            ("a short number", text("hello", phone: "22000")),
            ("a text of which parts are missing", incomplete),
            ("a text of which nothing is known", bare),
        ]
    }
}
