import PluginKit
import Testing

@testable import GatewayCore

/// What is found while storage cannot be asked: the rules are those of a storage's own search.
@Suite struct JournalSearchTests {
    private static let text = Message(
        uid: "u", direction: .inbound, phone: "+16195550123", content: "Ist die Größe L, José? It's 2nd-hand",
        status: .unread, timestamp: Timestamp(milliseconds: 0))

    @Test(
        "all words, each from its beginning, without case and accents; numbers also by their last digits",
        arguments: [
            ("josé", true), ("JOSE", true), ("gro", true), ("größe l", true), ("l größe", true), ("hand 2nd", true),
            ("röße", false), ("josé maria", false), ("+16195550123", true), ("(619) 555-0123", true),
            ("6195550123", true),
            ("619-555", true), ("555-0123", true), ("0123", true), ("1619555", true), ("jose 5550123", true),
            ("0124", false), ("5501", false), ("", false), ("  ?! ", false), ("%", false), ("+", false),
        ])
    func finds(words: String, isFound: Bool) {
        #expect(JournalSearch(words).finds(Self.text) == isFound)
    }
}
