import ModemKit
import Testing

@testable import GatewayCore

@Suite struct PolicyTests {
    @Test(
        "B9, D3: one normaliser",
        arguments: [
            ("+16195550123", "US", "+16195550123"), ("(619) 555-0123", "US", "+16195550123"),
            ("1-619-555-0123", "US", "+16195550123"), ("0044 20 7946 0018", "US", "+442079460018"),
            ("020 7946 0018", "GB", "+442079460018"), ("55 1234 5678", "MX", "+525512345678"),
            ("0171 2345678", "DE", "+491712345678"), ("12345", "US", "12345"),
            ("+52 55 1234 5678", "US", "+525512345678"),
        ])
    func numbers(written: String, country: String, expected: String) {
        #expect(PhoneNumber(written, country: country)?.text == expected)
    }

    @Test(
        "B9: what is no number",
        arguments: [
            "", " ", "+", "n/a", "6.19E+09", "555-0123 ext 4", "+1619555012", "+1 119 555 0123", "+1 619 055 0123",
            "0000000000", "12", "+12345678901234567", "AMAZON",
        ])
    func noNumbers(written: String) {
        #expect(PhoneNumber(written, country: "US") == nil)
    }

    @Test("B4: pauses grow to ten minutes and spread by a fifth")
    func pauses() {
        var random = SystemRandomNumberGenerator()
        let policy = RetryPolicy()
        for _ in 0..<200 {
            #expect((4_000...6_000).contains(policy.delay(afterAttempts: 1, using: &random) ?? 0))
            #expect((128_000...192_000).contains(policy.delay(afterAttempts: 6, using: &random) ?? 0))
        }
        #expect(policy.delay(afterAttempts: 8, using: &random) == nil)
    }

    @Test("B4: what blames the number is final, what blames network or SIM is not")
    func classes() {
        #expect(SendErrors.isPermanent(.cms(28)))
        #expect(!SendErrors.isPermanent(.cms(10)))
        #expect(!SendErrors.isPermanent(.cms(500)))
        #expect(!SendErrors.isPermanent(.cme(28)), "the same number means another thing in CME")
        #expect(SendErrors.isUncertain(.cms(332)))
    }
}
