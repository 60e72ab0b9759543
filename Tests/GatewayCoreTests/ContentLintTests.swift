import Testing

@testable import GatewayCore

@Suite("What carriers filter") struct ContentLintTests {
    private func codes(_ text: String, promotion: Bool = false) -> [ContentWarning.Code] {
        ContentLint.warnings(text, isPromotion: promotion).map(\.code)
    }

    @Test(
        "links of public shorteners, however they are written",
        arguments: [
            "see https://bit.ly/3xYz", "see HTTP://BIT.LY/3xYz", "bit.ly/x", "(tinyurl.com/abc)", "www.t.co/a",
            "go to goo.gl/maps/x.", "https://bit.ly:443/x", "cutt.ly?x=1", "is.gd",
        ])
    func shorteners(text: String) {
        #expect(codes(text) == [.urlShortener])
    }

    @Test(
        "what is no shortener and no trouble",
        arguments: [
            "Your order is ready until 9.30. See you at 10.", "https://shop.example.com/order/17", "ana@bit.ly",
            "Meet me at 5.Then we go", "Version 1.2.3.4 is out", "A habit.lying around", "rabbit.ly/x",
            "e.g. this or i.e. that",
            "OK", "DHL NY", "Your code is 482913.", "Really?! Yes!", "Costs $5 or $$", "Kaffee für 3,50 €", "",
            "Привет, как дела?", "Ο καφές", "Thx 👍🏽 👨‍👩‍👧", "Sí, mañana a las 9", "gunnar and Thcherassi",
        ])
    func ordinary(text: String) {
        #expect(codes(text).isEmpty)
    }

    @Test(
        "each of the others",
        arguments: [
            ("log in at http://192.0.2.7/pay", [.addressURL]), ("192.0.2.7/pay", [.addressURL]),
            ("https://a.example.com and https://b.example.com", [.manyLinks]),
            ("COME TO OUR SHOP TODAY", [.allCaps]), ("VENGA MAÑANA A LA TIENDA", [.allCaps]),
            ("sale!!!", [.punctuation]),
            ("only $$$", [.punctuation]), ("fr\u{200B}ee", [.disguise]), ("p\u{00AD}ay now", [.disguise]),
            ("bаnk", [.disguise]), ("New edibles are in", [.restricted]), ("CBD for all", [.restricted]),
            ("Click here for more", [.phrase]), ("You have won", [.phrase]),
            ("CLICK HERE!!! bit.ly/x tinyurl.com/y", [.urlShortener, .manyLinks, .punctuation, .phrase]),
        ] as [(String, [ContentWarning.Code])])
    func others(text: String, expected: [ContentWarning.Code]) {
        #expect(codes(text) == expected)
    }

    @Test(
        "an offer says how no more of them is got; a conversation need not",
        arguments: [
            ("20% off today", false), ("20% off today. Reply STOP to end", true), ("Oferta. Responda BAJA", true),
            ("20% off, opt out: www.example.com/o", true),
        ])
    func optOut(text: String, isSaid: Bool) {
        #expect(codes(text, promotion: true) == (isSaid ? [] : [.noOptOut]))
        #expect(codes(text).isEmpty)
    }

    @Test("no warning holds anything of the text")
    func privacy() {
        for warning in ContentLint.warnings("SECRET NAME bit.ly/SECRET!!! http://192.0.2.7/", isPromotion: true) {
            #expect(!warning.message.uppercased().contains("SECRET"))
            #expect(warning.message.count < 200)
        }
    }
}
