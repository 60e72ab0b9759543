import GatewayCore
import ModemKit
import PluginKit
import Synchronization
import Testing

@testable import conductor

@Suite struct CommandLineTests {
    @Test(
        "wrong usage ends with 2 and is said on standard error",
        arguments: [
            ["nonsense"], ["send"], ["send", "+16195550100"], ["inbox", "--limit", "0"],
            ["messages", "list", "--direction", "sideways"], ["run", "--simulate", "0"], ["run", "--simulate", "few"],
            ["send", "+16195550100", "hi", "--at", "whenever"], ["modems", "at"],
            ["optout", "add"], ["optout", "remove", "+16195550100"], ["number", "--country", "usa", "1"],
        ])
    func wrongUsage(_ arguments: [String]) {
        let run = Program.run(Program.conductor, arguments)
        #expect(run.status == 2)
        #expect(run.output.isEmpty)
        #expect(!run.errors.isEmpty)
    }

    @Test(
        "a client command without a gateway ends with 3 and says how to start one",
        arguments: [["status"], ["inbox"], ["modems", "list"], ["plugins", "list"], ["send", "+16195550100", "hi"]])
    func notRunning(_ arguments: [String]) {
        let run = Program.run(
            Program.conductor, arguments, environment: ["CONDUCTOR_SOCKET": "/nonexistent/control.sock"])
        #expect(run.status == 3)
        #expect(run.output.isEmpty)
        #expect(run.errors.contains("the gateway is not running"))
        #expect(run.errors.contains("conductor run"))
    }

    @Test("help and version go to standard output with 0", arguments: [["--help"], ["version"], ["--version"]])
    func helpAndVersion(_ arguments: [String]) {
        let run = Program.run(Program.conductor, arguments)
        #expect(run.status == 0)
        #expect(!run.output.isEmpty)
        #expect(run.errors.isEmpty)
    }

    @Test("a socket path that no socket can have is refused in words")
    func longSocket() {
        let path = "/tmp/" + String(repeating: "x", count: 120)
        let run = Program.run(Program.conductor, ["status"], environment: ["CONDUCTOR_SOCKET": path])
        #expect(run.status == 2)
        #expect(run.errors.contains("107"))
    }

    @Test("status is one page without colours when nobody looks, and JSON when asked")
    func status() async throws {
        try await ServedGateway.with { gateway in
            let environment = ["CONDUCTOR_SOCKET": gateway.socket]
            let page = await Program.finished(Program.conductor, ["status"], environment: environment)
            #expect(page.status == 0)
            for word in [
                "office", "SIM7600G-H", "-71 dBm", "SM 19/20", "12,345 texts", "12 waiting", "the disk is full",
            ] {
                #expect(page.output.contains(word))
            }
            #expect(!page.output.contains("\u{1B}"))
            let json = await Program.finished(Program.conductor, ["status", "--json"], environment: environment)
            #expect(json.output.contains("\"signal_dbm\":-71"))
            #expect(json.output.contains("\"process_id\":4711"))
        }
    }

