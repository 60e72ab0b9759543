import Foundation
import Glibc
import Testing

/// A gateway and simulated modems, each in a process of its own, and a folder with all that they keep.
///
/// The modems outlive the gateway: their ledger is the truth about what the network gave and got.
final class World {
    let folder: String
    var state: String
    let plugins: String
    let links: String
    let ledger: Ledger
    let modems: Int
    private(set) var simulator: ChildProcess
    private(set) var gateway: ChildProcess?
    /// Lines of conductor.yaml that stand below each modem's `match`, by index.
    var modemSettings: [Int: String] = [:]
    /// A few phones write hundreds of texts here.
    var policy = "{report_deadline: 2s, loop_guard: {enabled: false}, limits: off, delivered_share: off}"
    /// The gateway's program, and variables for it.
    var program = World.conductor
    var environment: [String] = []
    /// Further lines of conductor.yaml.
    var settings: [String] = []
    var logLevel = "info"
    /// More words of `conductor run`.
    var runOptions: [String] = []
    /// Whether the gateway finds its modems by udev; else by the names of their ports.
    var discovers = false
    private var others: [ChildProcess] = []
    private var mounts: [String] = []

    /// Where the programs are that were built beside these tests.
    static let programs: String = {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        for path in [own] + CommandLine.arguments {
            let folder = (path as NSString).deletingLastPathComponent
            if access(folder + "/conductor", X_OK) == 0 { return folder }
        }
        return "."
    }()

    static var conductor: String { programs + "/conductor" }

    fileprivate init(modems: Int, answering: Bool) throws {
        folder = try temporaryFolder("e2e")
        state = folder + "/state"
        plugins = folder + "/plugins.d"
        links = folder + "/modems"
        self.modems = modems
        for path in [state, plugins] {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        }
        ledger = Ledger(path: folder + "/ledger")
        simulator = try ChildProcess(
            Self.conductor,
            [
                "simulate", "--modems", "\(modems)", "--link", links, "--ledger", folder + "/ledger", "--script", "-",
                "--die-with-parent",
            ], output: folder + "/simulator.out", speaks: true)
        try drop("10-sqlite", "plugin: sqlite\nsettings: {path: messages.db}\n")
        if answering {
            let rule = "{reply: \"re: {{text}}\", every_minutes: 0}"
            try drop("50-answers", "plugin: auto-reply\nsettings: {default: \(rule)}\n")
        }
    }

    // MARK: What is in it

    func port(_ modem: Int) -> String { "\(links)/modem\(modem)" }
    var database: String { state + "/messages.db" }
    var gatewayLog: String { (try? String(contentsOfFile: folder + "/gateway.out", encoding: .utf8)) ?? "" }

    func drop(_ name: String, _ text: String) throws {
        try text.write(toFile: "\(plugins)/\(name).yaml", atomically: true, encoding: .utf8)
    }

    /// One line of the simulator's script, obeyed at once.
    func tell(_ line: String) throws { try simulator.say(line) }

    /// A text as the simulator's script has it.
    func text(_ modem: Int, from sender: String, _ body: String, count: Int = 1) throws {
        let command = count == 1 ? "text" : "burst \(count)"
        try tell("\(command) modem\(modem) \(sender) \(Self.quoted(body))")
    }

    private static func quoted(_ body: String) -> String {
        let escaped = body.unicodeScalars.map { scalar in
            switch scalar {
            case "\"", "\\": "\\\(scalar)"
            case "a"..."z", "A"..."Z", "0"..."9", " ", ":", "-", "+", ",", ".", "?", ">": String(scalar)
            default: "\\u{\(String(scalar.value, radix: 16))}"
            }
        }
        return "\"\(escaped.joined())\""
    }

    // MARK: The gateway

    /// Starts the gateway; returns at once.
    func launchGateway(wrapper: [String] = []) throws {
        let own = try arguments(state: state)
        let words = wrapper + [program] + own
        gateway = try ChildProcess(
            words[0], Array(words.dropFirst()), output: folder + "/gateway.out", environment: environment)
    }

