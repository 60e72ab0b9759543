import Testing

@testable import GatewayCore

@Suite("Phrases in a text") struct PhrasesTests {
    private static let list = ["stop text", "stop", "baja", "no más", "text"]
    private let phrases = Phrases(list)

    @Test(
        "A phrase is found anywhere, or only where a word begins",
        arguments: [
            ("stop", true, true), ("please stop texting", true, true), ("nonstop", true, false),
            ("the context of it", true, false), ("the  text", true, true), ("rebaja", true, false),
            ("sto", false, false), ("s top", false, false), ("", false, false), ("STOP", false, false),
            ("ya no más", true, true), ("ya no ma\u{301}s", true, true), ("buno más", true, false),
            ("привет stop", true, true), ("приветstop", true, false), ("привет", false, false),
        ])
    func places(_ text: String, anywhere: Bool, atWord: Bool) {
        #expect(phrases.isAny(in: text) == anywhere)
        #expect(phrases.beginsWord(in: text) == atWord)
    }

    @Test("It finds what String.contains finds")
    func sameAsContains() {
        var random = Seeded(state: 7)
        let letters = Array("stop exbajnomá ")
        for _ in 0..<20_000 {
            let count = Int.random(in: 0...14, using: &random)
            let text = String((0..<count).map { _ in letters.randomElement(using: &random) ?? " " })
            #expect(phrases.isAny(in: text) == Self.list.contains { text.contains($0) })
            #expect(phrases.beginsWord(in: text) == Self.list.contains { (" " + text).contains(" " + $0) })
        }
    }

    /// The same texts in each run.
    private struct Seeded: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ state >> 29
        }
    }
}
