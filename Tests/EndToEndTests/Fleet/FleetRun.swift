import Foundation
import Glibc
import SupabaseStandin

/// Several gateways, each a process with a modem of its own, on one Supabase project: rows are queued there, gateways are
/// killed and cut off from the project while they send, and in the end each row must have left once.
final class FleetRun {
    /// What is wanted of a run.
    struct Plan {
        var rows: Int
        var gateways = 4
        var seed: UInt64
        /// Of the claims.
        var leaseSeconds = 2
        /// Between two numbers that rows go to, so many rows go to the same one.
        var rowsOfNumber = 6
        /// How long everything may take. Seconds.
        var limit = 120.0
        /// So many kills, and so many partitions, and no more: on a slow machine, too, the rows come to their end.
        var mostOfEach: Int { max(1, rows / 15) }
    }

    struct Figures: Sendable {
        var kills = 0
        var partitions = 0
        var faults = 0
        var seconds = 0.0
        var drainSeconds = 0.0
    }

    let plan: Plan
    let folder: String
    private(set) var stations: [Station] = []
    private(set) var figures = Figures()
    private let standin: Standin
    private let ledger: Ledger
    private let simulator: ChildProcess
    private var relays: [Relay] = []
    /// When each relay is mended; monotonic milliseconds, nil: it is whole.
    private var mendsAt: [Double?] = []
    private var dice: Dice
    private var queued: [(phone: String, content: String)] = []

    init(_ plan: Plan) throws {
        folder = try temporaryFolder("fleet")
        self.plan = plan
        dice = Dice(seed: plan.seed)
        standin = try Standin.shared()
        try standin.reset(to: .migrated)
        ledger = Ledger(path: folder + "/ledger")
        simulator = try ChildProcess(
            World.conductor,
            [
                "simulate", "--modems", "\(plan.gateways)", "--link", folder + "/modems", "--ledger",
                folder + "/ledger", "--script", "-", "--die-with-parent", "--seed", "\(plan.seed)",
            ], output: folder + "/simulator.out", speaks: true)
    }

    // MARK: The run

    /// Sends all rows under kills and partitions, lets everything come to its end, and says what is true then.
    func run() async throws -> Evidence {
        try await prepare()
        for station in stations { try station.start(.none) }
        // So that all of them have a share, however slow their start is.
        try await gatewaysSeeEachOther()
        let begin = now()
        // Half of them come at once, the others while the first are being sent.
        try queue(plan.rows / 2)
        var nextKill = now() + 1_000
        var nextPartition = now() + 500
        var nextFault = now() + 800
        var last = now()
        while try sent() < plan.rows * 4 / 5 {
            guard now() - begin < plan.limit * 1_000 else { throw Failure("the rows do not leave: \(try states())") }
            for station in stations { _ = try station.tend() }
            if now() >= nextKill, figures.kills < plan.mostOfEach {
                try killOne()
                nextKill = now() + Double(400 + dice.next() % 1_200)
            }
            if queued.count < plan.rows, now() - last > 200 {
                last = now()
                try queue(min(plan.rows - queued.count, max(1, plan.rows / 40)))
            }
            if now() >= nextPartition, figures.partitions < plan.mostOfEach {
                partition()
                nextPartition = now() + Double(600 + dice.next() % 1_200)
            }
            if now() >= nextFault {
                try fault()
                nextFault = now() + Double(500 + dice.next() % 1_500)
            }
            try mend(all: false)
            try await Task.sleep(for: .milliseconds(5))
        }
        figures.seconds = (now() - begin) / 1_000
        try mend(all: true)
        try standin.control("DELETE", "faults")
        if queued.count < plan.rows { try queue(plan.rows - queued.count) }
        for station in stations { try station.spare() }
        let healed = now()
        let isAtRest = try await settle(until: begin + plan.limit * 1_000)
        figures.drainSeconds = (now() - healed) / 1_000
        return try evidence(isAtRest)
    }

    /// Parts that left by each gateway's modem.
    func sends(in evidence: Evidence) -> [Int] {
        (0..<plan.gateways).map { modem in evidence.wire.count { $0.modem == modem && $0.kind == .submitted } }
    }

