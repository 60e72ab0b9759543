import Foundation
import SMSCodec
import Testing

@testable import conductor

struct PDUCommandTests {
    private func object(_ line: [UInt8]) throws -> NSDictionary {
        #expect(line.last == 0x0A)
        #expect(line.filter { $0 == 0x0A }.count == 1)
        return try #require(try JSONSerialization.jsonObject(with: Data(line)) as? NSDictionary)
    }

    private func decode(_ pdu: String, isSubmitted: Bool = false, hasServiceCentre: Bool = true) throws -> NSDictionary
    {
        try object(
            PDUDescription.line(
                for: Array(pdu.utf8), direction: isSubmitted ? .mobileOriginated : .mobileTerminated,
                hasServiceCentre: hasServiceCentre))
    }

    @Test("a text is told in the members that programs know")
    func deliver() throws {
        let found = try decode("07915155101000F0040B915155101032F40000111010214365000AE8329BFD4697D9EC37")
        let wanted: NSDictionary = [
            "smsc": "+15550101000", "tpdu_length": 28, "type": "deliver", "more_messages": false, "lp": false,
            "sri": false, "udhi": false, "rp": false, "number": "+15550101234", "number_type": "international",
            "toa": 145, "pid": 0, "dcs": 0, "timestamp": "2011-01-01T12:34:56+00:00",
            "timestamp_raw": "11101021436500", "udl": 10, "alphabet": "gsm7", "septets": 10, "text": "hellohello",
        ]
        #expect(found == wanted)
    }

    @Test("what cannot be decoded is an error in words", arguments: ["", "0", "zz", "00", "0004", "0001"])
    func refused(pdu: String) throws {
        let found = try decode(pdu)
        #expect(found.allKeys.count == 1)
        #expect((found["error"] as? String)?.isEmpty == false)
    }

