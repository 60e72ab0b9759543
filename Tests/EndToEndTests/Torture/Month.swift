import Foundation

/// Weeks in minutes with 64 modems: each is unplugged, wedged, reset, refused and filled up again and again while texts come
/// and go. Now and then all of it rests, and what the process holds is compared.
struct Month {
    static let modems = 64
    /// Texts that come and rows that are queued, in a second of real time.
    static let (arrivals, rows) = (60.0, 40.0)

    /// What the process holds while nothing goes wrong and nothing is on its way.
    struct Rest {
        /// Simulated hours since the beginning.
        var hours: Double
        var faults: Int
        /// `RssAnon` in KiB, the least of some looks.
        var memory: Int
        var descriptors: [String]
        var threads: Int
    }

    let hours: Double
    /// Simulated seconds in one second.
    let speed: Int
    /// Rests in all.
    let rests: Int
    private(set) var found: [Rest] = []

    init(hours: Double, speed: Int) {
        self.hours = hours
        self.speed = speed
        rests = hours >= 100 ? 12 : 2
    }

    static func plan(seed: UInt64, hours: Double, speed: Int) -> TortureRun.Plan {
        TortureRun.Plan(
            seed: seed, modems: modems, milliseconds: hours * 3_600_000 / Double(speed), killsOnly: true,
            // As long as two seconds of real time, in which reports come.
            reportDeadline: "\(2 * speed)s")
    }

    mutating func run(_ run: TortureRun) async throws {
        run.traffic.arrivals = Self.arrivals
        run.traffic.rows = Self.rows
        try await run.prepare()
        let station = run.stations[0]
        station.environment.append("CONDUCTOR_CLOCK_RATE=\(speed)")
        try station.start(.none)
        try await Self.ready(station)
        let length = run.plan.milliseconds / Double(rests)
        // The schedule of a torture about modems, to the very end: the last rest comes behind it.
        var steps = FaultSchedule(
            seed: run.plan.seed - run.plan.seed % 6 + 5, modems: Self.modems,
            milliseconds: run.plan.milliseconds / FaultSchedule.share
        ).steps.filter { if case .modem = $0.action { true } else { false } }[...]
        var gone = 0.0
        for rest in 1...rests {
            let begin = now() - gone
            while now() - begin < length * Double(rest) {
                guard station.isRunning else { throw Failure("it ended by itself:\n\(station.log.suffix(1_000))") }
                while let step = steps.first, step.at <= now() - begin {
                    steps.removeFirst()
                    try await run.obey(step.action)
                }
                try run.tick()
                try await Task.sleep(for: .milliseconds(5))
            }
            gone = length * Double(rest)
            try await run.heal()
            try await run.settle()
            guard run.isAtRest else {
                throw Failure("rest \(rest) of \(rests): something still moved: \(run.openRows())")
            }
            run.traffic.rest(at: now())
            try await Self.ready(station)
            found.append(try await measure(station, run, hours: hours * Double(rest) / Double(rests)))
            run.traffic.rest(at: now())
        }
    }

    /// Waits until every modem is.
    private static func ready(_ station: Station) async throws {
        try await eventually("all modems are ready", within: 120, every: 200) {
            let (code, output) = try await ChildProcess.run(
                "/usr/bin/env",
                [
                    "CONDUCTOR_SOCKET=\(station.state)/control.sock", TortureBuild.conductor(), "modems", "list",
                    "--json",
                ],
                in: station.state)
            return code == 0 && output.matches(of: /"state" *: *"ready"/).count == modems
        }
    }

    private func measure(_ station: Station, _ run: TortureRun, hours: Double) async throws -> Rest {
        guard let pid = station.child?.pid else { throw Failure("no gateway runs") }
        // What is free is given back every half minute of the gateway's time; a look may fall before that.
        var looks: [ProcessLook] = []
        for _ in 0..<10 {
            looks.append(try ProcessLook(pid))
            try await Task.sleep(for: .milliseconds(200))
        }
        guard let least = looks.min(by: { $0.memory < $1.memory }) else { throw Failure("no look was taken") }
        let rest = Rest(
            hours: hours, faults: run.figures.faults, memory: least.memory,
            descriptors: least.files.map { $0.replacing(/pts\/\d+/, with: "pts") }, threads: least.threads)
        report(
            String(format: "%6.1f h: %5d faults, ", hours, rest.faults)
                + "\(rest.memory) KiB of its own, \(rest.descriptors.count) descriptors, \(rest.threads) threads")
        return rest
    }

    /// Rests after the first quarter: until then, caches fill.
    private var steady: ArraySlice<Rest> { found.dropFirst(rests / 4) }

    /// Half of the span of what the process holds, in KiB.
    var memorySpread: Int {
        let all = steady.map(\.memory)
        return ((all.max() ?? 0) - (all.min() ?? 0) + 1) / 2
    }

    /// How much more it holds at the end than at the first steady rest, in KiB.
    var memoryGrowth: Int { (steady.last?.memory ?? 0) - (steady.first?.memory ?? 0) }

    /// Descriptors that are not open at every rest.
    var changingFiles: [String] { steady.map(\.descriptors).changing }

    var threads: ClosedRange<Int> {
        let all = steady.map(\.threads)
        return (all.min() ?? 0)...(all.max() ?? 0)
    }
}
