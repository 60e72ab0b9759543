import Foundation
import Glibc
import Testing

extension EndToEnd {
    /// `make torture SEEDS=200`, `make torture SEED=1234`; a few seeds in `make test`.
    @Suite("Torture", .enabled(if: TortureBuild.isThere, Comment(rawValue: TortureBuild.absence)))
    struct Torture {
        @Test("A1 A3 A9 B1 B2 B3 B11: never lost, never twice, whatever goes wrong")
        func torture() async throws {
            let first = TortureBuild.number("CONDUCTOR_SEED").map(UInt64.init) ?? .random(in: 1...999_999)
            let isReplay = TortureBuild.environment["CONDUCTOR_SEED"] != nil
            let seeds = TortureBuild.number("CONDUCTOR_SEEDS") ?? (isReplay ? 1 : FaultSchedule.Theme.allCases.count)
            report("torture: \(seeds) seeds from \(first); `make torture SEED=n` repeats one")
            var tally = Tally()
            for seed in first..<(first + UInt64(seeds)) { await tally.run(seed) }
            tally.tell()
            #expect(tally.findings.isEmpty, "\(tally.findings.prefix(20).joined(separator: "\n"))")
            let few = tally.missing(least: TortureBuild.number("CONDUCTOR_LEAST_KILLS") ?? 0)
            #expect(few.isEmpty, "these crash points were hit too seldom: \(few)")
        }

        @Test("the harness sees what each safeguard prevents", arguments: SafeguardOff.all)
        func sees(_ off: SafeguardOff) async throws {
            let limit = TortureBuild.number("CONDUCTOR_SEES_SEEDS") ?? 4
            for seed in 1...UInt64(limit) {
                let run = try TortureRun(
                    TortureRun.Plan(
                        seed: seed, milliseconds: 5_000, without: off.name, places: off.places, killsOnly: true))
                var seen: [String] = []
                do {
                    seen = Judge.judge(try await run.run()).findings.filter { finding in
                        off.findings.contains { finding.hasPrefix($0) }
                    }
                    await run.end(keep: false)
                } catch {
                    await run.end(keep: false)
                    throw error
                }
                if let first = seen.first {
                    report("without \(off.name): seen with seed \(seed): \(seen.count) findings, as \(first)")
                    return
                }
            }
            Issue.record("without \(off.name) the harness saw nothing in \(limit) seeds")
        }
    }

    /// A safeguard that is switched off, the places at which a kill shows it, and what must be found then.
    struct SafeguardOff: CustomTestStringConvertible, Sendable {
        var name: String
        var places: [String]
        var findings: [String]
        var testDescription: String { name }

        static let all = [
            Self(
                name: "journal-before-delete", places: ["before intake commit", "after delete"], findings: ["lost"]),
            Self(name: "intent-before-pdu", places: ["pdu written", "before intent commit"], findings: ["doubled"]),
            Self(
                name: "reread-recognition", places: ["before delete", "after intake commit", "after delete"],
                findings: ["doubled"]),
            Self(
                name: "begin", places: ["before begin", "pdu written", "result read"], findings: ["doubled", "strange"]),
            Self(name: "recipient-order", places: ["result read"], findings: ["out of order"]),
            Self(name: "decision-with-reply", places: ["inside decision"], findings: ["unanswered"]),
        ]
    }
}

/// What many seeds add up to.
struct Tally {
    private(set) var findings: [String] = []
    private var judgement = Judgement()
    private var deaths: [String: Int] = [:]
    private var instants = 0
    private var missed = 0
    private var drains = 0
    private var twins = 0
    private var faults = 0
    private var workers = 0
    private var failedStarts = 0
    private var seeds = 0
    private var seconds = 0.0

    mutating func run(_ seed: UInt64) async {
        var plan = TortureRun.Plan(seed: seed)
        if let seconds = TortureBuild.number("CONDUCTOR_TORTURE_SECONDS") {
            plan.milliseconds = Double(seconds) * 1_000
        }
        do {
            let run = try TortureRun(plan)
            if getenv("CONDUCTOR_SHOW") != nil { report(run.schedule.words) }
            do {
                let judgement = Judge.judge(try await run.run())
                add(seed, run, judgement)
                await run.end(keep: getenv("CONDUCTOR_KEEP") != nil && !judgement.isClean)
            } catch {
                findings.append("seed \(seed): \(error)")
                report("seed \(seed) (\(run.schedule.theme)): \(error)")
                await run.end(keep: getenv("CONDUCTOR_KEEP") != nil)
            }
        } catch {
            findings.append("seed \(seed): \(error)")
        }
    }

    private mutating func add(_ seed: UInt64, _ run: TortureRun, _ found: Judgement) {
        judgement = judgement + found
        seeds += 1
        seconds += run.figures.seconds
        faults += run.figures.faults
        workers += run.figures.workers
        var kills = 0
        for station in run.stations {
            deaths.merge(station.deaths.places, uniquingKeysWith: +)
            instants += station.deaths.instants
            missed += station.deaths.missed
            drains += station.deaths.drains
            twins += station.deaths.refusedTwins
            failedStarts += station.deaths.failedStarts
            kills += station.kills.count
        }
        findings += found.findings.map { "seed \(seed) (\(run.schedule.theme)): \($0)" }
        let rate = Double(found.textsIn + found.textsOut) / max(1, run.figures.seconds)
        report(
            "seed \(seed) (\(run.schedule.theme)): \(found.textsIn) in, \(found.textsOut) out, \(Int(rate))/s, "
                + "\(kills) kills, \(run.figures.faults) faults, unknown \(found.unknown) (\(found.unknownAtEnd) at the end), "
                + String(format: "settled in %.1f s", run.figures.drainSeconds)
                + (found.isClean ? "" : "; FOUND: " + found.findings.prefix(5).joined(separator: "; ")))
    }

    /// Crash points that ended a gateway fewer times.
    func missing(least: Int) -> [String] {
        CrashPlaces.all.filter { (deaths[$0] ?? 0) < least }.map { "\($0): \(deaths[$0] ?? 0)" }
    }

    func tell() {
        report("kills at crash points: " + CrashPlaces.all.map { "\($0) \(deaths[$0] ?? 0)" }.joined(separator: ", "))
        report(
            "\(seeds) seeds, \(Int(seconds)) s of faults: \(judgement.textsIn) texts in, \(judgement.textsOut) out in "
                + "\(judgement.partsOut) parts; \(deaths.values.reduce(0, +)) kills at crash points, \(instants) at random "
                + "instants, \(missed) where the point did not come, \(workers) of workers, \(drains) drains, "
                + "\(twins) second gateways refused, \(failedStarts) starts refused on a bad disk, \(faults) other faults"
        )
        report(
            "lost \(judgement.lost.count), doubled \(judgement.doubled.count), unanswered "
                + "\(judgement.unanswered.count), stuck \(judgement.stuck.count), out of order "
                + "\(judgement.disordered.count), strange \(judgement.strange.count); unknown \(judgement.unknown) = "
                + "\(judgement.cutOff) cut off or withheld + \(judgement.cutBefore) cut before the PDU + "
                + "\(judgement.cutAfter) cut before the outcome was durable "
                + "(at most \(Int(judgement.longestToDisk)) ms), misjudged \(judgement.misjudged.count), "
                + "\(judgement.unknownAtEnd) unknown at the end")
    }
}