    /// Starts the gateway and waits until its modems are ready; `ready` where not all of them will be.
    func startGateway(wrapper: [String] = [], ready: Int? = nil) async throws {
        try launchGateway(wrapper: wrapper)
        try await eventually("the gateway has its modems ready", within: 60, every: 50) {
            guard gateway?.isRunning == true else { throw Failure("the gateway ended:\n\(gatewayLog.suffix(2_000))") }
            let status = try? await status()
            return status.map { $0.modems.filter { $0.state == "ready" }.count >= ready ?? modems } ?? false
        }
    }

    /// Another gateway, with a state folder of its own or the same, on the same modems.
    func otherGateway(state: String) throws -> ChildProcess {
        let other = try ChildProcess(
            Self.conductor, arguments(state: state), output: "\(folder)/other-\(others.count).out")
        others.append(other)
        return other
    }

    private func arguments(state: String) throws -> [String] {
        var lines = [
            "gateway: {id: end-to-end, discover: \(discovers)}", "policy: \(policy)", "log: {level: \(logLevel)}",
        ]
        if !discovers { lines.append("modems:") }
        for modem in 0..<modems where !discovers {
            lines.append("  - match: {port: \(port(modem))}")
            if let more = modemSettings[modem] { lines.append("    \(more)") }
        }
        lines += settings
        let path = folder + "/conductor.yaml"
        try (lines.joined(separator: "\n") + "\n").write(toFile: path, atomically: true, encoding: .utf8)
        return ["run", "--state", state, "--plugins", plugins, "--config", path] + runOptions
    }

    func killGateway() throws {
        guard let gateway, gateway.isRunning else {
            throw Failure("the gateway was gone before it was killed:\n\(gatewayLog.suffix(2_000))")
        }
        gateway.end()
    }

    /// A command of a person.
    func command(_ words: String..., state: String? = nil) async throws -> (status: Int32, output: String) {
        try await command(words, state: state)
    }

    func command(
        _ words: [String], state: String? = nil, within seconds: Double = 60
    ) async throws -> (status: Int32, output: String) {
        let socket = (state ?? self.state) + "/control.sock"
        let (status, output) = try await ChildProcess.run(
            "/usr/bin/env", ["CONDUCTOR_SOCKET=\(socket)", Self.conductor] + words, in: folder, within: seconds)
        return (status, output)
    }

    func status(state: String? = nil) async throws -> Status {
        let (code, output) = try await command("status", "--json", state: state)
        guard code == 0 else { throw Failure("status: \(output)") }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(Status.self, from: Data(output.utf8))
    }

    /// Texts as `messages list` with these words gives them.
    func texts<Text: Decodable>(
        _ words: [String], as type: Text.Type, within seconds: Double = 60
    ) async throws -> [Text] {
        let (status, output) = try await command(["messages", "list", "--json"] + words, within: seconds)
        guard status == 0 else { throw Failure("messages list \(words): \(output.suffix(500))") }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode([Text].self, from: Data(output.utf8))
    }

    /// Mounts a file system of its own in memory; root only.
    func mount(_ path: String, megabytes: Int) async throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let (status, output) = try await ChildProcess.run(
            "mount", ["-t", "tmpfs", "-o", "size=\(megabytes)m", "tmpfs", path], in: folder)
        guard status == 0 else { throw Failure("mount: \(output)") }
        mounts.append(path)
    }

    fileprivate func end() async {
        gateway?.end()
        for other in others { other.end() }
        simulator.end()
        for path in mounts { _ = try? await ChildProcess.run("umount", ["-l", path], in: folder) }
        if getenv("CONDUCTOR_KEEP") == nil {
            try? FileManager.default.removeItem(atPath: folder)
        } else {
            report("kept: \(folder)")
        }
    }
}

/// Makes a world, and ends it whatever happens.
func withWorld(modems: Int = 1, answering: Bool = true, _ body: (World) async throws -> Void) async throws {
    let world = try World(modems: modems, answering: answering)
    do {
        try await eventually("the simulator opens its modems") { try world.ledger.count("plugged") == modems }
        try await body(world)
    } catch {
        let log = world.gatewayLog.split(separator: "\n").suffix(15).joined(separator: "\n")
        await world.end()
        throw Failure("\(error)\nThe gateway's last lines:\n\(log)")
    }
    await world.end()
}
