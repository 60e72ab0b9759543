import SMSCodec
import Testing

@Suite("The notice of an MMS")
struct MMSNoticeTests {
    /// A push with these headers of M-Notification.ind behind its type and transaction.
    private func push(type: [UInt8] = [0xBE], kind: UInt8 = 0x82, _ fields: [UInt8]) -> [UInt8] {
        [0x01, 0x06, UInt8(type.count)] + type + [0x8C, kind, 0x98] + Array("T1".utf8) + [0, 0x8D, 0x90] + fields
    }

    private func text(_ text: String) -> [UInt8] { Array(text.utf8) + [0] }

    @Test("Sender, size and subject are read, and what is of no use here is passed over")
    func fields() throws {
        let sender = [0x80] + text("+16195550100/TYPE=PLMN")
        let subject: [UInt8] = [UInt8(1 + text("Grüße").count), 0xEA] + text("Grüße")
        let notice = try #require(
            MMSNotice(
                push: push(
                    [0x89, UInt8(sender.count)] + sender + [0x96] + subject + [0x8A, 0x80, 0x8E, 2, 0x88, 0xB8]
                        + [0x88, 5, 0x81, 3, 1, 2, 3, 0x83] + text("http://mmsc.example/1"))))
        #expect(notice.sender == "+16195550100")
        #expect(notice.subject == "Grüße")
        #expect(notice.size == 35_000)
    }

    @Test("A sender who is withheld, an empty subject and no size are nothing")
    func absent() throws {
        let notice = try #require(MMSNotice(push: push([0x89, 1, 0x81, 0x96, 0])))
        #expect(notice.sender == nil && notice.subject == nil && notice.size == nil)
    }

    @Test("Content types: a number with parameters, or words")
    func types() {
        #expect(MMSNotice(push: push(type: [3, 0xBE, 0x81, 0xEA], [])) != nil)
        #expect(MMSNotice(push: push(type: text("application/vnd.wap.mms-message") + [0xAF, 0x84], [])) != nil)
        #expect(MMSNotice(push: push(type: [0xAE], [])) == nil, "a service indication")
    }

    @Test("What is cut, of another kind, or no push at all is no notice, whatever its octets")
    func others() {
        #expect(MMSNotice(push: push(kind: 0x83, [])) == nil)
        #expect(MMSNotice(push: []) == nil)
        let whole = push([0x89, 4, 0x80, 0x41, 0x42, 0, 0x8E, 1, 9])
        for count in 0..<whole.count { _ = MMSNotice(push: Array(whole.prefix(count))) }
        var random = SeededRandom(seed: 7)
        for _ in 0..<2_000 {
            let octets = (0..<Int.random(in: 0...160, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            _ = MMSNotice(push: [1, 6] + octets)
            _ = MMSNotice(push: push(octets))
        }
    }

    /// Public vectors, by their ids.
    private static let seen: [String: (sender: String, subject: String?, size: Int)] = [
        "v0047": ("Erotik", "Pin-Ups", 16_384), "v0192": ("33707520030", "yBO", 34),
        "v0198": ("+33333493211", nil, 96_857), "c003": ("+15122977683", nil, 11_153),
    ]

    @Test(
        "Notices of real networks, one of them in two parts",
        .enabled(if: VectorFile.path != nil, "CONDUCTOR_TEST_DATA names no folder with pdu-vectors.json"))
    func vectors() throws {
        var read = 0
        for vector in try VectorFile.all() {
            guard let expected = Self.seen[vector.id] else { continue }
            var octets: [UInt8] = []
            for pdu in vector.pdus {
                guard case .deliver(let deliver) = try vector.decode(pdu).tpdu else { continue }
                octets += deliver.userData.content
            }
            let notice = try #require(MMSNotice(push: octets), "\(vector.id)")
            #expect(notice.sender == expected.sender, "\(vector.id)")
            #expect(notice.subject == expected.subject, "\(vector.id)")
            #expect(notice.size == expected.size, "\(vector.id)")
            read += 1
        }
        #expect(read == Self.seen.count)
    }
}
