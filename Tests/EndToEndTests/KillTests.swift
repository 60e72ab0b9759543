import Foundation
import Testing

extension EndToEnd {
    /// `CONDUCTOR_KILLS` and `CONDUCTOR_SEED` set how often, and repeat a run.
    @Suite("Killed") struct Killed {
        @Test("A1 A3 B1 B11: whenever the gateway is killed, nothing is lost, nothing is sent twice")
        func kills() async throws {
            let environment = ProcessInfo.processInfo.environment
            let kills = environment["CONDUCTOR_KILLS"].flatMap(Int.init) ?? 40
            let seed = environment["CONDUCTOR_SEED"].flatMap(UInt64.init) ?? .random(in: 1...999_999)
            report("kill -9, \(kills) times, CONDUCTOR_SEED=\(seed)")
            try await withWorld(modems: 2) { world in
                var traffic = Traffic(world, seed: seed)
                try traffic.settle(modems: 2)
                try await world.startGateway()
                try traffic.open()
                var fewest = Int.max
                var early = 0
                for kill in 1...kills {
                    // One kill in five hits the start itself.
                    let isEarly = traffic.dice.next() % 5 == 0
                    if isEarly {
                        early += 1
                    } else {
                        let before = try world.ledger.count("submitted") + world.ledger.count("deleted")
                        try traffic.fill()
                        try await eventually("traffic goes on after kill \(kill - 1)", within: 60) {
                            try traffic.fill()
                            return try world.ledger.count("submitted") + world.ledger.count("deleted") > before + 2
                        }
                    }
                    let span = traffic.dice.next() % 3 == 0 ? 2_000.0 : 400
                    let instant = now() + Double.random(in: 0...span, using: &traffic.dice)
                    try await eventually("instant \(kill)", within: 60, every: 1) {
                        let isFull = try traffic.fill()
                        return isFull && now() >= instant
                    }
                    try world.killGateway()
                    fewest = min(fewest, try traffic.inFlight().least)
                    try world.launchGateway()
                }
                let started = now()
                try await traffic.drain(within: 240)
                var oracle = try Oracle(world)
                oracle.expectStoredOnce()
                oracle.expectAnsweredOnce()
                try oracle.expectSentOnce(unknownAtMost: kills * 2)
                try oracle.expectOrder(of: traffic.ordered)
                report(
                    "\(kills) kills (\(early) of them while starting), at least \(fewest) texts in flight each way: "
                        + oracle.summary + String(format: "; drained in %.1f s", (now() - started) / 1_000))
                #expect(fewest >= 20)
            }
        }
    }
}
