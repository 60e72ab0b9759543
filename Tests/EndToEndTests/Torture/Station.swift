import Foundation
import Glibc

/// One gateway of a torture run, through all its lives.
final class Station {
    /// How a life is to end.
    enum Fate: Equatable {
        /// At a crash point, at its so-manieth pass.
        case place(String, Int)
        /// So many milliseconds after its start, wherever it is.
        case instant(Double)
        /// SIGTERM after so many milliseconds: it drains and ends well.
        case drain(Double)
        /// As `instant`; meanwhile another gateway is started on the same state folder and must be refused.
        case twin(Double)
        /// Not at all.
        case none
    }

    /// What became of the lives so far.
    struct Deaths: Sendable {
        var places: [String: Int] = [:]
        var instants = 0
        var missed = 0
        var drains = 0
        var refusedTwins = 0
        /// Starts that failed, while the disk could not be written.
        var failedStarts = 0
    }

    let name: String
    let state: String
    let modems: Range<Int>
    private(set) var child: ChildProcess?
    private(set) var fate = Fate.none
    private(set) var startedAt = 0.0
    private(set) var deaths = Deaths()
    /// Monotonic milliseconds of each kill.
    private(set) var kills: [Double] = []
    /// Variables of every start.
    var environment: [String]
    /// Whether a start may fail: the disk is full, or can only be read.
    var mayFail = false {
        // It may be over before the next look.
        didSet { if mayFail || oldValue { badDiskAt = now() } }
    }

    private let folder: String
    /// Nil: that of the torture's build.
    private let program: String?
    private let plugins: String
    private let crashLog: String
    private var crashes = 0
    /// When the disk was bad last in this life.
    private var badDiskAt: Double?
    private var twin: ChildProcess?
    private var terminatedAt: Double?

    init(
        name: String, folder: String, state: String, modems: Range<Int>, environment: [String], program: String? = nil,
        plugins: String? = nil
    ) {
        self.name = name
        self.folder = folder
        self.program = program
        self.plugins = plugins ?? folder + "/plugins.d"
        self.state = state
        self.modems = modems
        crashLog = "\(folder)/\(name).crashes"
        self.environment = environment + ["CONDUCTOR_TEMPO=short", "CONDUCTOR_CRASH_LOG=\(crashLog)"]
    }

    var log: String { (try? String(contentsOfFile: "\(folder)/\(name).out", encoding: .utf8)) ?? "" }
    var journal: String { state + "/journal.db" }
    var isRunning: Bool { child?.isRunning == true }
    private var configuration: [String] {
        ["run", "--state", state, "--plugins", plugins, "--config", "\(folder)/\(name).yaml"]
    }

    /// Writes conductor.yaml: no limits of policy stand between the harness and the radio.
    func configure(ports: [String], policy: String) throws {
        var lines = ["gateway: {id: \(name), discover: false}", "policy: \(policy)", "log: {level: info}", "modems:"]
        for modem in modems { lines.append("  - match: {port: \(ports[modem])}") }
        try (lines.joined(separator: "\n") + "\n").write(
            toFile: "\(folder)/\(name).yaml", atomically: true, encoding: .utf8)
    }

    func start(_ fate: Fate) throws {
        self.fate = fate
        var more = environment
        if case .place(let place, let pass) = fate { more.append("CONDUCTOR_CRASH_AT=\(place):\(pass)") }
        startedAt = now()
        badDiskAt = mayFail ? startedAt : nil
        terminatedAt = nil
        child = try ChildProcess(
            program ?? TortureBuild.conductor(), configuration, output: "\(folder)/\(name).out", environment: more)
    }

    /// Looks after the life; true when it is over and the next may begin.
    func tend() throws -> Bool {
        guard let child else { return true }
        if mayFail { badDiskAt = now() }
        let age = now() - startedAt
        if child.isRunning {
            switch fate {
            case .place where age > 3_000:
                deaths.missed += 1
                kill()
                return true
            case .instant(let after) where age >= after:
                deaths.instants += 1
                kill()
                return true
            case .twin(let after): return try tendTwin(age: age, until: after)
            case .drain(let after) where age >= after:
                if terminatedAt == nil {
                    terminatedAt = now()
                    child.signal(SIGTERM)
                }
                guard now() - (terminatedAt ?? 0) < 20_000 else { throw Failure("\(name) does not end at SIGTERM") }
                return false
            default: return false
            }
        }
        try bury(child)
        return true
    }

    /// The process has ended by itself: was that meant?
    private func bury(_ child: ChildProcess) throws {
        let places = ((try? String(contentsOfFile: crashLog, encoding: .utf8)) ?? "").split(separator: "\n")
        defer { self.child = nil }
        // One whose gateway ended at its start may have become the gateway.
        if let twin {
            if twin.isRunning { kills.append(now()) }
            twin.end()
            self.twin = nil
        }
        if places.count > crashes {
            crashes = places.count
            let words = places.last?.split(separator: "\t") ?? []
            kills.append(words.last.flatMap { Double($0) } ?? now())
            if let place = words.first { deaths.places[String(place), default: 0] += 1 }
        } else if case .drain = fate, let terminatedAt, child.status == 0 {
            deaths.drains += 1
            // It ended while the disk was full: what its modems said then it cannot have written down.
            if let badDiskAt, badDiskAt >= terminatedAt { kills.append(now()) }
        } else if badDiskAt != nil, child.status == 1 {
            deaths.failedStarts += 1
        } else {
            throw Failure("\(name) ended by itself with \(child.status ?? 0):\n\(log.suffix(1_500))")
        }
    }

    private func tendTwin(age: Double, until: Double) throws -> Bool {
        if twin == nil, age > 400, deaths.refusedTwins >= 0, age < until {
            twin = try ChildProcess(
                TortureBuild.conductor(), configuration, output: "\(folder)/\(name)-twin.out", environment: environment)
        }
        guard let twin else { return false }
        if twin.isRunning {
            guard age < 15_000 else { throw Failure("a second gateway runs on the state folder of \(name)") }
            return false
        }
        guard twin.status == 1 else { throw Failure("a second gateway ended with \(twin.status ?? 0)") }
        if age < until { return false }
        self.twin = nil
        deaths.refusedTwins += 1
        deaths.instants += 1
        kill()
        return true
    }

    /// kill -9, now.
    func kill() {
        guard let child else { return }
        // Whoever looks at what the modem said before this moment finds the process alive then.
        kills.append(now())
        child.end()
        twin?.end()
        twin = nil
        self.child = nil
    }

    /// The control socket answers: journal and plugins are there.
    var isReady: Bool { log.contains(" runs. Ctrl-C ends it.") }
    /// A drain that was not begun: the run came to its end before.
    var fateIsFar: Bool { terminatedAt == nil }

    /// Ends the life that only made the table; no torture yet.
    func discard() throws {
        child?.end()
        child = nil
    }

    /// Lets it live on: the run is coming to its end.
    func spare() throws {
        twin?.end()
        twin = nil
        if isRunning, fate == .none { return }
        if isRunning { kill() } else if let child { try bury(child) }
        try start(.none)
    }

    func end() {
        twin?.end()
        child?.end()
    }
}
