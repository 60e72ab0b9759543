import Foundation
import GRDB
import Glibc

/// Many hours in some minutes: ten texts in a second of the gateway's own time, each of which is stored and answered,
/// and what the process holds meanwhile.
struct Soak {
    /// Texts in one simulated second, both ways together.
    static let rate = 10.0
    /// Texts that may be on their way at once; more would measure a queue, not a gateway.
    static let most = 300
    /// Milliseconds between two looks at what the process holds.
    static let look = 500.0

    struct Sample {
        /// Simulated.
        var minute: Double
        var texts: Int
        /// What the process itself holds resident (`RssAnon`), in KiB: at each look since the last sample. Once a day
        /// storage is looked at wholly, which takes some megabytes and a descriptor for as long as it goes on; and every
        /// half minute of real time what is free is given back. Neither moves the middle.
        var looks: [Int]
        /// With the pages of programs and libraries that are in memory because they were used (`VmRSS`). Those are the
        /// kernel's: it drops and reads them as it likes, so that nothing follows from their number.
        var resident: Int
        /// What each open descriptor is, at the look with the fewest.
        var files: [String]

        var descriptors: Int { files.count }
        /// The middle of the looks.
        var memory: Int { looks.sorted()[looks.count / 2] }
        /// The most of them.
        var peak: Int { looks.max() ?? 0 }
    }

    let hours: Double
    /// Simulated seconds in one second.
    let speed: Int
    private(set) var samples: [Sample] = []
    private(set) var realSeconds = 0.0

    init(hours: Double, speed: Int) {
        self.hours = hours
        self.speed = speed
    }

    /// The texts that this is about, both ways.
    var total: Int { Int(hours * 3_600 * Self.rate) }

    mutating func run(_ run: TortureRun) async throws {
        run.traffic.arrivals = Self.rate * Double(speed) / 2
        run.traffic.rows = 0
        run.traffic.isPlain = true
        try await run.prepare()
        for line in ["latency all 0us", "radio all 1ms", "reports all delay 20ms"] { try run.simulator.say(line) }
        let station = run.stations[0]
        station.environment.append("CONDUCTOR_CLOCK_RATE=\(speed)")
        try station.start(.none)
        let journal = try Self.reader(station.journal)
        let begin = now()
        run.startedAt = begin
        let count = max(8, min(96, Int(hours * 4)))
        var nextLook = begin + Self.look
        for sample in 1...count {
            let goal = total / 2 * sample / count
            var looks: Sample?
            while run.traffic.arrived < goal {
                if now() >= nextLook {
                    nextLook = now() + Self.look
                    looks = try Self.measure(station, after: looks)
                }
                guard station.isRunning else { throw Failure("it ended by itself:\n\(station.log.suffix(1_000))") }
                if try run.traffic.arrived - Self.settled(journal) < Self.most {
                    try run.tick()
                } else {
                    run.traffic.rest(at: now())
                }
                try await Task.sleep(for: .milliseconds(5))
            }
            let texts = try Self.settled(journal)
            var measured = try Self.measure(station, after: looks)
            measured.minute = hours * 60 * Double(sample) / Double(count)
            measured.texts = texts * 2
            samples.append(measured)
            report(
                String(format: "%6.1f min: %7d texts, ", measured.minute, measured.texts)
                    + "\(measured.memory) KiB of its own (at most \(measured.peak)), \(measured.resident) resident, "
                    + "\(measured.descriptors) descriptors")
        }
        try await eventually("all is answered", within: 120, every: 100) {
            try Self.settled(journal) >= run.traffic.arrived
        }
        realSeconds = (now() - begin) / 1_000
    }

    private static func reader(_ path: String) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        return try DatabaseQueue(path: path, configuration: configuration)
    }

    /// Answers that have left: they are made in the order of their numbers, and few are open.
    private static func settled(_ journal: DatabaseQueue) throws -> Int {
        try journal.read { database in
            try Int.fetchOne(
                database,
                sql: """
                    SELECT ifnull((SELECT max(seq) FROM outbound), 0)
                        - (SELECT count(*) FROM outbound WHERE state IN ('waiting', 'sending', 'unknown'))
                    """) ?? 0
        }
    }

    /// What the process holds now, with what the earlier looks of the same sample saw.
    private static func measure(_ station: Station, after earlier: Sample?) throws -> Sample {
        guard let pid = station.child?.pid else { throw Failure("no gateway runs") }
        let look = try ProcessLook(pid)
        var sample = Sample(
            minute: 0, texts: 0, looks: (earlier?.looks ?? []) + [look.memory], resident: look.resident,
            files: look.files)
        if let earlier, earlier.descriptors <= sample.descriptors { sample.files = earlier.files }
        return sample
    }

    /// The samples after the first three hours, or the first quarter where that is less: until then, the page caches of
    /// the journal, the table and their readers fill, which is some 8 MB and no more.
    var steady: ArraySlice<Sample> {
        let warm = min(180, hours * 15)
        return samples.drop { $0.minute < warm }
    }

    /// How far memory may be from the middle, in KiB: while it gets warm, as far as those caches go and what is given back
    /// meanwhile.
    var memoryAllowed: Int { hours >= 6 ? 2_048 : 6_144 }

    /// The most that it ever held, in KiB.
    var memoryPeak: Int { steady.map(\.peak).max() ?? 0 }

    /// Half of the span of what the process holds, in KiB.
    var memorySpread: Int {
        let all = steady.map(\.memory)
        return ((all.max() ?? 0) - (all.min() ?? 0) + 1) / 2
    }

    /// Descriptors that are not open all the time, once it is warm.
    var changingFiles: [String] { steady.map(\.files).changing }

    var descriptorSpread: Int {
        let all = steady.map(\.descriptors)
        return (all.max() ?? 0) - (all.min() ?? 0)
    }
}
