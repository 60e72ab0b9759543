import Foundation
import Testing

extension EndToEnd {
    @Suite("Endurance", .enabled(if: TortureBuild.isThere, Comment(rawValue: TortureBuild.absence)))
    struct Endurance {
        /// `make kills KILLS=1000`
        @Test("kill -9 again and again under traffic: it is ready at once, and its journal stays small")
        func kills() async throws {
            let kills = TortureBuild.number("CONDUCTOR_ROW") ?? 25
            let seed = TortureBuild.number("CONDUCTOR_SEED").map(UInt64.init) ?? 1
            var row = KillRow()
            let run = try TortureRun(
                TortureRun.Plan(seed: seed, killsOnly: true, settleMilliseconds: 120_000))
            do {
                let judgement = Judge.judge(try await row.run(run, kills: kills))
                await run.end(keep: false)
                let texts = judgement.textsIn + judgement.textsOut
                let last = row.sizes.last ?? 0
                report(
                    String(
                        format: "%d kills: ready after %.0f ms (median), %.0f (p99), %.0f (max); ", kills,
                        row.ready(0.5), row.ready(0.99), row.ready(1))
                        + "journal with its log: \(last / 1_024) KiB after \(texts) texts "
                        + "(\(last / max(1, texts)) octets each), at most \((row.sizes.max() ?? 0) / 1_024) KiB; "
                        + "unknown \(judgement.unknown), lost \(judgement.lost.count), doubled \(judgement.doubled.count)"
                )
                #expect(judgement.findings.isEmpty, "\(judgement.findings.prefix(10))")
                // Beside all other tests the machine has other things to do.
                let isAlone = TortureBuild.number("CONDUCTOR_ROW") != nil
                #expect(row.ready(0.5) <= (isAlone ? 200 : 600), "milliseconds from start to ready, median")
                if isAlone { #expect(row.ready(0.99) <= 200, "milliseconds from start to ready, of 99 in 100 starts") }
                // What the log may hold before it is written back, and a few KiB for each text.
                #expect(last < 24 << 20 + texts * 6 << 10, "octets of the journal")
            } catch {
                await run.end(keep: false)
                throw error
            }
        }

        /// `make month MONTH=720`
        @Test(
            "64 modems for a month, pulled, wedged, reset and filled up: nothing is lost or doubled, no port stays open"
        )
        func month() async throws {
            let isWhole = TortureBuild.environment["CONDUCTOR_MONTH"] != nil
            let hours = TortureBuild.environment["CONDUCTOR_MONTH"].flatMap(Double.init) ?? 0.2
            // The gateway's time-outs go as fast as its clock: at the month's speed ten seconds are six milliseconds, which
            // a machine that does other work, too, does not keep. The short one goes as fast as the soak.
            let speed = TortureBuild.number("CONDUCTOR_SPEED") ?? (isWhole ? 1_800 : 60)
            let seed = TortureBuild.number("CONDUCTOR_SEED").map(UInt64.init) ?? UInt64.random(in: 6..<900_000)
            var month = Month(hours: hours, speed: speed)
            let run = try TortureRun(Month.plan(seed: seed, hours: hours, speed: speed))
            do {
                try await month.run(run)
                let evidence = try run.evidence()
                let judgement = Judge.judge(evidence)
                await run.end(keep: !judgement.findings.isEmpty && getenv("CONDUCTOR_KEEP") != nil)
                report(
                    String(format: "%.1f simulated hours with 64 modems (seed %llu): ", hours, seed)
                        + "\(run.figures.faults) faults, \(judgement.textsIn) texts in, \(judgement.textsOut) out, "
                        + "unknown \(judgement.unknown), lost \(judgement.lost.count), doubled \(judgement.doubled.count); "
                        + "at rest memory ± \(month.memorySpread) KiB (from the first to the last: \(month.memoryGrowth)), "
                        + "threads \(month.threads), descriptors that change: \(month.changingFiles)")
                #expect(judgement.findings.isEmpty, "\(judgement.findings.prefix(10))")
                #expect(month.changingFiles.isEmpty)
                // Of a few hours, memory says nothing yet.
                if isWhole { #expect(month.memorySpread <= 2_048, "KiB around the middle, at rest") }
            } catch {
                await run.end(keep: false)
                throw error
            }
        }

        /// `make soak HOURS=24`
        @Test("ten texts a second, hour after hour: memory and descriptors stay as they are")
        func soak() async throws {
            let hours = TortureBuild.environment["CONDUCTOR_HOURS"].flatMap(Double.init) ?? 0.2
            var soak = Soak(hours: hours, speed: TortureBuild.number("CONDUCTOR_SPEED") ?? 60)
            let run = try TortureRun(TortureRun.Plan(seed: 1, killsOnly: true))
            run.ledger.keeps = false
            do {
                try await soak.run(run)
                try run.ledger.refresh()
                let stored = try run.storage.count("direction = 'inbound'")
                let sent = run.ledger.counts["submitted"] ?? 0
                let arrived = run.traffic.arrived
                await run.end(keep: false)
                report(
                    String(
                        format: "soak: %.1f simulated hours in %.0f s, %d texts both ways, after the warm-up memory "
                            + "± %d KiB (at most %d), descriptors ± %d", hours, soak.realSeconds, arrived + sent,
                        soak.memorySpread, soak.memoryPeak, soak.descriptorSpread))
                #expect(stored == arrived && sent == arrived, "\(arrived) came, \(stored) are stored, \(sent) answered")
                #expect(soak.memorySpread <= soak.memoryAllowed, "KiB around the middle")
                #expect(soak.descriptorSpread == 0, "\(soak.changingFiles)")
            } catch {
                await run.end(keep: false)
                throw error
            }
        }
    }
}
