import Foundation
import Glibc
import SupabaseStandin
import Testing

extension EndToEnd {
    /// `make torture SEEDS=200`, `make torture SEED=1234`, both with `STORAGE=supabase`, too; a few seeds in `make test`.
    @Suite("Torture", .enabled(if: TortureBuild.isThere, Comment(rawValue: TortureBuild.absence)))
    struct Torture {
        @Test("A1 A3 A9 B1 B2 B3 B11: never lost, never twice, whatever goes wrong")
        func torture() async throws {
            let first = TortureBuild.number("CONDUCTOR_SEED").map(UInt64.init) ?? .random(in: 1...999_999)
            let isReplay = TortureBuild.environment["CONDUCTOR_SEED"] != nil
            let seeds = TortureBuild.number("CONDUCTOR_SEEDS") ?? (isReplay ? 1 : FaultSchedule.Theme.allCases.count)
            let storage = try StorageKind.wanted()
            let more = storage == .sqlite ? "" : " STORAGE=\(storage)"
            report("torture: \(seeds) seeds from \(first); `make torture SEED=n\(more)` repeats one")
            var tally = Tally(storage: storage)
            await tally.run(
                first..<(first + UInt64(seeds)), atOnce: TortureBuild.number("CONDUCTOR_JOBS") ?? 2,
                seconds: TortureBuild.number("CONDUCTOR_TORTURE_SECONDS"))
            tally.tell()
            #expect(tally.findings.isEmpty, "\(tally.findings.prefix(20).joined(separator: "\n"))")
            let least = TortureBuild.number("CONDUCTOR_LEAST_KILLS") ?? (storage == .sqlite && seeds >= 200 ? 20 : 0)
            let few = tally.missing(least: least)
            #expect(few.isEmpty, "these crash points were hit too seldom: \(few)")
            let unseen = seeds >= 200 ? tally.unseenStorageFaults : []
            #expect(unseen.isEmpty, "these faults of the storage hit nothing: \(unseen)")
        }

        @Test("A1 A3 A9 B1 B2 B3 B11: nor when it is kept at Supabase", .enabled(if: Standin.isPossible))
        func supabase() async {
            // A short one: `make torture STORAGE=supabase` runs them in full.
            let seed = UInt64.random(in: 1...999_999)
            report("torture: a short seed \(seed) of Supabase; `make torture SEED=\(seed) STORAGE=supabase` is like it")
            var tally = Tally(storage: .supabase)
            await tally.run(seed..<(seed + 1), atOnce: 1, seconds: 4)
            tally.tell()
            #expect(tally.findings.isEmpty, "\(tally.findings.prefix(20).joined(separator: "\n"))")
        }

        /// With safeguards and without: what comes later than this is late in both.
        private static let settle = 20_000.0

        @Test("with all safeguards on, the kills that show their absence find nothing")
        func control() async throws {
            let places = Array(Set(SafeguardOff.all.flatMap(\.places))).sorted()
            let run = try TortureRun(
                TortureRun.Plan(
                    seed: 1, storage: StorageKind.wanted(), milliseconds: 8_000, places: places, killsOnly: true,
                    settleMilliseconds: Self.settle))
            do {
                let findings = Judge.judge(try await run.run()).findings
                await run.end(keep: false)
                #expect(findings.isEmpty)
            } catch {
                await run.end(keep: false)
                throw error
            }
        }

        @Test("the harness sees what each safeguard prevents", arguments: SafeguardOff.all)
        func sees(_ off: SafeguardOff) async throws {
            let limit = TortureBuild.number("CONDUCTOR_SEES_SEEDS") ?? 4
            for seed in 1...UInt64(limit) {
                let run = try TortureRun(
                    TortureRun.Plan(
                        seed: seed, storage: StorageKind.wanted(), milliseconds: 5_000, without: off.name,
                        places: off.places, killsOnly: true, settleMilliseconds: Self.settle))
                var seen: [String] = []
                do {
                    // What may still come shows nothing.
                    seen = Judge.judge(try await run.run()).findings.filter { finding in
                        !finding.hasSuffix(Judge.late) && off.findings.contains { finding.hasPrefix($0) }
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
