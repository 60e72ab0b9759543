import PluginKit
import Settings
import Testing

@testable import PluginHost

/// C1: what a plugin says is passed on without the secrets that it was given.
struct DiscretionTests {
    private static let key = #"s3cret/key+of"theshop"#

    private static func discretion(_ yaml: String) throws -> Discretion {
        Discretion(try DropIn.parse(try ConfigurationNode.parse(yaml, file: "d.yaml"), fileName: "d.yaml"))
    }

    @Test(arguments: [
        (#"it was given s3cret/key+of"theshop."#, "it was given [secret]."),
        (#"{"api_key":"s3cret\/key+of\"theshop"}"#, #"{"api_key":"[secret]"}"#),
        ("GET /?k=s3cret%2Fkey%2Bof%22theshop&x", "GET /?k=[secret]&x"),
        // The end of its Base64 depends on what follows, and three letters tell nobody anything.
        ("Basic dXNlcjpzM2NyZXQva2V5K29mInRoZXNob3A=", "Basic dXNlcjpz[secret]b3A="),
        // Cut off within it.
        ("it does not like s3cret/ke", "it does not like [secret]"), ("s3cre", "s3cre"),
        ("nothing of it", "nothing of it"),
    ])
    func aSecretIsMaskedInEachOfItsForms(said: String, heard: String) throws {
        let discretion = try Self.discretion("exec: [a]\nsettings: {api_key: '\(Self.key)', name: nothing of it}\n")
        #expect(discretion.masked(said) == heard)
        #expect(discretion.masked(PluginError(.invalid, said)) == PluginError(.invalid, heard))
    }

    @Test(arguments: [
        (
            "plugin: x\nsettings: {smtp: {user: thatuser, password: thatword}}", "thatuser, thatword",
            "thatuser, [secret]"
        ),
        ("plugin: x\nsettings: {auth: {user: thatuser, pass: thatword}}", "thatuser, thatword", "thatuser, [secret]"),
        ("plugin: x\nsettings: {tokens: [a], token: [that-one, that-two]}", "that-two", "[secret]"),
        ("plugin: x\nsettings: {key_file: /etc/shop.key, key_env: SHOP_KEY}", "/etc/shop.key SHOP_KEY", nil),
        ("plugin: x\nsettings: {keyword: opening, key: opening}", "opening", nil),
        ("plugin: x\nsettings: {pem_key: \"--BEGIN--\\nfirst-line\\nother-line\"}", "other-line", "[secret]"),
        ("exec: [bot, --token, that-one, --api-key=that-two, -v]", "that-one that-two -v", "[secret] [secret] -v"),
        (
            "plugin: x\ngrants: [{http: [\"https://api.telegram.org/bot123456:AAHdqTcvCH1vGWJxfSeofSA/\"]}]",
            "POST /bot123456:AAHdqTcvCH1vGWJxfSeofSA/sendMessage", "POST /[secret]/sendMessage"
        ),
    ])
    func whatIsSecretIsKnownByItsKey(yaml: String, said: String, heard: String?) throws {
        #expect(try Self.discretion(yaml).masked(said) == heard ?? said)
    }

    @Test(arguments: [
        ("the key sb_secret_abcdef-1 is wrong", "the key [secret] is wrong"),
        ("Bearer eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoieCJ9.c2ln, then", "Bearer [secret], then"),
        ("Bearer eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjo", "Bearer [secret]"), ("/etc/sb_secret_abcdef", "/etc/[secret]"),
        ("no libconductor-sb_secret_abcdef.so", "no libconductor-[secret].so"),
        ("sb_publishable_abcdef (or sb_secret_…)", "sb_publishable_abcdef (or sb_secret_…)"),
        ("sk-ant-api03-abcdefghijkl", "[secret]"), ("disk-full, risk-free, eyJ", "disk-full, risk-free, eyJ"),
        ("é sb_secret_abcdef é sb_secret_ghijkl", "é [secret] é [secret]"),
    ])
    func keysOfServicesAreKnownByTheirLook(said: String, heard: String) {
        #expect(SecretShapes.masked(said) == heard)
        #expect(SecretShapes.areIn(said) == (said != heard))
        #expect("\(ConfigurationError(file: "a", message: said))" == "a: " + heard)
        #expect("\(ConfigurationError(file: said, message: "a"))" == heard + ": a")
    }

    @Test(arguments: [
        ("sb_secret_abcdef", true), ("sb_publishable_abc", true), ("eyJhbGciOiJIUzI1NiJ9.e30.c2ln", true),
        ("Bearer abc", true), ("0123456789abcdef0123456789abcdef", true), ("/etc/conductor/supabase.key", false),
        ("keys/0123456789abcdef0123456789abcdef", false), ("supabase.key", false),
        ("a-file-with-a-long-name-but-no-digit", false),
    ])
    func aSecretInThePlaceOfItsFileIsKnown(text: String, isSecret: Bool) {
        #expect(SecretShapes.isSecretInPlaceOfFile(text) == isSecret)
    }

    @Test func aGrantIsToldWithoutTheSecretInItsURL() throws {
        for (url, told) in [
            ("https://api.telegram.org/bot123456:AAHdqTcvCH1vGWJxfSeofSA/", "https://api.telegram.org/…/"),
            ("https://hooks.example.com/T01/B02/sk1ABCDEFGHIJKLMNOP", "https://hooks.example.com/T01/B02/…"),
            ("https://api.example.com/v1/organisations/", "https://api.example.com/v1/organisations/"),
        ] {
            #expect(try #require(URLPrefix(url)).description == told)
        }
    }
}