    /// One of them says of all that they are there, each with its SIM, and have nothing left to settle. One that was cut
    /// off or killed last has said so after some seconds.
    func gatewaysSeeEachOther() async throws {
        var last: [FleetMember] = []
        do {
            try await eventually("all gateways are there", within: 60, every: 200) {
                last = try await fleet()
                return last.map(\.gateway) == stations.map(\.name)
                    && last.allSatisfy { $0.sims.count == 1 && $0.sending == 0 && $0.silentSince == nil }
            }
        } catch {
            throw Failure("\(error): \(last)")
        }
    }

    private func fleet() async throws -> [FleetMember] {
        let (status, output) = try await ChildProcess.run(
            "/usr/bin/env",
            ["CONDUCTOR_SOCKET=\(stations[0].state)/control.sock", World.conductor, "status", "--fleet", "--json"],
            in: folder)
        // It is starting still.
        guard status == 0 else { return [] }
        struct Report: Decodable { var gateways: [FleetMember] }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(Report.self, from: Data(output.utf8)).gateways
    }

    private struct FleetMember: Decodable {
        var gateway: String
        var sims: [String]
        var sending: Int
        var silentSince: String?
    }

    private func prepare() async throws {
        try await eventually("the simulator opens its modems") { try ledger.count("plugged") == plan.gateways }
        // A modem is in the middle of AT+CMGS most of the time: so are the kills.
        for line in ["latency all 300us jitter 500us", "radio all 25ms jitter 30ms", "reports all delay 120ms"] {
            try simulator.say(line)
        }
        guard let target = URLComponents(string: standin.url)?.port.flatMap(UInt16.init(exactly:)) else {
            throw Failure("the stand-in has no port: \(standin.url)")
        }
        let key = folder + "/key"
        try (standin.serviceKey + "\n").write(toFile: key, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: key)
        let ports = (0..<plan.gateways).map { "\(folder)/modems/modem\($0)" }
        for number in 0..<plan.gateways {
            let place = "\(folder)/gateway\(number)"
            let plugins = "\(place).plugins.d"
            for path in [place, plugins] {
                try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
            }
            let relay = try Relay(to: target)
            relays.append(relay)
            mendsAt.append(nil)
            let settings =
                "{url: \"http://127.0.0.1:\(relay.port)\", key_file: \(key), timeout_ms: 1000, idle_poll_ms: 300, "
                + "longest_pause_ms: 1000}"
            try "plugin: supabase\ndeadline_ms: 3000\nsettings: \(settings)\n".write(
                toFile: plugins + "/10-supabase.yaml", atomically: true, encoding: .utf8)
            let station = Station(
                name: "gateway\(number)", folder: folder, state: place, modems: number..<(number + 1), environment: [],
                program: World.conductor, plugins: plugins)
            try station.configure(
                ports: ports,
                policy: "{report_deadline: 2s, lease: \(plan.leaseSeconds)s, loop_guard: {enabled: false}, "
                    + "limits: off, delivered_share: off}")
            stations.append(station)
        }
    }

    /// As another program does: several rows to one number, and all numbers by turns.
    private func queue(_ count: Int) throws {
        let numbers = max(1, plan.rows / plan.rowsOfNumber)
        let fresh = (queued.count..<(queued.count + count)).map { index in
            (phone: "+1619556\(String(format: "%04d", index % numbers))", content: "row \(index)")
        }
        let values = fresh.map { "('\($0.phone)', '\($0.content)', 'outbound', 'queued')" }
        try standin.psql(
            "insert into public.messages (phone_number, content, direction, status) values "
                + values.joined(separator: ", "))
        queued += fresh
    }

    // MARK: What goes wrong

    /// Kills a gateway that has sent something since its start, and starts it again.
    private func killOne() throws {
        let busy = stations.filter { station in
            ledger.submitted.contains { $0.t > station.startedAt && station.modems.contains($0.modem) }
        }
        guard let station = busy.randomElement(using: &dice) else { return }
        station.kill()
        figures.kills += 1
        try station.start(.none)
    }

    /// Cuts one gateway off, for less than its lease or for longer.
    private func partition() {
        let number = Int(dice.next() % UInt64(relays.count))
        guard mendsAt[number] == nil else { return }
        figures.partitions += 1
        mendsAt[number] = now() + Double(100 + dice.next() % UInt64(plan.leaseSeconds * 1_500))
        relays[number].cut()
    }

