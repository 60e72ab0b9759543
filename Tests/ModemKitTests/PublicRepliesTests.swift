import Foundation
import Testing

@testable import ModemKit

/// Replies of real modems from public projects; found through CONDUCTOR_TEST_DATA only.
private let folder = ProcessInfo.processInfo.environment["CONDUCTOR_TEST_DATA"]

private struct Reply: Decodable {
    struct Expectation: Decodable {
        var stat: Int?
        var mem: String?
        var index: Int?
        var mem1: [String]?
        var rssi: Int?
        var numbers: [String]?
        var `operator`: String?
        var pdu: String?
        var cms: Int?
        var cme: Int?
        var unsolicited: Bool?
        var m: Int?
        var text: String?
        var level: String?

        enum CodingKeys: String, CodingKey {
            case stat, mem, index, mem1, rssi, numbers, `operator`, pdu, cms, cme, unsolicited, m, text, level
        }

        /// The same name has other types in kinds that are not used here.
        init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            stat = try? values.decode(Int.self, forKey: .stat)
            mem = try? values.decode(String.self, forKey: .mem)
            index = try? values.decode(Int.self, forKey: .index)
            mem1 = try? values.decode([String].self, forKey: .mem1)
            rssi = try? values.decode(Int.self, forKey: .rssi)
            numbers = try? values.decode([String].self, forKey: .numbers)
            `operator` = try? values.decode(String.self, forKey: .operator)
            pdu = try? values.decode(String.self, forKey: .pdu)
            cms = try? values.decode(Int.self, forKey: .cms)
            cme = try? values.decode(Int.self, forKey: .cme)
            unsolicited = try? values.decode(Bool.self, forKey: .unsolicited)
            m = try? values.decode(Int.self, forKey: .m)
            text = try? values.decode(String.self, forKey: .text)
            level = try? values.decode(String.self, forKey: .level)
        }
    }
    var id: String
    var kind: String
    var command: String?
    var raw: String
    var expect: Expectation

    var lines: [[UInt8]] {
        raw.split(whereSeparator: { $0.isNewline }).map { line in
            Array(line.drop { $0 == " " }.utf8)
        }
    }
}

@Suite("Public replies of real modems", .enabled(if: folder != nil, "CONDUCTOR_TEST_DATA is not set"))
struct PublicRepliesTests {
    private func replies(_ kinds: String...) throws -> [Reply] {
        let path = try #require(folder) + "/at-replies.json"
        let data = try #require(FileManager.default.contents(atPath: path))
        return try JSONDecoder().decode([Reply].self, from: data).filter { kinds.contains($0.kind) }
    }

    @Test("Registration, asked for or not")
    func registration() throws {
        for reply in try replies("CREG", "CGREG", "CEREG", "C5GREG") {
            guard let line = reply.lines.first(where: { $0.first == UInt8(ascii: "+") }) else { continue }
            // Where `|` marks the bounds of reads, the line is in pieces.
            if line.contains(UInt8(ascii: "|")) { continue }
            let rest = try #require(line.firstIndex(of: UInt8(ascii: ":")).map { line[($0 + 1)...] })
            let stat =
                reply.command == nil ? Registration.unsolicited(rest) : Registration.solicited(rest)
            #expect(stat == reply.expect.stat, "\(reply.id)")
        }
    }

    @Test("What networks say by USSD, in any split of bytes")
    func ussd() throws {
        let states: [USSDReply.State] = [.done, .asks, .ended, .elsewhere, .unsupported, .timedOut]
        for reply in try replies("CUSD") {
            for chunk in [1, 3, 7, 4096] {
                var session = ATSession()
                var heard: [USSDReply] = []
                let bytes = Array((reply.raw + "\r\n").utf8)
                for start in stride(from: 0, to: bytes.count, by: chunk) {
                    session.receive(bytes[start..<min(start + chunk, bytes.count)]) { event in
                        if case .unsolicited(.ussd(let said)) = event { heard.append(said) }
                    }
                }
                let said = try #require(heard.first, "\(reply.id)")
                #expect(heard.count == 1, "\(reply.id)")
                #expect(said.state == reply.expect.m.map { states[$0] }, "\(reply.id)")
                // One that is damaged on its way says something, and nothing is expected of what.
                guard reply.expect.level != "may", let text = reply.expect.text else { continue }
                #expect(said.text == text, "\(reply.id)")
            }
        }
    }

    @Test("Indications of new texts")
    func indications() throws {
        for reply in try replies("CMTI") where reply.expect.index != nil {
            var session = ATSession()
            var events: [ATSession.Event] = []
            session.receive((reply.raw + "\r").utf8) { events.append($0) }
            let memory = reply.expect.mem ?? ""
            let expected = ATSession.Event.unsolicited(.stored(memory: memory, index: reply.expect.index ?? -1))
            #expect(events == [expected], "\(reply.id)")
        }
    }

    @Test("Memories, signal, numbers, operators")
    func answers() throws {
        for reply in try replies("CPMS=?") {
            guard let memories = reply.expect.mem1 else { continue }
            #expect(MessageStorage(offers: reply.lines).readable == memories, "\(reply.id)")
        }
        for reply in try replies("CSQ") {
            let level = try #require(reply.expect.rssi)
            #expect(Answers.signal(reply.lines) == (level == 99 ? nil : 2 * level - 113), "\(reply.id)")
        }
        for reply in try replies("CNUM") {
            #expect(Answers.ownNumber(reply.lines) == reply.expect.numbers?.first, "\(reply.id)")
        }
        for reply in try replies("COPS?") {
            #expect(Answers.network(reply.lines) == reply.expect.operator, "\(reply.id)")
        }
    }

    @Test("Listings in PDU mode")
    func listings() throws {
        var seen = 0
        for reply in try replies("CMGR") {
            guard let pdu = reply.expect.pdu, let state = reply.expect.stat else { continue }
            var session = ATSession()
            var entries: [StoredEntry] = []
            session.begin(Array((reply.command ?? "AT+CMGR=1").utf8), .stored(hasIndex: false))
            session.receive((reply.raw + "\r\nOK\r\n").utf8) { event in
                if case .finished(let reply) = event { entries = reply.entries }
            }
            // No such state: one modem tells of a report its length only, another puts the slot first.
            #expect(entries.first?.state == (state > 3 ? 1 : state), "\(reply.id)")
            let body = entries.first.map { String(decoding: $0.body, as: UTF8.self).uppercased() }
            #expect(body == pdu.uppercased(), "\(reply.id)")
            seen += 1
        }
        #expect(seen > 10)
    }

    @Test("Errors")
    func errors() throws {
        for reply in try replies("error") {
            var session = ATSession()
            var result: ATResult?
            session.begin(Array((reply.command ?? "AT+X").utf8), .lines)
            session.receive((reply.raw + "\r\n").utf8) { event in
                if case .finished(let reply) = event { result = reply.result }
            }
            let expected: ATResult =
                reply.expect.cms.map { .cms($0) } ?? reply.expect.cme.map { .cme($0) } ?? .error("ERROR")
            #expect(result == expected, "\(reply.id)")
        }
    }
}
