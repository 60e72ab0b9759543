import Glibc
import Synchronization

/// A small modem at the far end of a pty: PDU mode, memories, prompts, and answers that a test can replace.
final class ScriptedModem: Sendable {
    struct Message: Sendable, Hashable {
        var stat = 0
        var pdu: String
        var announced: Int?
    }

    struct Rule: Sendable {
        var prefix: String
        var left: Int
        var raw: String?
    }

    struct State: Sendable {
        var imei = "490154203237518"
        var iccid = "8949001234567890123"
        var memories: [String: [Int: Message]] = ["ME": [:], "SM": [:]]
        var memory = "SM"
        var echo = true
        var format = 1
        var service = 0
        var indications = "2,0,0,0,0"
        var pin = "READY"
        var rightPIN = "1234"
        var tries = 3
        var marksRead = true
        var openPrompt = false
        var promptText = "\r\n> "
        var reference: UInt8 = 0
        /// What follows a PDU; nil: `+CMGS: n` and OK.
        var submitAnswer: String?
        var beforeResult = ""
        var commands: [String] = []
        var pdus: [String] = []
        var escapes = 0
        /// Commands that came while a prompt was open.
        var swallowed: [String] = []
        var rules: [Rule] = []
        /// Bits a second of its line: at another speed nothing is understood; nil: it does not matter.
        var speed: speed_t?
    }

    private struct Line: Sendable {
        var master: Int32 = -1
        var slave: Int32 = -1
    }

    let board = Board(State())
    private let line = Mutex(Line())
    private static let count = Mutex(0)

    /// A symbolic link to the pty, made anew by each `plug` and gone with it: the kernel gives a pty's number to the
    /// next one who asks, and a fleet that looks for its modem must not find another test's there.
    let path: String

    init() {
        let number = Self.count.withLock { count in
            count += 1
            return count
        }
        path = "/tmp/conductor-modemkit-\(getpid())-\(number)"
    }

    deinit { unplug() }

    // MARK: Plugging

