import Foundation
import PluginKit
import Testing

struct TimestampTests {
    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000Z"), (1, "1970-01-01T00:00:00.001Z"), (-1, "1969-12-31T23:59:59.999Z"),
        (951_782_399_999, "2000-02-28T23:59:59.999Z"), (951_782_400_000, "2000-02-29T00:00:00.000Z"),
        (4_107_542_399_999, "2100-02-28T23:59:59.999Z"), (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        (253_402_300_799_999, "9999-12-31T23:59:59.999Z"), (-62_167_219_200_000, "0000-01-01T00:00:00.000Z"),
    ])
    func itsTextIsUTCWithMilliseconds(milliseconds: Int64, text: String) throws {
        #expect(Timestamp(milliseconds: milliseconds).description == text)
        #expect(Timestamp(text) == Timestamp(milliseconds: milliseconds))
        let json = try JSONEncoder().encode([Timestamp(milliseconds: milliseconds)])
        #expect(String(decoding: json, as: UTF8.self) == "[\"\(text)\"]")
        #expect(try JSONDecoder().decode([Timestamp].self, from: json)[0].milliseconds == milliseconds)
    }

    @Test(arguments: [
        "", "2026-02-29T00:00:00.000Z", "2026-13-01T00:00:00.000Z", "2026-01-01T24:00:00.000Z",
        "2026-01-01 00:00:00.000Z", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00.000+0", "2026-00-01T00:00:00.000Z",
    ])
    func anotherFormIsRefused(text: String) { #expect(Timestamp(text) == nil) }
}

struct SettingsDecodingTests {
    struct Rule: Decodable, Equatable {
        var pattern: String
        var weight: Double?
    }
    struct Example: Decodable, Equatable {
        var rules: [Rule]
        var minutes: Int?
        var names: [String: String]?
    }

    @Test func valuesAreRead() throws {
        let json = #"{"rules":[{"pattern":"a\"\u00e9\ud83d\ude00\n","weight":2}],"minutes":3,"names":{"any":"x"}}"#
        let value = try Settings(json: json).decode(Example.self)
        #expect(
            value
                == Example(rules: [Rule(pattern: "a\"é😀\n", weight: 2)], minutes: 3, names: ["any": "x"]))
    }

    @Test(arguments: [
        (#"{"rules":[],"minuts":1}"#, #"settings.minuts: unknown key (did you mean "minutes"?)"#),
        (
            #"{"rules":[{"pattern":"a"},{"patern":"b"}]}"#,
            #"settings.rules[1]: the key "pattern" is missing (is "patern" meant for it?)"#
        ),
        (
            #"{"rules":[{"pattern":5}]}"#,
            "settings.rules[0].pattern: must be a text (put it in quotes), but is a number"
        ),
        (#"{"rules":{}}"#, "settings.rules: must be a list, but is a mapping"),
        (#"{"rules":[],"minutes":1.5}"#, "settings.minutes: must be a whole number from \(Int.min) to \(Int.max)"),
        (#"{}"#, #"settings: the key "rules" is missing"#),
        (#"[]"#, "settings: must be a mapping of keys to values"),
        (#"{"rules":[]"#, "settings: no JSON: a mapping does not end at byte 11"),
    ])
    func aWrongSettingIsNamedByItsPath(json: String, sentence: String) {
        #expect(throws: PluginError(.invalid, sentence)) { try Settings(json: json).decode(Example.self) }
    }
}