    @Test(
        "reports, commands and periods are told under names like the others",
        arguments: [
            ("00D300", true, #"{"type": "deliver_report", "fcs": 211, "fcs_meaning": "memory exceeded", "pi": 0}"#),
            ("010011101021436500", false, #"{"type": "submit_report", "timestamp": "2011-01-01T12:34:56+00:00"}"#),
            (
                "220700022A0481551500", true,
                #"{"type": "command", "mr": 7, "ct": 2, "ct_meaning": "delete", "mn": 42, "number": "5551", "cdl": 0}"#
            ),
            (
                "09000181F50000" + "43100000000000" + "00", true,
                #"{"vpf": "enhanced", "validity": {"enhanced": "43100000000000", "raw": "43100000000000", "#
                    + #""seconds": 3600, "single_shot": true}}"#
            ),
            (
                "07018FF541001110102143650000", false,
                #"{"type": "deliver", "mti": 3, "pid": 65, "replace": 1, "toa": 143}"#
            ),
        ])
    func named(pdu: String, isSubmitted: Bool, json: String) throws {
        let found = try decode(pdu, isSubmitted: isSubmitted, hasServiceCentre: false)
        let members = try object(Array((json + "\n").utf8))
        for (key, value) in members {
            let key = try #require(key as? String)
            #expect(found[key] as? NSObject == value as? NSObject, "\(key)")
        }
    }

    @Test(
        "any text goes through JSON unharmed",
        arguments: ["\"quoted\" \\ back", "line\r\nline\u{0C}", "\u{0}\u{1F}\u{7F}", "😀 ж", "OK", "\u{2028}"])
    func escaping(text: String) throws {
        let part = UserData(text: text)
        let bytes = Deliver(sender: Address(number: "+15550100"), time: nil, userData: part).encode()
        let found = try decode(Hex.encode(bytes))
        #expect(found["text"] as? String == text)
        #expect(found["timestamp"] is NSNull)
    }

    @Test("a text is encoded to parts that decode to it")
    func encode() throws {
        let text = String(repeating: "€ and [more] ", count: 30)
        let request: NSDictionary = [
            "number": "+15550100", "text": text, "report": true, "validity_minutes": 60, "reference": 513, "class": 0,
        ]
        let json = try JSONSerialization.data(withJSONObject: request)
        let found = try object(PDUEncoding.line(for: Array(json)))
        let pdus = try #require(found["pdus"] as? [String])
        #expect(found["parts"] as? Int == pdus.count && pdus.count > 1)
        #expect(found["encoding"] as? String == "gsm7")
        #expect(found["septets"] as? Int == GSM7.septets(of: text)?.count)
        var joined = ""
        for (index, pdu) in pdus.enumerated() {
            let part = try decode(pdu, isSubmitted: true)
            joined += part["text"] as? String ?? ""
            #expect(part["srr"] as? Bool == true)
            #expect(part["class"] as? Int == 0)
            #expect(part["validity"] as? NSDictionary == ["relative": 11, "seconds": 3_600])
            #expect(
                part["concat"] as? NSDictionary
                    == ["ref": 513, "total": pdus.count, "seq": index + 1, "ref_bits": 16])
        }
        #expect(joined == text)
    }

    @Test("a text is encoded in the national tables that it needs, and why it costs what it does is told")
    func languages() throws {
        func encode(_ text: String, _ language: String?) throws -> NSDictionary {
            var request = ["number": "+15550100", "text": text]
            request["language"] = language
            return try object(PDUEncoding.line(for: Array(try JSONEncoder().encode(request))))
        }
        let text = String(repeating: "şehir ", count: 15)
        for (language, encoding, parts) in [
            (nil, "gsm7", 1), ("", "gsm7", 1), ("auto", "gsm7", 1), ("tr", "gsm7", 1), ("Turkish", "gsm7", 1),
            ("none", "ucs2", 2), ("hi", "ucs2", 2),
        ] {
            let found = try encode(text, language)
            #expect(found["encoding"] as? String == encoding && found["parts"] as? Int == parts)
            #expect(found[encoding == "gsm7" ? "septets" : "units"] as? Int == (encoding == "gsm7" ? 105 : 90))
            #expect(found["single_shift"] as? String == (encoding == "gsm7" ? "tr" : nil))
            let why = try #require(found["why"] as? [NSDictionary])
            #expect(why.first?["character"] as? String == "ş" && why.first?["replacement"] as? String == "s")
            let pdus = try #require(found["pdus"] as? [String])
            let texts = try pdus.map { try decode($0, isSubmitted: true)["text"] as? String ?? "" }
            #expect(texts.joined() == text)
        }
        #expect(try encode("plain", nil).allKeys.count == 5)
        #expect(try encode("plain", nil)["units_left"] as? Int == 155)
    }

    @Test(
        "B9: a request that cannot be sent is an error in words",
        arguments: [
            "", "[]", "{}", #"{"number":"+15550100"}"#, #"{"number":"+15550100","text":""}"#,
            #"{"number":"","text":"x"}"#, #"{"number":"unknown","text":"x"}"#, #"{"number":5550100,"text":"x"}"#,
            #"{"number":"+15550100","text":"x","class":4}"#, #"{"number":"+15550100","text":"x","reference":65536}"#,
            #"{"number":"+15550100","text":"x","validity_minutes":0}"#,
            #"{"number":"+15550100","text":"x","language":"klingon"}"#,
        ])
    func refusedRequests(line: String) throws {
        let found = try object(PDUEncoding.line(for: Array(line.utf8)))
        #expect(found.allKeys.count == 1)
        #expect((found["error"] as? String)?.isEmpty == false)
    }

    @Test(
        "public vectors give every member expected",
        .enabled(
            if: ProcessInfo.processInfo.environment["CONDUCTOR_TEST_DATA"] != nil,
            "CONDUCTOR_TEST_DATA names no folder with pdu-vectors.json"))
    func vectors() throws {
        let folder = try #require(ProcessInfo.processInfo.environment["CONDUCTOR_TEST_DATA"])
        let data = try Data(contentsOf: URL(fileURLWithPath: folder + "/pdu-vectors.json"))
        let rows = try #require(try JSONSerialization.jsonObject(with: data) as? [[String: Any]])
        // Shift tables are another matter.
        let leftOut: Set = ["text_with_tables", "force_locking", "force_single"]
        var tried = 0
        for row in rows {
            guard let pdu = row["pdu"] as? String, let expect = row["expect"] as? [String: Any],
                let kind = row["kind"] as? String, kind != "submit_encode", kind != "cell_broadcast"
            else { continue }
            let found = try decode(
                pdu, isSubmitted: row["direction"] as? String == "mo",
                hasServiceCentre: row["has_smsc"] as? Bool ?? true)
            tried += 1
            if expect["error"] != nil {
                // What may be refused is refused, or read and named.
                let isNamed = row["level"] as? String == "may" && found["type"] is String
                #expect(found["error"] is String || isNamed, "\(row["id"] ?? "")")
                continue
            }
            for (key, value) in expect where !leftOut.contains(key) {
                #expect(found[key] as? NSObject == value as? NSObject, "\(row["id"] ?? "") \(key)")
            }
        }
        #expect(tried > 400)
    }
}
