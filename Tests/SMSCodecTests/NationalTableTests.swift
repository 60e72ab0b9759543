import Foundation
import SMSCodec
import Testing

struct NationalTableTests {
    private static let isDataThere = ProcessInfo.processInfo.environment["CONDUCTOR_TEST_DATA"] != nil

    @Test("languages are found by code and by name", arguments: NationalLanguage.allCases)
    func names(language: NationalLanguage) {
        #expect(NationalLanguage(named: language.code.uppercased()) == language)
        #expect(NationalLanguage(named: "\(language)") == language)
        #expect(NationalLanguage(named: "") == nil)
        #expect(NationalLanguage(named: "german") == nil)
    }

    @Test(
        "single characters are where TS 23.038 annex A has them",
        arguments: [
            (NationalLanguage.turkish, [0x07, 0x0B, 0x0C, 0x1C, 0x1D, 0x40, 0x60, 0x04], "ıĞğŞşİç€"),
            (.portuguese, [0x00, 0x04, 0x12, 0x13, 0x16, 0x18, 0x24, 0x7B, 0x7C], "@êªÇ^€ºãõ"),
            (
                .bengali, [0x00, 0x03, 0x0F, 0x1C, 0x4A, 0x60, 0x7F],
                "\u{981}\u{985}\u{98F}\u{99B}\u{9B6}\u{9CE}\u{9F1}"
            ),
            (.gujarati, [0x00, 0x11, 0x60, 0x7F], "\u{A81}\u{A91}\u{AD0}\u{AF1}"),
            (.hindi, [0x00, 0x02, 0x28, 0x29, 0x45, 0x5F, 0x60, 0x7F], "\u{901}\u{903})(\u{931}\u{94D}\u{950}\u{97F}"),
            (.kannada, [0x01, 0x5F, 0x60, 0x7B], "\u{C82}\u{CCD}\u{CD5}\u{CD6}"),
            (.malayalam, [0x01, 0x4F, 0x60, 0x7F], "\u{D02}\u{D3D}\u{D57}\u{D79}"),
            (.oriya, [0x00, 0x4E, 0x60, 0x7B], "\u{B01}\u{B3C}\u{B56}\u{B57}"),
            (.punjabi, [0x00, 0x4C, 0x60, 0x7F], "\u{A01}\u{A38}\u{A51}\u{A74}"),
            (.tamil, [0x01, 0x15, 0x1D, 0x3C, 0x60, 0x7F], "\u{B82}\u{B95}\u{B9C}\u{BA9}\u{BD0}\u{BF9}"),
            (.telugu, [0x00, 0x4F, 0x60, 0x7B], "\u{C01}\u{C3D}\u{C55}\u{C56}"),
            (.urdu, [0x00, 0x0B, 0x2F, 0x54, 0x60, 0x7F], "\u{627}\u{679}\u{698}\u{6C4}\u{654}\u{670}"),
        ])
    func lockingTables(language: NationalLanguage, septets: [UInt8], text: String) {
        let shift = NationalShift(locking: language)
        #expect(Array(GSM7.text(of: septets, shift: shift).unicodeScalars) == Array(text.unicodeScalars))
        #expect(GSM7.septets(of: text, shift: shift) == septets)
    }

    @Test(
        "an escape leads to the language's own table",
        arguments: [
            (NationalLanguage.turkish, [0x47, 0x49, 0x53, 0x63, 0x67, 0x69, 0x73, 0x65], "ĞİŞçğış€"),
            (.spanish, [0x09, 0x41, 0x49, 0x4F, 0x55, 0x61, 0x69, 0x6F, 0x75, 0x3C], "çÁÍÓÚáíóú["),
            (.portuguese, [0x05, 0x0B, 0x12, 0x19, 0x1F, 0x41, 0x61, 0x7B, 0x7C, 0x7F], "êÔΦΘÊÀÂãõâ"),
            (.bengali, [0x19, 0x1C, 0x24, 0x34, 0x00, 0x04], "\u{9E6}\u{9E8}\u{9DF}\u{9FA}@¿"),
            (.gujarati, [0x19, 0x25, 0x41], "\u{964}\u{AEF}A"),
            (.hindi, [0x1A, 0x1C, 0x27, 0x2A, 0x30, 0x3A, 0x5A], "\u{965}\u{966}\u{952}\u{953}\u{95B}\u{971}Z"),
            (.kannada, [0x26, 0x2A, 0x65], "\u{CDE}\u{CF2}€"), (.malayalam, [0x2E, 0x34], "\u{D7A}\u{D7F}"),
            (.oriya, [0x26, 0x2C], "\u{B5C}\u{B71}"), (.punjabi, [0x26, 0x2D], "\u{A59}\u{A75}"),
            (.tamil, [0x26, 0x2E], "\u{BF3}\u{BFA}"), (.telugu, [0x1C, 0x26, 0x32], "\u{C66}\u{C58}\u{C7F}"),
            (.urdu, [0x19, 0x1C, 0x3B, 0x3F], "\u{600}\u{6F0}\u{6CD}\u{6D4}"),
        ])
    func singleTables(language: NationalLanguage, codes: [UInt8], text: String) {
        let shift = NationalShift(single: language)
        let septets: [UInt8] = codes.flatMap { [0x1B, $0] }
        #expect(Array(GSM7.text(of: septets, shift: shift).unicodeScalars) == Array(text.unicodeScalars))
        // What the default alphabet has as well needs no escape.
        let shortest = GSM7.septets(of: text, shift: shift) ?? []
        #expect(GSM7.text(of: shortest, shift: shift) == text && shortest.count <= septets.count)
    }

