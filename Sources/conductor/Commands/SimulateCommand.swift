import ArgumentParser
import Glibc
import ModemSimulator
import Synchronization

/// `conductor simulate`: modems, where nothing else is asked for.
struct SimulateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Simulate modems that a gateway can be pointed at, or a shop's data.",
        subcommands: [SimulateModemsCommand.self, SimulateShopCommand.self],
        defaultSubcommand: SimulateModemsCommand.self)
}

/// `conductor simulate modems`: modems as ptys, in a process of their own.
struct SimulateModemsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "modems",
        abstract: "Modems that a gateway can be pointed at; what `conductor simulate` does by itself.",
        discussion: """
            Opens ptys that behave like SMS modems (TS 27.005, TS 27.007) and links
            them as DIR/modem0, DIR/modem1, … It runs until SIGINT, SIGTERM or the
            script's `quit`, and then removes the links.

            A script has one command a line; # begins a comment. MODEM is modem0,
            modem1, … or all; times are 250us, 20ms, 1.5s, 2m. {n} in numbers and
            texts counts ({n:4} in four digits), {m} is the modem.

              [at TIME | after TIME | every TIME [count N]] COMMAND

              text MODEM FROM "TEXT"          a text arrives
              burst N MODEM FROM "TEXT {n}"   N texts arrive at once
              pdu MODEM HEX                   a TPDU arrives as it is
              fault MODEM KIND [on +COMMAND] [left|kept] [next N|every N|always]
                KIND: cms N, cme N, no-final, no-prompt, bare-prompt, garbage N,
                interrupt "LINE", interrupt-inside "LINE". Without `on` it
                strikes AT+CMGS. left: the command works nevertheless.
              fault MODEM clear
              unplug MODEM                    replug MODEM [after TIME]
              restart MODEM                   factory-reset MODEM
              say MODEM "OCTETS"              garbage MODEM N
              latency MODEM TIME [jitter TIME]
              radio MODEM TIME [jitter TIME]  boot-delay MODEM TIME
              echo|silent|mark-read|boot-noise|full-notice MODEM on|off
              three-memories|reenumerate MODEM on|off
              slots MODEM SM 10               full MODEM SM on|off
              registration MODEM home|roaming|searching|denied|none
              signal MODEM 0…31               sim MODEM ready|absent|pin N|puk N
              reports MODEM on|off|delay TIME|status N
              ack MODEM timeout TIME [retry TIME]
              wait TIME                       wait-submitted N
              wait-event EVENT N              quit

            With --replay, modem0 answers each command as the recorded modem did,
            with its delays, and says unasked what that said. A command that the
            record has no answer for is told, and answered by the simulated modem.

            With --json and --ledger each event is one JSON line: t (CLOCK_MONOTONIC
            in ms), modem, event, and what it is about: id, part, parts, mr, memory,
            slot, from, to, text, tpdu. docs/simulator.md lists the events.
            """
    )

    @Option(name: .long, help: "How many modems.")
    var modems = 1

    @Option(name: .long, help: ArgumentHelp("Folder for the links modem0, modem1, …", valueName: "dir"))
    var link: String

    @Option(name: .long, help: ArgumentHelp("Script to obey; - obeys lines as they arrive.", valueName: "file"))
    var script: String?

    @Option(
        name: .long,
        help: ArgumentHelp("Answer on modem0 as in this trace of `conductor modems trace`.", valueName: "file"))
    var replay: String?

    @Option(name: .long, help: "How many times as fast the trace is replayed (0.1 to 1000).")
    var speed: Double = 1

    @Flag(name: .long, help: "Print events as JSON lines.")
    var json = false

    @Option(name: .long, help: ArgumentHelp("Append events as JSON lines to this file.", valueName: "file"))
    var ledger: String?

    @Flag(name: .long, help: "One text arrives two seconds after a modem was set up for receiving.")
    var demo = false

    @Flag(name: .long, help: "Stop when the program that started this one is gone.")
    var dieWithParent = false

    @Option(name: .long, help: "Seed of jitter and garbage.")
    var seed: UInt64 = 1

    func validate() throws {
        guard (1...64).contains(modems) else { throw ValidationError("--modems must be 1 to 64.") }
        guard (0.1...1_000).contains(speed) else { throw ValidationError("--speed must be 0.1 to 1000.") }
    }

    func run() throws {
        let loaded = try loadScript()
        let trace = try loadTrace()
        var configuration = SimulatorConfiguration(modems: modems, linkFolder: link)
        configuration.ledgerPath = ledger
        configuration.printsLedger = json
        configuration.keepsEvents = false
        configuration.demo = demo
        configuration.stopsWithParent = dieWithParent
        configuration.seed = seed
        configuration.replay = trace
        configuration.replaySpeed = speed
        configuration.note = { Self.tell($0) }
        let hadProblem = Flagged()
        configuration.problem = { sentence in
            hadProblem.raise()
            Self.tell(sentence)
        }
        try EndSignal.install()
        configuration.ended = { EndSignal.raise() }
        let simulator: Simulator
        do {
            simulator = try Simulator(configuration)
        } catch {
            Self.tell(error.description)
            throw ExitCode(1)
        }
        for path in simulator.links { Self.tell("simulated modem at \(path)") }
        if let loaded { simulator.run(loaded) }
        if script == "-" { simulator.obeyLines(from: STDIN_FILENO) }
        EndSignal.wait()
        simulator.stop()
        if hadProblem.isRaised { throw ExitCode(1) }
    }

    /// The script file's content, understood; a wrong line ends the command before anything is opened.
    private func loadScript() throws -> Script? {
        guard let script, script != "-" else { return nil }
        let modems = modems
        return try Self.understood(script) { (source) throws(ScriptError) in
            try Script(source, name: script, modems: modems)
        }
    }

    /// The trace to replay, understood; as with the script.
    private func loadTrace() throws -> RecordedTrace? {
        guard let replay else { return nil }
        return try Self.understood(replay) { (source) throws(ScriptError) in
            try RecordedTrace(source, name: replay)
        }
    }

    private static func understood<Value>(
        _ path: String, _ understand: (String) throws(ScriptError) -> Value
    ) throws -> Value {
        guard let source = readFile(path) else {
            tell("cannot read \(path): \(String(cString: strerror(errno)))")
            throw ExitCode(1)
        }
        do {
            return try understand(source)
        } catch {
            tell("\(error)")
            throw CommandFailure(.usage, "")
        }
    }

    private static func readFile(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var content: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0 { return nil }
            if count == 0 { return String(decoding: content, as: UTF8.self) }
            content.append(contentsOf: chunk[..<count])
        }
    }

    private static func tell(_ sentence: String) {
        let line = Array("conductor simulate: \(sentence)\n".utf8)
        write(STDERR_FILENO, line, line.count)
    }
}

/// Whether something went wrong on another thread.
private final class Flagged: Sendable {
    private let flag = Atomic(false)

    var isRaised: Bool { flag.load(ordering: .relaxed) }
    func raise() { flag.store(true, ordering: .relaxed) }
}

/// The end of the command, by a signal or by the simulator; a pipe, because a signal handler may write to one.
private enum EndSignal {
    private static let writeEnd = Atomic<Int32>(-1)
    private static let readEnd = Atomic<Int32>(-1)

    static func install() throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw ExitCode(1) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        readEnd.store(ends[0], ordering: .relaxed)
        writeEnd.store(ends[1], ordering: .releasing)
        for number in [SIGINT, SIGTERM, SIGHUP] {
            signal(number) { _ in EndSignal.raise() }
        }
        signal(SIGPIPE, SIG_IGN)
    }

    static func raise() {
        var byte: UInt8 = 1
        write(writeEnd.load(ordering: .acquiring), &byte, 1)
    }

    static func wait() {
        var byte: UInt8 = 0
        while read(readEnd.load(ordering: .relaxed), &byte, 1) < 0, errno == EINTR {}
    }
}
