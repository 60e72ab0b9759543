import Glibc
import ModemSimulator
import Testing

/// A program's end of a simulated modem's port. Reads have a deadline, so that a missing reply fails a test.
final class Terminal {
    let descriptor: Int32
    private var unread: [UInt8] = []

    init(_ path: String) throws {
        descriptor = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
        try #require(descriptor >= 0, "cannot open \(path)")
    }

    deinit { close(descriptor) }

    func send(_ text: String) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            guard count <= 0 else {
                bytes = bytes.dropFirst(count)
                continue
            }
            guard errno == EAGAIN, wait(POLLOUT, 10_000) & Int16(POLLOUT) != 0 else {
                Issue.record("the port took nothing")
                return
            }
        }
    }

    /// Sends a command line and checks the octets that come back.
    func ask(_ line: String, _ reply: String, sourceLocation: SourceLocation = #_sourceLocation) {
        send(line)
        expect(reply, sourceLocation: sourceLocation)
    }

    /// Checks the next octets.
    func expect(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) {
        let wanted = Array(text.utf8)
        fill { $0.count >= wanted.count }
        let got = Array(unread.prefix(wanted.count))
        unread.removeFirst(got.count)
        #expect(Self.shown(got) == Self.shown(wanted), sourceLocation: sourceLocation)
    }

    /// Checks that nothing more was said: what comes next is the answer to another command.
    func expectNothingMore(sourceLocation: SourceLocation = #_sourceLocation) {
        ask("AT+GCAP\r", "\r\n+GCAP: +CGSM\r\n\r\nOK\r\n", sourceLocation: sourceLocation)
        #expect(unread.isEmpty, sourceLocation: sourceLocation)
    }

    /// Echo off, numeric errors: how most tests talk.
    func setUp() {
        send("ATE0+CMEE=1\r")
        expect("ATE0+CMEE=1\r\r\nOK\r\n")
    }

    /// Everything up to and including `end`.
    func read(upTo end: String, sourceLocation: SourceLocation = #_sourceLocation) -> String {
        let mark = Array(end.utf8)
        var found: Int?
        fill { bytes in
            guard bytes.count >= mark.count else { return false }
            found = (0...(bytes.count - mark.count)).first { Array(bytes[$0..<($0 + mark.count)]) == mark }
            return found != nil
        }
        guard let found else {
            Issue.record("\(end) did not come; got \(Self.shown(unread))", sourceLocation: sourceLocation)
            return ""
        }
        defer { unread.removeFirst(found + mark.count) }
        return String(decoding: unread.prefix(found + mark.count), as: UTF8.self)
    }

    /// Whether the other end has gone.
    func hangsUp() -> Bool {
        let ready = wait(POLLHUP, 5000)
        return ready & Int16(POLLHUP) != 0
    }

    /// Whether nothing comes for so many milliseconds.
    func isSilent(for milliseconds: Int32) -> Bool { unread.isEmpty && wait(POLLIN, milliseconds) == 0 }

    private func fill(until isEnough: ([UInt8]) -> Bool) {
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(10)
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while !isEnough(unread), clock.now < deadline {
            _ = wait(POLLIN, 100)
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count > 0 { unread.append(contentsOf: chunk[..<count]) }
        }
    }

    private func wait(_ events: Int32, _ milliseconds: Int32) -> Int16 {
        var ready = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        return poll(&ready, 1, milliseconds) > 0 ? ready.revents : 0
    }

    private static func shown(_ bytes: [UInt8]) -> String {
        String(decoding: bytes, as: UTF8.self).debugDescription
    }
}

/// A simulator in a folder of its own, and what tests ask of it.
final class Bench {
    let simulator: Simulator
    let folder: String

    init(modems: Int = 1, _ change: (inout SimulatorConfiguration) -> Void = { _ in }) throws {
        var template = Array("/tmp/conductor-sim-XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.map { mkdtemp($0) != nil } ?? false
        }
        try #require(made, "cannot make a folder in /tmp")
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        var configuration = SimulatorConfiguration(modems: modems, linkFolder: folder)
        change(&configuration)
        simulator = try Simulator(configuration)
    }

    deinit {
        simulator.stop()
        if let ledger = simulator.configuration.ledgerPath { unlink(ledger) }
        rmdir(folder)
    }

    func open(_ modem: Int = 0) throws -> Terminal { try Terminal(simulator.links[modem]) }

    /// Opened, echo off.
    func ready(_ modem: Int = 0) throws -> Terminal {
        let terminal = try open(modem)
        terminal.setUp()
        return terminal
    }

    /// Waits until so many events of a kind have happened; then the last of them.
    @discardableResult
    func event(
        _ kind: LedgerEvent.Kind, _ count: Int = 1, sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> LedgerEvent {
        var found: [LedgerEvent] = []
        let came = simulator.wait { events in
            found = events.filter { $0.kind == kind }
            return found.count >= count
        }
        #expect(came, "\(kind) did not happen \(count) times", sourceLocation: sourceLocation)
        return try #require(found.last, sourceLocation: sourceLocation)
    }

    func count(_ kind: LedgerEvent.Kind) -> Int { simulator.events.count { $0.kind == kind } }
}

/// A SUBMIT to +16195550123 with the text "hi", that asks for a report or not; 14 octets.
enum Sample {
    static let submit = "0001000B916191551032F3000002E834"
    static let submitWithReport = "0021000B916191551032F3000002E834"
    static let length = 15
    /// A DELIVER from +16195550123, "OK": class 0...3 by its data coding scheme.
    static func deliver(class number: Int? = nil) -> [UInt8] {
        let coding = number.map { 0xF0 + UInt8($0) } ?? 0
        return [
            0x00, 0x04, 0x0B, 0x91, 0x61, 0x91, 0x55, 0x10, 0x32, 0xF3, 0x00, coding, 0x62, 0x11, 0x32, 0x11, 0x23,
            0x45, 0x2B, 0x02, 0xCF, 0x25,
        ]
    }
    static func deliverHex(class number: Int? = nil) -> String {
        deliver(class: number).map { byte in
            let text = String(byte, radix: 16, uppercase: true)
            return text.count == 1 ? "0" + text : text
        }.joined()
    }
    static let deliverLength = 21
}