    @Test("each character of every pair of tables comes back", arguments: 0...13 as ClosedRange<UInt8>)
    func roundTrip(locking: UInt8) throws {
        for single in 0...13 as ClosedRange<UInt8> {
            let shift = NationalShift(
                locking: NationalLanguage(rawValue: locking), single: NationalLanguage(rawValue: single))
            for code in 0..<128 as Range<UInt8> where code != 0x1B {
                for septets in [[code], [0x1B, code]] {
                    let text = GSM7.text(of: septets, shift: shift)
                    try #require(text.unicodeScalars.count == 1)
                    if text == " ", septets != [0x20] { continue }
                    let again = try #require(GSM7.septets(of: text, shift: shift))
                    #expect(again.count <= septets.count && GSM7.text(of: again, shift: shift) == text)
                }
            }
        }
    }

    @Test("what a table lacks shows as TS 23.038 says")
    func lacks() {
        let hindi = NationalShift(locking: .hindi, single: .hindi)
        #expect(GSM7.text(of: [0x1B, 0x61], shift: hindi) == "a", "the main table's character")
        #expect(GSM7.text(of: [0x1B, 0x0D], shift: hindi) == "\r")
        #expect(GSM7.text(of: [0x1B, 0x1B, 0x61, 0x1B], shift: hindi) == " a ")
        let tamil = NationalShift(locking: .tamil, single: .tamil)
        #expect(GSM7.text(of: [0x00, 0x1B, 0x40, 0x1B, 0x09], shift: tamil) == " |'")
        #expect(GSM7.text(of: [0x1B, 0x55, 0x1B, 0x7B], shift: NationalShift(locking: .turkish)) == "Uä")
        #expect(NationalShift(locking: .spanish) == .none)
        #expect(GSM7.hasUnassignedEscape(in: [0x1B, 0x53]))
        #expect(!GSM7.hasUnassignedEscape(in: [0x1B, 0x53], shift: NationalShift(single: .turkish)))
        #expect(GSM7.hasUnassignedEscape(in: [0x1B, 0x53], shift: NationalShift(locking: .turkish)))
    }

    @Test(
        "all tables are those of the public list",
        .enabled(if: isDataThere, "CONDUCTOR_TEST_DATA names no folder with national-tables.json"))
    func publicList() throws {
        let folder = try #require(ProcessInfo.processInfo.environment["CONDUCTOR_TEST_DATA"])
        let data = try Data(contentsOf: URL(fileURLWithPath: folder + "/national-tables.json"))
        let root = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let tables = try #require(root["tables"] as? [String: [String: Any]])
        #expect(tables.count == 14)
        for (identifier, table) in tables {
            let language = NationalLanguage(rawValue: try #require(UInt8(identifier)))
            #expect(language.map { "\($0)" } ?? "default" == table["language"] as? String)
            let locking = table["locking"] as? [String: String]
            let single = try #require(table["single_shift"] as? [String: String])
            #expect(language?.hasLockingTable ?? true == (locking != nil))
            for code in 0..<128 as Range<UInt8> where code != 0x1B {
                let key = (code < 16 ? "0" : "") + String(code, radix: 16).uppercased()
                let locked = GSM7.text(of: [code], shift: NationalShift(locking: language))
                if let locking { #expect(locked == locking[key] ?? " ", "\(identifier) locking \(key)") }
                // An empty place shows the main table's character: another main table tells it from a character.
                for main in [NationalLanguage.hindi, .turkish] {
                    let shift = NationalShift(locking: main, single: language)
                    let fallback = GSM7.text(of: [code], shift: NationalShift(locking: main))
                    #expect(
                        GSM7.text(of: [0x1B, code], shift: shift) == single[key] ?? fallback,
                        "\(identifier) single \(key)")
                }
            }
        }
    }
}
