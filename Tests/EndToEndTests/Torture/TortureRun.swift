import Foundation
import Glibc

/// One seed: gateways and modems in processes of their own, texts both ways without a pause, and the seed's faults.
final class TortureRun {
    /// What is wanted of a run.
    struct Plan {
        var seed: UInt64
        var storage = StorageKind.sqlite
        var modems = 4
        /// How long texts come and things go wrong.
        var milliseconds = 12_000.0
        /// Names of safeguards that are switched off.
        var without = ""
        /// Crash points that are hit, in turn; empty: all of them, by the seed's deck.
        var places: [String] = []
        /// Nothing goes wrong but kills.
        var killsOnly = false
        /// How long everything may take to come to its end, once nothing goes wrong any more.
        /// What storage claimed for a gateway that did not hear of it is free again after a minute.
        var settleMilliseconds = 90_000.0
        /// How long a text that may have left waits for its report, by the gateway's own clock.
        var reportDeadline = "2s"

        /// What is unknown is sent again (policy: on_unknown): every other six seeds, so that each theme has both.
        var resends: Bool { !killsOnly && seed / 6 % 2 == 1 }
    }

    /// Kills of a run that are at crash points, as far as the deck is concerned.
    static let killsOfRun = 12

    let plan: Plan
    let folder: String
    let schedule: FaultSchedule
    private(set) var stations: [Station] = []
    private(set) var figures = Figures()

    let storage: any TortureStorage
    let ledger: Ledger
    var simulator: ChildProcess
    var traffic: TortureTraffic
    var dice: Dice
    private var clock: ClockShim?
    private var held: [(phone: String, content: String)] = []
    private var round = 0
    var cuts: [Evidence.Cut] = []
    private var journalDown: [ClosedRange<Double>] = []
    private var fullSince: Double?
    private var wantsReadOnly = false
    private var disk: String?
    private(set) var isAtRest = false
    private var consent: ConsentTraffic?
    var startedAt = 0.0

    /// Figures of a run.
    struct Figures: Sendable {
        var seconds = 0.0
        var drainSeconds = 0.0
        var faults = 0
        var workers = 0
        var readOnlyStarts = 0
    }

    init(_ plan: Plan) throws {
        folder = try temporaryFolder("torture")
        self.plan = plan
        schedule = FaultSchedule(
            seed: plan.seed, modems: plan.modems, milliseconds: plan.milliseconds, storage: plan.storage)
        storage = try plan.storage.make(in: folder, seed: plan.seed)
        traffic = TortureTraffic(modems: plan.modems, seed: plan.seed)
        dice = Dice(seed: plan.seed)
        for path in ["plugins.d", "a", "b"] {
            try FileManager.default.createDirectory(atPath: "\(folder)/\(path)", withIntermediateDirectories: false)
        }
        ledger = Ledger(path: folder + "/ledger")
        simulator = try ChildProcess(
            TortureBuild.conductor(),
            [
                "simulate", "--modems", "\(plan.modems)", "--link", folder + "/modems", "--ledger", folder + "/ledger",
                "--script", "-", "--die-with-parent", "--seed", "\(plan.seed)",
            ], output: folder + "/simulator.out", speaks: true)
    }

    private var theme: FaultSchedule.Theme { schedule.theme }
    var time: Double { now() - startedAt }

    // MARK: The run

    /// Tortures, lets everything come to its end, and says what is true then.
    func run() async throws -> Evidence {
        try await prepare()
        startedAt = now()
        if !plan.killsOnly { consent = ConsentTraffic(mayReturn: ![.clock, .pair].contains(theme), begins: startedAt) }
        for station in stations { try station.start(nextFate()) }
        var steps = plan.killsOnly ? [] : schedule.steps
        while time < plan.milliseconds {
            while let step = steps.first, step.at <= time {
                steps.removeFirst()
                try await obey(step.action)
            }
            try tick()
            try tickConsent()
            for station in stations where try station.tend() { try await revive(station) }
            try await Task.sleep(for: .milliseconds(5))
        }
        figures.seconds = time / 1_000
        try await heal()
        let healed = now()
        try await settle()
        figures.drainSeconds = (now() - healed) / 1_000
        for station in stations {
            station.child?.signal(SIGTERM)
            try await eventually("\(station.name) ends", within: 20) { !station.isRunning }
            guard station.child?.status == 0 else { throw Failure("\(station.name) did not end well") }
        }
        return try evidence()
    }

