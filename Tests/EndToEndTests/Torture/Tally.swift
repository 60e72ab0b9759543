import Foundation
import Glibc

/// What many seeds add up to.
struct Tally {
    /// What one seed came to.
    struct Outcome: Sendable {
        var seed: UInt64
        var theme: FaultSchedule.Theme
        var judgement = Judgement()
        var figures = TortureRun.Figures()
        var deaths: [Station.Deaths] = []
        /// Requests that each of the storage's faults has spoilt.
        var storageFaults: [String: Int] = [:]
        /// Why the run itself could not come to its end.
        var failure: String?
        var kills = 0
    }

    let storage: StorageKind
    private(set) var findings: [String] = []
    private var storageFaults: [String: Int] = [:]
    private var judgement = Judgement()
    private var deaths: [String: Int] = [:]
    private var others = Station.Deaths()
    private var figures = TortureRun.Figures()
    private var seeds = 0
    /// Seeds of the disk theme whose disk could not be made.
    private var withoutDisk = 0

    init(storage: StorageKind = .sqlite) {
        self.storage = storage
    }

    /// Runs the seeds, some at once: a run waits more than it works.
    ///
    /// - Parameter seconds: how long things go wrong in each; nil: as long as usual.
    mutating func run(_ seeds: Range<UInt64>, atOnce: Int, seconds: Int? = nil) async {
        let plans = seeds.map { seed in
            var plan = TortureRun.Plan(seed: seed, storage: storage)
            if let seconds { plan.milliseconds = Double(seconds) * 1_000 }
            return plan
        }
        await withTaskGroup(of: Outcome.self) { group in
            var left = plans[...]
            for plan in left.prefix(atOnce) { group.addTask { await Self.one(plan) } }
            left = left.dropFirst(atOnce)
            for await outcome in group {
                add(outcome)
                if let plan = left.popFirst() { group.addTask { await Self.one(plan) } }
            }
        }
    }

    @concurrent
    private static func one(_ plan: TortureRun.Plan) async -> Outcome {
        var outcome = Outcome(seed: plan.seed, theme: FaultSchedule.Theme(seed: plan.seed))
        do {
            let run = try TortureRun(plan)
            if getenv("CONDUCTOR_SHOW") != nil { report(run.schedule.words) }
            do {
                outcome.judgement = Judge.judge(try await run.run())
            } catch {
                outcome.failure = "\(error)"
            }
            outcome.figures = run.figures
            outcome.storageFaults = run.storage.hits
            outcome.deaths = run.stations.map(\.deaths)
            outcome.kills = run.stations.map(\.kills.count).reduce(0, +)
            let isGood = outcome.failure == nil && outcome.judgement.isClean
            await run.end(keep: getenv("CONDUCTOR_KEEP") != nil && !isGood)
        } catch {
            outcome.failure = "\(error)"
        }
        return outcome
    }

    private mutating func add(_ outcome: Outcome) {
        let found = outcome.judgement
        let name = "seed \(outcome.seed) (\(outcome.theme))"
        seeds += 1
        if outcome.theme == .disk, geteuid() != 0 { withoutDisk += 1 }
        judgement = judgement + found
        figures.seconds += outcome.figures.seconds
        figures.faults += outcome.figures.faults
        figures.workers += outcome.figures.workers
        figures.readOnlyStarts += outcome.figures.readOnlyStarts
        storageFaults.merge(outcome.storageFaults, uniquingKeysWith: +)
        for death in outcome.deaths {
            deaths.merge(death.places, uniquingKeysWith: +)
            others.instants += death.instants
            others.missed += death.missed
            others.drains += death.drains
            others.refusedTwins += death.refusedTwins
            others.failedStarts += death.failedStarts
        }
        findings += found.findings.map { "\(name): \($0)" }
        if let failure = outcome.failure {
            findings.append("\(name): \(failure)")
            return report("\(name): FAILED: \(failure)")
        }
        let rate = Double(found.textsIn + found.textsOut) / max(1, outcome.figures.seconds)
        report(
            "\(name): \(found.textsIn) in, \(found.textsOut) out, \(Int(rate))/s, \(outcome.kills) kills, "
                + "\(outcome.figures.faults) faults, unknown \(found.unknown) (\(found.unknownAtEnd) at the end), "
                + String(format: "settled in %.1f s", outcome.figures.drainSeconds)
                + (found.isClean ? "" : "; FOUND: " + found.findings.prefix(5).joined(separator: "; ")))
    }

    /// Crash points that ended a gateway fewer times.
    func missing(least: Int) -> [String] {
        CrashPlaces.all.filter { (deaths[$0] ?? 0) < least }.map { "\($0): \(deaths[$0] ?? 0)" }
    }

    /// Faults of the storage that have spoilt nothing, where that is counted.
    var unseenStorageFaults: [String] {
        storageFaults.isEmpty ? [] : storage.faults.filter { storageFaults[$0, default: 0] == 0 }
    }

    func tell() {
        if withoutDisk > 0 {
            report("\(withoutDisk) seeds of the disk theme had no bad disk: only root can mount one")
        }
        report("kills at crash points: " + CrashPlaces.all.map { "\($0) \(deaths[$0] ?? 0)" }.joined(separator: ", "))
        if !storageFaults.isEmpty {
            report(
                "\(storageFaults.values.reduce(0, +)) faults of \(storage): "
                    + storage.faults.compactMap { name in storageFaults[name].map { "\(name) \($0)" } }
                    .joined(separator: ", "))
        }
        report(
            "\(seeds) seeds, \(Int(figures.seconds)) s of faults: \(judgement.textsIn) texts in, \(judgement.textsOut) "
                + "out in \(judgement.partsOut) parts; \(deaths.values.reduce(0, +)) kills at crash points, "
                + "\(others.instants) at random instants, \(others.missed) where the point did not come, "
                + "\(figures.workers) of workers, \(others.drains) drains, \(others.refusedTwins) second gateways "
                + "refused, \(others.failedStarts) starts refused on a bad disk, \(figures.faults) other faults")
        report(
            "lost \(judgement.lost.count) (\(judgement.alike) alike in every octet and in their place), doubled "
                + "\(judgement.doubled.count), unanswered "
                + "\(judgement.unanswered.count), stuck \(judgement.stuck.count), out of order "
                + "\(judgement.disordered.count), strange \(judgement.strange.count); unknown \(judgement.unknown) = "
                + "\(judgement.cutOff) cut off or withheld + \(judgement.cutBefore) cut before the PDU + "
                + "\(judgement.cutAfter) cut before the outcome was durable "
                + "(at most \(Int(judgement.longestToDisk)) ms), misjudged \(judgement.misjudged.count), "
                + "\(judgement.unknownAtEnd) unknown at the end; \(judgement.resent) parts sent again for that, "
                + "\(judgement.undelivered) texts undelivered, \(judgement.failed) refused, "
                + "\(judgement.optedOut) kept back after STOP")
    }
}