    func plug() {
        let master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        // TIOCSPTLCK and TIOCGPTN: what unlockpt and ptsname do, which Swift's Glibc leaves out.
        var unlocked: Int32 = 0
        _ = ioctl(master, 0x4004_5431, &unlocked)
        var number: UInt32 = 0
        _ = ioctl(master, 0x8004_5430, &number)
        let terminal = "/dev/pts/\(number)"
        let slave = open(terminal, O_RDWR | O_NOCTTY | O_CLOEXEC)
        var settings = termios()
        tcgetattr(slave, &settings)
        cfmakeraw(&settings)
        tcsetattr(slave, TCSANOW, &settings)
        line.withLock { $0 = Line(master: master, slave: slave) }
        Glibc.unlink(path)
        symlink(terminal, path)
        let start = Unmanaged.passRetained(Start(modem: self, master: master))
        var thread: pthread_t = 0
        pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
                ScriptedModem.serve(start)
                return nil
            }, start.toOpaque())
        pthread_detach(thread)
    }

    /// The device is pulled: the port's reader sees the end.
    func unplug() {
        let old = line.withLock { line in
            defer { line = Line() }
            return line
        }
        if old.master >= 0 {
            Glibc.unlink(path)
            Glibc.close(old.slave)
            Glibc.close(old.master)
        }
    }

    private final class Start {
        weak var modem: ScriptedModem?
        let master: Int32
        init(modem: ScriptedModem, master: Int32) {
            self.modem = modem
            self.master = master
        }
    }

    private static func serve(_ start: Start) {
        var buffer = [UInt8](repeating: 0, count: 4096)
        var pending: [UInt8] = []
        while true {
            var waiting = pollfd(fd: start.master, events: Int16(POLLIN), revents: 0)
            let ready = poll(&waiting, 1, 20)
            guard let modem = start.modem, modem.line.withLock({ $0.master }) == start.master else { return }
            if ready <= 0 { continue }
            let count = read(start.master, &buffer, buffer.count)
            if count <= 0 { return }
            var settings = termios()
            if let speed = modem.board.value.speed, tcgetattr(start.master, &settings) == 0,
                cfgetospeed(&settings) != speed
            {
                continue
            }
            for byte in buffer.prefix(count) { modem.take(byte, &pending) }
        }
    }

    // MARK: The dialogue

    private func take(_ byte: UInt8, _ pending: inout [UInt8]) {
        let inPrompt = board.value.openPrompt
        switch byte {
        case 0x1B:
            pending = []
            board.update { state in
                state.escapes += 1
                state.openPrompt = false
            }
        case 0x1A where inPrompt:
            let pdu = String(decoding: pending, as: UTF8.self)
            pending = []
            finishSubmission(pdu)
        case 0x0D where inPrompt:
            let text = String(decoding: pending, as: UTF8.self)
            board.update { $0.swallowed.append(text) }
        case 0x0D:
            let command = String(decoding: pending, as: UTF8.self)
            pending = []
            if !command.isEmpty { obey(command) }
        default:
            pending.append(byte)
        }
    }

    private func finishSubmission(_ pdu: String) {
        let answer = board.update { state in
            state.openPrompt = false
            state.pdus.append(pdu)
            state.reference &+= 1
            return state.beforeResult + (state.submitAnswer ?? "\r\n+CMGS: \(state.reference)\r\n\r\nOK\r\n")
        }
        say(answer)
    }

    private func obey(_ command: String) {
        let (answer, prompts) = board.update { state -> (String?, Bool) in
            state.commands.append(command)
            let echo = state.echo ? command + "\r" : ""
            if let position = state.rules.firstIndex(where: { command.hasPrefix($0.prefix) && $0.left > 0 }) {
                state.rules[position].left -= 1
                return (state.rules[position].raw.map { echo + $0 }, false)
            }
            return (echo + state.answer(command), command.hasPrefix("AT+CMGS="))
        }
        if let answer { say(answer) }
        // Only now: what a test says to an open prompt comes behind it.
        if prompts { board.update { $0.openPrompt = true } }
    }

    /// Replaces the answer to commands that begin with `prefix`; nil is silence.
    func answer(_ prefix: String, times: Int = .max, with raw: String?) {
        board.update { $0.rules.append(Rule(prefix: prefix, left: times, raw: raw)) }
    }

    func say(_ text: String) {
        let master = line.withLock { $0.master }
        guard master >= 0 else { return }
        let bytes = Array(text.utf8)
        var offset = 0
        while offset < bytes.count {
            let count = bytes[offset...].withUnsafeBytes { write(master, $0.baseAddress, $0.count) }
            if count <= 0 { return }
            offset += count
        }
    }

    /// Puts a text into a memory, as the network does, and tells of it.
    func deliver(_ pdu: String, to memory: String = "ME", announce: Bool = true, announced: Int? = nil, stat: Int = 0) {
        let index = board.update { state in
            let used = state.memories[memory, default: [:]]
            let index = (0...).first { used[$0] == nil } ?? 0
            state.memories[memory, default: [:]][index] = Message(stat: stat, pdu: pdu, announced: announced)
            return index
        }
        if announce { say("\r\n+CMTI: \"\(memory)\",\(index)\r\n") }
    }
}

extension ScriptedModem.State {
    private static let ok = "\r\nOK\r\n"

    private func info(_ text: String) -> String { "\r\n\(text)\r\n\r\nOK\r\n" }