    @Test("status --fleet is one line a gateway, and says since when one is silent")
    func fleet() async throws {
        try await ServedGateway.with { gateway in
            let environment = ["CONDUCTOR_SOCKET": gateway.socket]
            let page = await Program.finished(Program.conductor, ["status", "--fleet"], environment: environment)
            #expect(page.status == 0)
            let lines = page.output.split(separator: "\n")
            #expect(lines.count == 3)
            for word in ["shop (this)", "1.0", "8901 8902"] { #expect(lines[1].contains(word)) }
            for word in ["depot", "silent since 2026-", "1,200", "none"] { #expect(lines[2].contains(word)) }
            let json = await Program.finished(
                Program.conductor, ["status", "--fleet", "--json"], environment: environment)
            #expect(json.output.contains("\"silent_since\":\"2026-"))
            #expect(json.output.contains("\"is_this\":true"))
        }
    }

    @Test("send takes the text from standard input and prints the id")
    func sendFromStandardInput() async throws {
        try await ServedGateway.with { gateway in
            let run = await Program.finished(
                Program.conductor, ["send", "+16195550100", "-", "--from", "8901"],
                environment: ["CONDUCTOR_SOCKET": gateway.socket], input: "two\nlines\n")
            #expect(run.status == 0)
            #expect(run.output == "out-1  queued\n")
            let requests = gateway.fake.state.withLock { $0.requests }
            #expect(requests.map(\.text) == ["two\nlines"])
            #expect(requests.first?.from == "8901")
            #expect(requests.first?.origin == "cli")
        }
    }

    @Test(
        "what the gateway refuses ends with its exit code",
        arguments: [
            (GatewayError(.refused, "the person said STOP"), 4), (GatewayError(.invalid, "no number"), 2),
            (GatewayError(.unavailable, "the journal is away"), 1),
        ] as [(GatewayError, Int32)])
    func refusals(_ refusal: GatewayError, _ status: Int32) async throws {
        try await ServedGateway.with { gateway in
            gateway.fake.state.withLock { $0.refusal = refusal }
            let run = await Program.finished(
                Program.conductor, ["send", "+16195550100", "hi"], environment: ["CONDUCTOR_SOCKET": gateway.socket])
            #expect(run.status == status)
            #expect(run.output.isEmpty)
            #expect(run.errors.contains(refusal.message))
        }
    }

    @Test("D4: a list of 1,001 texts is whole")
    func paging() async throws {
        try await ServedGateway.with { gateway in
            gateway.fake.state.withLock { $0.messages = (1...1001).map { FakeGateway.inbound($0) } }
            let run = await Program.finished(
                Program.conductor, ["messages", "list", "--limit", "5000"],
                environment: ["CONDUCTOR_SOCKET": gateway.socket])
            #expect(run.status == 0)
            #expect(run.output.split(separator: "\n").count == 1002)
        }
    }

    @Test("a stranger's text cannot command the terminal")
    func hostileText() async throws {
        try await ServedGateway.with { gateway in
            gateway.fake.state.withLock { $0.messages = [FakeGateway.inbound(1, "a\u{1B}[2Jb\r\nc\u{7}")] }
            let run = await Program.finished(
                Program.conductor, ["inbox"], environment: ["CONDUCTOR_SOCKET": gateway.socket])
            #expect(run.output.contains("a\u{FFFD}[2Jb⏎c\u{FFFD}"))
        }
    }

    @Test("modems at prints the answer, and ERROR ends with 1")
    func atCommand() async throws {
        try await ServedGateway.with { gateway in
            let environment = ["CONDUCTOR_SOCKET": gateway.socket]
            let fine = await Program.finished(Program.conductor, ["modems", "at", "-", "AT"], environment: environment)
            #expect(fine.status == 0)
            #expect(fine.output == "OK\n")
            let bad = await Program.finished(
                Program.conductor, ["modems", "at", "356938035643809", "AT+NO"], environment: environment)
            #expect(bad.status == 1)
            #expect(bad.output == "ERROR\n")
        }
    }

    @Test("modems probe says of every port what it leads to; no modem at all is exit code 4")
    func probe() async throws {
        try await ServedGateway.with { gateway in
            let environment = ["CONDUCTOR_SOCKET": gateway.socket]
            gateway.fake.state.withLock { state in
                state.ports = [
                    PortReport(
                        path: "/dev/ttyUSB0", usb: "2c7c:0125", name: "EC25", interface: 0, use: .other),
                    PortReport(path: "/dev/ttyUSB2", interface: 2, use: .modem, modem: ModemID("356938035643809")),
                    PortReport(path: "/dev/ttyS0", use: .unusable, problem: "It is silent."),
                ]
            }
            let fine = await Program.finished(Program.conductor, ["modems", "probe"], environment: environment)
            #expect(fine.status == 0)
            #expect(
                fine.output == """
                    /dev/ttyUSB0  for something else, never opened  (2c7c:0125 if 0 EC25)
                    /dev/ttyUSB2  modem 356938035643809  (if 2)
                    /dev/ttyS0    not used
                        It is silent.

                    """)
            gateway.fake.state.withLock { _ = $0.ports.remove(at: 1) }
            let none = await Program.finished(
                Program.conductor, ["modems", "probe", "--json"], environment: environment)
            #expect(none.status == 4 && none.output.contains(#""use""#))
            #expect(none.errors.contains("no port leads to a modem"))
        }
    }

    @Test("modems ussd sends a code and the answers to what the network asks; what it did not ask for is said")
    func ussd() async throws {
        try await ServedGateway.with { gateway in
            let environment = ["CONDUCTOR_SOCKET": gateway.socket]
            func run(_ words: String...) async -> Program {
                await Program.finished(Program.conductor, ["modems", "ussd"] + words, environment: environment)
            }
            let fine = await run("-", "*100#", "1")
            #expect(fine.status == 0 && fine.output == "said *100#\nsaid 1\n")
            let more = await run("-", "*100#", "1", "2")
            #expect(more.status == 4 && more.errors.contains("1 answer"))
            #expect(await run("-", "--cancel").status == 0)
            #expect(await run("-").status == 2)
            #expect(gateway.fake.state.withLock { $0.codes } == ["*100#", "1", "*100#", "1", nil])
        }
    }

    @Test("modems reset begins a step; a wrong time, and a step that the modem cannot take, are said")
    func reset() async throws {
        try await ServedGateway.with { gateway in
            let environment = ["CONDUCTOR_SOCKET": gateway.socket]
            func run(_ words: String...) async -> Program {
                await Program.finished(Program.conductor, ["modems", "reset", "-"] + words, environment: environment)
            }
            #expect(await run("--wait", "0").output == "356938035643809  restart is begun\n")
            let power = await run("--step", "power")
            #expect(power.status == 4 && power.errors.contains("power"))
            #expect(await run("--wait", "-1").status == 2)
            let late = await run("--step", "radio", "--wait", "1")
            #expect(late.status == 1 && late.errors.contains("not ready after 1 s"))
            #expect(gateway.fake.state.withLock { $0.resets } == ["restart", "radio"])
        }
    }
}