    private func mend(all: Bool) throws {
        for number in relays.indices {
            guard let at = mendsAt[number], all || now() >= at else { continue }
            mendsAt[number] = nil
            try relays[number].mend()
        }
    }

    /// One request, of whomever, goes wrong: its work is not done, or its answer is lost.
    private func fault() throws {
        figures.faults += 1
        let kinds = [
            #""kind": "reset_after""#, #""kind": "reset_before""#, #""kind": "hang""#, #""status": 503"#,
            #""status": 504, "done": true"#, #""kind": "cut""#,
        ]
        let kind = kinds[Int(dice.next() % UInt64(kinds.count))]
        try standin.control("POST", "faults", #"{"path": "rpc/conductor_(exchange|owned)", "next": 1, \#(kind)}"#)
    }

    // MARK: The end

    private func sent() throws -> Int {
        try ledger.refresh()
        return ledger.submitted.count
    }

    private func states() throws -> String {
        try standin.psql(
            "select status, delivery_status, count(*) from public.messages group by 1, 2 order by 1, 2")
    }

    private func rows(where condition: String) throws -> Int {
        Int(try standin.psql("select count(*) from public.messages where \(condition)")) ?? 0
    }

    /// Whether nothing moves any more: no row is open, no journal has anything left to do.
    private func settle(until limit: Double) async throws -> Bool {
        let open = "status = 'queued' or delivery_status = 'sending'"
        // What takes so long shall say why.
        var tellAt = now() + 8_000
        while now() < limit {
            if now() >= tellAt {
                tellAt = .infinity
                let rows = try standin.psql(
                    "select id, status, delivery_status, claimed_by, claim_until - now(), owner, not_before - now(), "
                        + "retry_count, error_code from public.messages where \(open)")
                let journals = try stations.map { "\(try Journals.open($0.journal))" }
                report("open after 8 s: in the journals \(journals.joined(separator: ", ")); \(rows)")
            }
            for station in stations where !station.isRunning {
                _ = try station.tend()
                throw Failure("\(station.name) is gone")
            }
            if try rows(where: open) == 0, try stations.allSatisfy({ try Journals.open($0.journal) == 0 }) {
                // Reports may still be on their way, and a second copy would come now.
                let quiet = now() + 3_000
                while now() < quiet, try rows(where: "\(open) or delivery_status = 'accepted'") > 0 {
                    try await Task.sleep(for: .milliseconds(50))
                }
                try await Task.sleep(for: .milliseconds(400))
                return true
            }
            try await Task.sleep(for: .milliseconds(100))
        }
        report("still open: \(try states())")
        return false
    }

    private struct TableRow: Decodable {
        var id: Int64
        var uid: String?
        var phone: String
        var content: String
        var status: String
        var delivery: String?
    }

    private func evidence(_ isAtRest: Bool) throws -> Evidence {
        try ledger.refresh()
        var evidence = Evidence()
        evidence.take(ledger)
        evidence.queued = queued
        let json = try standin.psql(
            """
            select coalesce(json_agg(json_build_object('id', id, 'uid', uid, 'phone', coalesce(phone_e164, phone_number),
              'content', content, 'status', status, 'delivery', delivery_status) order by id), '[]')
            from public.messages where direction = 'outbound'
            """)
        try evidence.take(
            try JSONDecoder().decode([TableRow].self, from: Data(json.utf8)).map { row in
                Table.Row(
                    id: row.id, uid: row.uid, phone: row.phone, content: row.content, isInbound: false,
                    status: row.status, delivery: row.delivery, answers: nil, possibleDuplicate: false,
                    incomplete: false)
            })
        for station in stations {
            evidence.journals.append(try Journals.read(station.journal))
            for kill in station.kills {
                evidence.cuts += station.modems.map { Evidence.Cut(at: kill, modem: $0, kind: .kill) }
            }
        }
        evidence.isAtRest = isAtRest
        return evidence
    }

    /// Ends all processes and removes the folder, unless it is to be looked at.
    func end(keep: Bool) {
        for station in stations { station.end() }
        for relay in relays { relay.end() }
        simulator.end()
        if keep { return report("kept: \(folder)") }
        try? FileManager.default.removeItem(atPath: folder)
    }
}
