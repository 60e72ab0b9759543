import ConsoleServer
import GatewayCore
import Glibc
import ModemKit
import PluginKit
import Testing

@testable import conductor

@Suite("The trace of a modem, as a person asks for it")
struct TraceTests {
    private static let lines = """
        # conductor trace 1: modem 356938035643809; masked: numbers, texts, PINs, IMSI, ICCID
        # Replay it: conductor simulate --link DIR --replay FILE
        2026-09-21T14:13:20.000Z  --  open: /dev/ttyUSB2
        2026-09-21T14:13:20.000Z  →  AT+CSQ\\r
        2026-09-21T14:13:20.000Z  ←  \\r\\n+CSQ: 20,99\\r\\n

        """

    @Test("modems trace prints a file that says what it is; --json is for programs; an unknown modem is an error")
    func printed() async throws {
        try await ServedGateway.with { gateway in
            let environment = ["CONDUCTOR_SOCKET": gateway.socket]
            func run(_ words: String...) async -> Program {
                await Program.finished(Program.conductor, ["modems", "trace"] + words, environment: environment)
            }
            for name in ["-", "356938035643809"] {
                let text = await run(name)
                #expect(text.status == 0 && text.output == Self.lines)
            }
            let json = await run("-", "--json")
            let report = try APICoding.decode(TraceReport.self, from: json.output.utf8)
            #expect(report.entries.map(\.number) == [1, 2, 3])
            #expect(report.entries[1].data == "AT+CSQ\r")
            let none = await run("1")
            #expect(none.status == 1 && none.errors.contains("no such modem"))
        }
    }

    @Test("With --follow it goes on as more is said, each entry once")
    func followed() async throws {
        try await ServedGateway.with { gateway in
            // Ends when nobody reads any more.
            let run = await Program.finished(
                "/bin/sh",
                ["-c", "env --default-signal=PIPE \"$0\" modems trace - --follow | head -n 7", Program.conductor],
                environment: ["CONDUCTOR_SOCKET": gateway.socket])
            #expect(
                run.output == Self.lines
                    + String(repeating: "2026-09-21T14:13:20.000Z  ←  RING\n", count: 2))
        }
    }

    @Test("Without a gateway it says so")
    func away() async {
        let run = await Program.finished(
            Program.conductor, ["modems", "trace", "-"], environment: ["CONDUCTOR_SOCKET": "/nowhere/control.sock"])
        #expect(run.status == 3)
    }

    private func page(_ run: String, _ numbers: Int...) -> TraceReport {
        TraceReport(
            imei: "1", port: "/dev/ttyUSB2", run: run, newest: numbers.last ?? 0,
            entries: numbers.map { .init(number: $0, at: Timestamp(milliseconds: 0), kind: .sent, data: "AT\r") })
    }

    private func shown(_ items: [TraceProgress.Item]) -> [String] {
        items.map { item in
            switch item {
            case .entry(let entry): "\(entry.number)"
            case .gap(let count, _): "-\(count)"
            }
        }
    }

    @Test("What is asked for again and again is shown once; gaps are told; a new start of the gateway begins anew")
    func progress() {
        var progress = TraceProgress()
        #expect(shown(progress.news(in: page("a", 1, 2, 9))) == ["1", "2", "-6", "9"])
        #expect(shown(progress.news(in: page("a"))) == [])
        #expect(shown(progress.news(in: page("a", 9, 10))) == ["10"])
        #expect(progress.last == 10)
        // Asked for after 10, the new one has none of its own first ones to show: they are asked for now.
        #expect(shown(progress.news(in: page("b", 11))) == [])
        #expect(progress.last == 0)
        #expect(shown(progress.news(in: page("b", 1, 2, 3))) == ["1", "2", "3"])
    }

    @Test("simulate refuses a file that is no trace, with its line, and opens nothing")
    func refused() async throws {
        var template = Array("/tmp/conductor-trace-XXXXXX".utf8CString)
        let folder = try #require(
            template.withUnsafeMutableBufferPointer {
                $0.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
            })
        defer { rmdir(folder) }
        let path = "\(folder)/trace.txt"
        let file = try #require(fopen(path, "w"))
        fputs("hello\n", file)
        fclose(file)
        defer { unlink(path) }
        let links = "\(folder)/modems"
        let run = await Program.finished(Program.conductor, ["simulate", "--link", links, "--replay", path])
        #expect(run.status == 2)
        #expect(run.errors.contains("\(path):1: expected a trace"))
        let missing = await Program.finished(
            Program.conductor, ["simulate", "--link", links, "--replay", "\(path).no"])
        #expect(missing.status == 1 && missing.errors.contains("cannot read"))
        let slow = await Program.finished(
            Program.conductor, ["simulate", "--link", links, "--replay", path, "--speed", "0"])
        #expect(slow.status == 2)
        #expect(access(links, F_OK) != 0)
    }
}