    func prepare() async throws {
        try await eventually("the simulator opens its modems") { try ledger.count("plugged") == plan.modems }
        for line in ["latency all 300us jitter 500us", "radio all 8ms jitter 15ms", "reports all delay 120ms"] {
            try simulator.say(line)
        }
        try drop("10-storage", storage.dropIn)
        let rule = "{reply: \"re: {{text}}\", every_minutes: 0}"
        try drop("50-answers", "plugin: auto-reply\nsettings: {default: \(rule)}\n")
        var environment: [String] = []
        if !plan.without.isEmpty { environment.append("CONDUCTOR_SAFEGUARDS_OFF=\(plan.without)") }
        if theme == .plugins, !plan.killsOnly {
            let villain = try await Villain.build(in: folder)
            try drop("40-villain", "plugin: \(villain)\nisolation: process\ndeadline_ms: 300\n")
            traffic.evil = ["null", "abort", "never", "sleep", "twice", "large"]
        }
        if theme == .clock, !plan.killsOnly {
            let shim = try await ClockShim(in: folder)
            environment += shim.environment
            clock = shim
        }
        var state = folder + "/a"
        if theme == .disk, !plan.killsOnly, geteuid() == 0 {
            state = folder + "/disk"
            try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: false)
            try await command("mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", state)
            disk = state
        }
        let isPair = theme == .pair && !plan.killsOnly
        let half = isPair ? plan.modems / 2 : plan.modems
        stations = [Station(name: "one", folder: folder, state: state, modems: 0..<half, environment: environment)]
        if isPair {
            stations.append(
                Station(
                    name: "two", folder: folder, state: folder + "/b", modems: half..<plan.modems,
                    environment: environment))
        }
        let ports = (0..<plan.modems).map { "\(folder)/modems/modem\($0)" }
        // Its senders write for hours without a rest, as two machines would: the loop guard would end that.
        let unknown = plan.resends ? ", on_unknown: resend" : ""
        let policy =
            "{report_deadline: \(plan.reportDeadline), loop_guard: {enabled: false}, limits: off, delivered_share: off, "
            + "\(ConsentTraffic.policy)\(unknown)\(storage.policy)}"
        for station in stations { try station.configure(ports: ports, policy: policy) }
        // The tables are there before anything is, so that rows can be queued from the beginning.
        for station in stations {
            try station.start(.none)
            try await eventually("the tables are there", within: 20) { storage.isThere && station.isReady }
            try station.discard()
        }
        try storage.open(states: stations.map(\.state))
    }

    private func drop(_ name: String, _ text: String) throws {
        try text.write(toFile: "\(folder)/plugins.d/\(name).yaml", atomically: true, encoding: .utf8)
    }

    @discardableResult
    private func command(_ words: String...) async throws -> String {
        let (status, output) = try await ChildProcess.run(words[0], Array(words.dropFirst()), in: folder)
        guard status == 0 else { throw Failure("\(words.joined(separator: " ")): \(output)") }
        return output
    }

    /// What is due of the traffic.
    func tick() throws {
        let due = traffic.due(at: now())
        if !due.lines.isEmpty { try simulator.say(due.lines.joined(separator: "\n")) }
        held += due.rows
        if storage.isOpen, !held.isEmpty {
            try storage.queue(held)
            held = []
        }
    }

    private func tickConsent() throws {
        guard storage.isOpen, let (texts, rows) = try consent?.due(at: now(), in: storage) else { return }
        for text in texts { try simulator.say(traffic.say(text.body, from: text.phone)) }
        traffic.queue(rows)
        held += rows
    }

    // MARK: Lives

    private func nextFate() -> Station.Fate {
        defer { round += 1 }
        let toss = Int(dice.next() % 10)
        if !plan.places.isEmpty { return .place(plan.places[round % plan.places.count], 1 + toss) }
        switch dice.next() % 20 {
        case 0, 1: return .instant(Double(dice.next() % 900))
        case 2: return .instant(Double(dice.next() % 120))
        case 3: return .drain(Double(400 + dice.next() % 900))
        case 4: return .twin(Double(900 + dice.next() % 400))
        default:
            let place = CrashPlaces.deck(seed: plan.seed, kills: Self.killsOfRun, round: round)
            return .place(place, 1 + toss % CrashPlaces.passes(place, plan.storage))
        }
    }

    private func revive(_ station: Station) async throws {
        if wantsReadOnly, let disk {
            wantsReadOnly = false
            figures.readOnlyStarts += 1
            try await command("mount", "-o", "remount,ro", disk)
            station.mayFail = true
            try station.start(.none)
            try await eventually("the gateway refuses a disk that can only be read", within: 20) {
                try station.tend()
            }
            try await command("mount", "-o", "remount,rw", disk)
            station.mayFail = fullSince != nil
        }
        try station.start(nextFate())
    }

    // MARK: Faults

    func obey(_ action: FaultSchedule.Action) async throws {
        figures.faults += 1
        switch action {
        case .modem(let line, let cut):
            if let cut { cuts.append(Evidence.Cut(at: now(), modem: cut, kind: .modem)) }
            try simulator.say(line)
        case .storage(let fault): try await storage.suffer(fault)
        case .fill(true):
            guard let disk else { return }
            fullSince = now()
            stations[0].mayFail = true
            try await command("sh", "-c", "dd if=/dev/zero of=\(disk)/filler bs=64k 2>/dev/null; true")
        case .fill(false):
            guard let disk, let since = fullSince else { return }
            unlink(disk + "/filler")
            journalDown.append(since...(now() + 500))
            fullSince = nil
            stations[0].mayFail = false
        case .readOnly: wantsReadOnly = disk != nil
        case .clock(let seconds): clock?.set(seconds)
        case .worker:
            for station in stations {
                guard let pid = station.child?.pid, let worker = Self.children(of: pid).randomElement(using: &dice)
                else { continue }
                figures.workers += 1
                _ = kill(worker, SIGKILL)
            }
        }
    }

    private static func children(of pid: pid_t) -> [pid_t] {
        let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task")) ?? []
        return tasks.flatMap { task in
            ((try? String(contentsOfFile: "/proc/\(pid)/task/\(task)/children", encoding: .utf8)) ?? "")
                .split(separator: " ").compactMap { pid_t($0) }
        }
    }

    /// Everything works again. Clocks stay where they are: nobody may wait for one to come back.
    func heal() async throws {
        for modem in 0..<plan.modems {
            for line in [
                "silent modem\(modem) off", "fault modem\(modem) clear", "full modem\(modem) ME off",
                "full modem\(modem) SM off", "replug modem\(modem)", "reports modem\(modem) status 0",
            ] { try simulator.say(line) }
            cuts.append(Evidence.Cut(at: now(), modem: modem, kind: .modem))
        }
        try await obey(.storage(""))
        if fullSince != nil { try await obey(.fill(false)) }
        wantsReadOnly = false
        try tick()
        for station in stations {
            // A drain under way ends first.
            if case .drain = station.fate {
                try await eventually("\(station.name) drains", within: 30) { try station.tend() || station.fateIsFar }
            }
            try station.spare()
        }
    }

    // MARK: The end

    /// How long nothing may move until what is missing will never come. Milliseconds.
    private static let rest = 3_000.0

    /// Waits until nothing moves any more; what is still open then is stuck, and what is missing is lost.
    func settle() async throws {
        let limit = now() + plan.settleMilliseconds
        var restsSince: Double?
        isAtRest = false
        while now() < limit {
            for station in stations where !station.isRunning {
                _ = try station.tend()
                throw Failure("\(station.name) is gone")
            }
            try ledger.refresh()
            if try isResting() {
                isAtRest = try storage.count("direction = 'inbound'") >= traffic.arrived
                if !isAtRest, let restsSince { isAtRest = now() - restsSince >= Self.rest }
                if isAtRest { break }
                restsSince = restsSince ?? now()
            } else {
                restsSince = nil
            }
            try await Task.sleep(for: .milliseconds(100))
        }
        // A late copy would come now; and reports that are still on their way.
        let quiet = now() + 3_000
        while now() < quiet, try storage.count("\(Self.open) OR delivery_status = 'accepted'") > 0 {
            try await Task.sleep(for: .milliseconds(50))
        }
        try await Task.sleep(for: .milliseconds(400))
    }

    private static let open = """
        (direction = 'outbound' AND (status = 'queued' OR coalesce(delivery_status, '') = 'sending'))
        """

    /// How many rows are to be sent, or why nobody knows.
    func openRows() -> String {
        do { return "\(try storage.count(Self.open)) rows are open" } catch { return "\(error)" }
    }

    /// Whether all texts came and no modem has one, no row is to be sent, and no journal has anything left to do.
    private func isResting() throws -> Bool {
        guard ledger.unfinished.isEmpty, Set(ledger.arrived.map(\.id)).count >= traffic.arrived,
            try storage.count(Self.open) == 0
        else { return false }
        return try isCarried()
    }

    /// Whether every journal has given everything to storage, and every decision is taken.
    private func isCarried() throws -> Bool {
        for station in stations where try Journals.open(station.journal) > 0 { return false }
        return true
    }

    func evidence() throws -> Evidence {
        try ledger.refresh()
        var evidence = Evidence()
        evidence.take(ledger)
        evidence.queued = traffic.queued
        evidence.refused = consent?.refused ?? []
        evidence.answer = { ConsentTraffic.answers[$0] ?? "re: \($0)" }
        try evidence.take(try storage.rows())
        for station in stations {
            evidence.journals.append(try Journals.read(station.journal))
            evidence.resent.merge(try Journals.resent(station.journal), uniquingKeysWith: +)
            evidence.unsettledInbound += try Journals.openInbound(station.journal)
            for kill in station.kills {
                cuts += station.modems.map { Evidence.Cut(at: kill, modem: $0, kind: .kill) }
            }
        }
        evidence.cuts = cuts
        evidence.journalDown = journalDown
        evidence.isAtRest = isAtRest
        evidence.unsettled = Set(
            ledger.arrived.filter { ledger.unfinished[$0.id ?? 0] != nil }.compactMap(\.from)
                + (try stations.flatMap { try Journals.unsettled($0.journal) }))
        evidence.clocksWereTrue = theme != .clock || plan.killsOnly
        return evidence
    }

    /// Ends all processes and removes the folder, unless it is to be looked at.
    func end(keep: Bool) async {
        for station in stations { station.end() }
        simulator.end()
        storage.end()
        if keep {
            report("kept: \(folder)")
            return
        }
        if let disk { _ = try? await command("umount", "-l", disk) }
        try? FileManager.default.removeItem(atPath: folder)
    }
}