    fileprivate mutating func answer(_ command: String) -> String {
        switch command {
        case "AT", "AT+CMEE=1", "AT+CREG=1", "AT+CEREG=1", "AT+COPS=3,0", "AT+CMMS=1": return Self.ok
        case "ATE0":
            echo = false
            return Self.ok
        case "AT+CFUN?": return info("+CFUN: 1")
        case "AT+CGMI": return info("ACME")
        case "AT+CGMM": return info("Stick 1")
        case "AT+CGMR": return info("1.0")
        case "AT+CGSN": return info(imei)
        case "AT+CIMI": return pin == "READY" ? info("262011234567890") : "\r\n+CME ERROR: 11\r\n"
        case "AT+CCID": return info("+CCID: \(iccid)")
        case "AT+CNUM": return info("+CNUM: \"\",\"+15005550006\",145")
        case "AT+CPIN?": return info("+CPIN: \(pin)")
        case "AT+CPINR=\"SIM PIN\"": return info("+CPINR: SIM PIN,\(tries),3")
        case "AT+CMGF=?": return info("+CMGF: (0,1)")
        case "AT+CMGF?": return info("+CMGF: \(format)")
        case "AT+CMGF=0":
            format = 0
            return Self.ok
        case "AT+CSMS=?": return info("+CSMS: (0,1)")
        case "AT+CSMS?": return info("+CSMS: \(service),1,1,1")
        case "AT+CSMS=1":
            service = 1
            return info("+CSMS: 1,1,1")
        case "AT+CNMI=?": return info("+CNMI: (0-2),(0-1),(0,2),(0-2),(0,1)")
        case "AT+CNMI?": return info("+CNMI: \(indications)")
        case "AT+CPMS=?": return info("+CPMS: (\"ME\",\"SM\"),(\"ME\",\"SM\"),(\"ME\",\"SM\")")
        case "AT+CPMS?": return info("+CPMS: \(use(memory)),\(use("ME")),\(use("ME"))")
        case "AT+CSCA?": return info("+CSCA: \"+15005550000\",145")
        case "AT+CREG?": return info("+CREG: 1,1")
        case "AT+CEREG?": return info("+CEREG: 1,0")
        case "AT+COPS?": return info("+COPS: 0,0,\"Example\",7")
        case "AT+CSQ": return info("+CSQ: 20,99")
        case "AT+CNMA": return Self.ok
        case "AT+CMGL=4": return list()
        default: return longer(command)
        }
    }

    private func use(_ memory: String) -> String { "\"\(memory)\",\(memories[memory]?.count ?? 0),20" }

    private mutating func longer(_ command: String) -> String {
        if command.hasPrefix("AT+CNMI=") {
            indications = String(command.dropFirst(8))
            return Self.ok
        }
        if command.hasPrefix("AT+CPMS=") {
            let name = command.split(separator: "\"")[1]
            guard memories[String(name)] != nil else { return "\r\n+CMS ERROR: 302\r\n" }
            memory = String(name)
            return info("+CPMS: \(memories[memory]?.count ?? 0),20,0,20,0,20")
        }
        if command.hasPrefix("AT+CPIN=") {
            guard command == "AT+CPIN=\"\(rightPIN)\"" else {
                tries -= 1
                return "\r\n+CME ERROR: 16\r\n"
            }
            pin = "READY"
            return Self.ok
        }
        if command.hasPrefix("AT+CMGS=") { return promptText }
        let index = Int(command.dropFirst(8)) ?? -1
        if command.hasPrefix("AT+CMGR=") {
            guard let message = memories[memory]?[index] else { return "\r\n+CMS ERROR: 321\r\n" }
            if marksRead, message.stat == 0 { memories[memory]?[index]?.stat = 1 }
            return "\r\n+CMGR: \(message.stat),,\(message.length)\r\n\(message.pdu)\r\n\r\nOK\r\n"
        }
        if command.hasPrefix("AT+CMGD=") {
            guard memories[memory]?.removeValue(forKey: index) != nil else { return "\r\n+CMS ERROR: 321\r\n" }
            return Self.ok
        }
        return "\r\nERROR\r\n"
    }

    private mutating func list() -> String {
        var text = ""
        for (index, message) in (memories[memory] ?? [:]).sorted(by: { $0.key < $1.key }) {
            text += "\r\n+CMGL: \(index),\(message.stat),,\(message.length)\r\n\(message.pdu)"
            if marksRead, message.stat == 0 { memories[memory]?[index]?.stat = 1 }
        }
        return text + "\r\n\r\nOK\r\n"
    }
}

extension ScriptedModem.Message {
    /// Octets without the service-centre address.
    fileprivate var length: Int {
        announced ?? pdu.utf8.count / 2 - 1 - (Int(pdu.prefix(2), radix: 16) ?? 0)
    }
}
