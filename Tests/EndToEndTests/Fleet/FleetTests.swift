import Foundation
import SupabaseStandin
import Testing

extension EndToEnd {
    /// `make fleet ROWS=3000`; a hundred rows in `make test`.
    @Suite("Fleet", .enabled(if: Standin.isPossible))
    struct Fleet {
        @Test("B1 B2 B11: four gateways on one project send each row once, in order, through kills and partitions")
        func fleet() async throws {
            let rows = TortureBuild.number("CONDUCTOR_FLEET_ROWS") ?? 120
            let seed = TortureBuild.number("CONDUCTOR_SEED").map(UInt64.init) ?? .random(in: 1...999_999)
            let isLong = rows > 1_000
            let run = try FleetRun(
                FleetRun.Plan(
                    rows: rows, seed: seed, leaseSeconds: isLong ? 5 : 2, rowsOfNumber: isLong ? 6 : 3,
                    limit: max(240, Double(rows) / 2)))
            var findings: [String]
            do {
                let evidence = try await run.run()
                let judgement = Judge.judge(evidence)
                let (figures, sends) = (run.figures, run.sends(in: evidence))
                report(
                    "fleet (seed \(seed)): \(rows) rows by four gateways (\(sends.map(String.init).joined(separator: ", "))) "
                        + "in \(Int(figures.seconds)) + \(Int(figures.drainSeconds)) s, \(figures.kills) kills, "
                        + "\(figures.partitions) partitions, \(figures.faults) other faults: lost \(judgement.lost.count), "
                        + "doubled \(judgement.doubled.count), out of order \(judgement.disordered.count), unknown "
                        + "\(judgement.unknown) (\(judgement.cutOff) cut off, \(judgement.cutBefore) before the PDU, "
                        + "\(judgement.cutAfter) before it was durable)")
                findings = judgement.findings
                // In a short run the others may be done before the fourth has recovered.
                if sends.count(where: { $0 == 0 }) > (isLong ? 0 : 2) { findings.append("too few sent: \(sends)") }
                if figures.kills == 0 || figures.partitions == 0 { findings.append("nothing went wrong") }
                try await run.gatewaysSeeEachOther()
            } catch {
                findings = ["\(error)"]
            }
            run.end(keep: !findings.isEmpty && TortureBuild.environment["CONDUCTOR_KEEP"] != nil)
            #expect(findings.isEmpty, "seed \(seed): \(findings.prefix(20).joined(separator: "\n"))")
        }
    }
}
