import Testing

@testable import ModemKit

@Suite("The ring that a trace is kept in")
struct TraceRingTests {
    private func fill(_ ring: TraceRing, _ count: Int, _ text: String = "AT+CSQ\r") {
        for _ in 0..<count { ring.append(.sent, port: 0, Array(text.utf8)) }
    }

    @Test("It never has more octets than it may, whatever the entries' lengths, and ends with the newest")
    func bounds() {
        let ring = TraceRing()
        var random = SystemRandomNumberGenerator()
        for _ in 0..<5_000 {
            ring.append(
                .received, port: 0, [UInt8](repeating: 0x78, count: Int.random(in: 0...6_000, using: &random)))
            #expect(ring.size <= TraceRing.capacity)
        }
        let entries = ring.entries(after: 0)
        #expect(entries.last?.number == 5_000)
        #expect(entries.count > 10)
        #expect(entries.allSatisfy { $0.data.utf8.count <= TraceRing.longest })
        #expect(zip(entries, entries.dropFirst()).allSatisfy { $0.number + 1 == $1.number && $0.at <= $1.at })
    }

    @Test("The beginning of the service stays when the rest has made room, until the next one begins")
    func pinned() {
        let ring = TraceRing()
        fill(ring, 4_000)
        ring.pin()
        ring.note("begun")
        fill(ring, 20_000)
        let entries = ring.entries(after: 0)
        #expect(entries.first?.data == "begun")
        #expect(entries.last?.number == ring.newest)
        let gaps = zip(entries, entries.dropFirst()).count { $0.number + 1 != $1.number }
        #expect(gaps == 1)
        #expect(ring.size <= TraceRing.capacity)
        ring.pin()
        ring.note("begun again")
        fill(ring, 20_000)
        #expect(ring.entries(after: 0).first?.data == "begun again")
    }

    @Test("Asked for what comes after an entry, it gives that and no more")
    func after() {
        let ring = TraceRing()
        fill(ring, 10)
        #expect(ring.entries(after: 7).map(\.number) == [8, 9, 10])
        #expect(ring.entries(after: 10).isEmpty)
    }

    @Test("What was said on the way to a modem goes to its trace, with its times, and ports beside it are named")
    func moved() {
        let aside = PortRecorder(path: "/dev/ttyUSB3")
        let main = PortRecorder(path: "/dev/ttyUSB2")
        let ring = TraceRing()
        main.note("open: /dev/ttyUSB2")
        main.sent(Array("AT\r".utf8))
        main.move(to: ring, isAside: false)
        main.hears("\r\nOK\r\n")
        aside.hears("\r\n+CMTI: \"SM\",1\r\n")
        aside.move(to: ring, isAside: true)
        aside.hears("\r\nRING\r\n")
        #expect(
            ring.entries(after: 0).map { "\($0.kind) \($0.port ?? "") \($0.data)" } == [
                "note  open: /dev/ttyUSB2", "sent  AT\r", "received  \r\nOK\r\n",
                "received /dev/ttyUSB3 \r\n+CMTI: \"SM\",1\r\n", "received /dev/ttyUSB3 \r\nRING\r\n",
            ])
    }

    @Test(
        "Lines are the same however the octets come",
        arguments: [
            ["\r\nOK\r\n"], ["ATE0\r", "\r\nOK\r\n"], ["\r\n> "], ["\r\n>"], ["\r\n+CSQ: 1,9\r\n", "\r\nOK\r\n"],
            ["0\r"], ["\r\n+CMGS: 3\r\n", "\r\nOK\r\n"], ["\r\n+CMGL: 1,1,,23\r\n", "00x0\r\n", "\r\nOK\r\n"],
        ])
    func splits(_ lines: [String]) {
        let whole = Array(lines.joined().utf8)
        for cut in 0...whole.count {
            let recorder = PortRecorder(path: "/dev/ttyUSB2")
            recorder.hears(String(decoding: whole[..<cut], as: UTF8.self))
            recorder.hears(String(decoding: whole[cut...], as: UTF8.self) + "\r\nRING\r\n")
            let kept = recorder.ring.entries(after: 0).map(\.data)
            #expect(kept.joined() == lines.joined() + "\r\nRING\r\n", "cut at \(cut)")
        }
        let recorder = PortRecorder(path: "/dev/ttyUSB2")
        recorder.hears(lines.joined())
        #expect(recorder.ring.entries(after: 0).map(\.data) == lines)
    }

    @Test("A line that did not come whole, or is longer than any, is masked whole, and the next is read again")
    func halfLines() {
        let recorder = PortRecorder(path: "/dev/ttyUSB2")
        recorder.sent(Array("AT+CGMM\r".utf8))
        recorder.hears("\r\n+CLIP: \"+1619555")
        recorder.note("no final result")
        recorder.hears("0123\",145\r\n\r\n+CSQ: 2,9\r\n")
        recorder.hears(String(repeating: "secret 4711 ", count: 1_000) + "\r\nOK\r\n")
        let kept = recorder.ring.entries(after: 0).map(\.data)
        #expect(!kept.joined().contains("0123"))
        #expect(!kept.joined().contains("1619555"))
        #expect(!kept.joined().contains("4711"))
        #expect(!kept.joined().contains("secret"))
        #expect(kept.contains("\r\n+CSQ: 2,9\r\n"))
        #expect(kept.last == "OK\r\n" || kept.last == "\r\nOK\r\n")
    }

    @Test("In the text form every octet can be read again")
    func text() {
        let entry = TraceEntry(number: 1, at: 0, kind: .received, data: "\r\n\\a\u{1A}\u{1B}\u{7F} x\r\n")
        #expect(TraceText.line(entry, time: "T") == "T  ←  \\r\\n\\\\a\\x1A\\x1B\\x7F x\\r\\n")
        let aside = TraceEntry(number: 1, at: 0, kind: .received, port: "/dev/ttyUSB3", data: "RING")
        #expect(TraceText.line(aside, time: "T") == "T  ← /dev/ttyUSB3  RING")
    }
}

extension PortRecorder {
    func hears(_ text: String) {
        Array(text.utf8).withUnsafeBufferPointer { received($0) }
    }
}
