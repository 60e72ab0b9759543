import Foundation
import SupabaseStandin
import Testing

extension EndToEnd {
    /// `make fleet ROWS=3000`; some hundred rows in `make test`.
    @Suite("Fleet", .enabled(if: Standin.isPossible))
    struct Fleet {
        @Test("B1 B2 B11: four gateways on one project send each row once, in order, through kills and partitions")
        func fleet() async throws {
            let rows = TortureBuild.number("CONDUCTOR_FLEET_ROWS") ?? 300
            let seed = TortureBuild.number("CONDUCTOR_SEED").map(UInt64.init) ?? .random(in: 1...999_999)
            let isLong = rows > 1_000
            let run = try FleetRun(
                FleetRun.Plan(
                    rows: rows, seed: seed, leaseSeconds: isLong ? 5 : 2, limit: max(120, Double(rows) / 2)))
            var findings: [String]
            var sends: [Int] = []
            var isKept = false
            do {
                let evidence = try await run.run()
                let judgement = Judge.judge(evidence)
                findings = judgement.findings
                sends = (0..<4).map { modem in
                    evidence.wire.count { $0.modem == modem && $0.kind == .submitted }
                }
                let figures = run.figures
                report(
                    "fleet (seed \(seed)): \(rows) rows by four gateways (\(sends.map(String.init).joined(separator: ", "))) "
                        + "in \(Int(figures.seconds)) + \(Int(figures.drainSeconds)) s, \(figures.kills) kills, "
                        + "\(figures.partitions) partitions, \(figures.faults) other faults: lost \(judgement.lost.count), "
                        + "doubled \(judgement.doubled.count), out of order \(judgement.disordered.count), unknown "
                        + "\(judgement.unknown) (\(judgement.cutOff) cut off, \(judgement.cutBefore) before the PDU, "
                        + "\(judgement.cutAfter) before it was durable)")
                let fleet = try await run.fleet()
                #expect(fleet.map(\.gateway) == (0..<4).map { "gateway\($0)" })
                #expect(fleet.allSatisfy { $0.sims.count == 1 && $0.sending == 0 && $0.silentSince == nil })
            } catch {
                run.end(keep: TortureBuild.environment["CONDUCTOR_KEEP"] != nil)
                throw Failure("seed \(seed): \(error)")
            }
            isKept = !findings.isEmpty && TortureBuild.environment["CONDUCTOR_KEEP"] != nil
            run.end(keep: isKept)
            #expect(findings.isEmpty, "seed \(seed): \(findings.prefix(20).joined(separator: "\n"))")
            #expect(sends.allSatisfy { $0 > 0 }, "a gateway sent nothing: \(sends)")
            #expect(run.figures.kills > 0 && run.figures.partitions > 0)
        }
    }
}
