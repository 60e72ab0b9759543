import Foundation
import Glibc
import Testing

extension EndToEnd {
    @Suite("Traffic") struct TrafficGoesOn {
        @Test("a row of four columns is on the wire at once, becomes sent, then delivered")
        func foreignRow() async throws {
            try await withWorld(answering: false) { world in
                try world.tell("reports modem0 delay 1s")
                try await world.startGateway()
                let table = try Table(path: world.database)
                var slowest = 0.0
                for number in 1...3 {
                    let start = now()
                    let (status, output) = try await ChildProcess.run(
                        "sqlite3",
                        [
                            world.database,
                            "PRAGMA busy_timeout = 5000; INSERT INTO messages (phone_number, content, direction, status)"
                                + " VALUES ('+1619556000\(number)', 'Hello \(number)', 'outbound', 'queued')",
                        ], in: world.folder)
                    try #require(status == 0, "\(output)")
                    try await eventually("row \(number) is on the wire") {
                        try world.ledger.count("submitted") >= number
                    }
                    let event = try #require(world.ledger.submitted.last)
                    #expect(event.to == "+1619556000\(number)" && event.text == "Hello \(number)")
                    slowest = max(slowest, event.t - start)
                    let row = "content = 'Hello \(number)'"
                    try await eventually("it is sent") { try table.count("\(row) AND status = 'sent'") == 1 }
                    #expect(try table.count("\(row) AND delivery_status = 'accepted'") == 1, "no report came yet")
                    try await eventually("it is delivered") {
                        try table.count("\(row) AND status = 'sent' AND delivery_status = 'delivered'") == 1
                    }
                }
                report(String(format: "from sqlite3's start to the wire: %.0f ms at most (promised: 1,000)", slowest))
                #expect(slowest < 5_000)
                #expect(try world.ledger.count("submitted") == 3)
            }
        }

        @Test("E4: a modem pulled out under traffic and put in again loses and doubles nothing")
        func unplugged() async throws {
            let pulls = 6
            try await withWorld(modems: 2) { world in
                var traffic = Traffic(world, seed: 11)
                try traffic.settle(modems: 2)
                try await world.startGateway()
                try traffic.open()
                var slowest = 0.0
                for pull in 0..<pulls {
                    let modem = pull % 2
                    try await eventually("traffic is dense") { try traffic.fill() }
                    let instant = now() + Double.random(in: 0...200, using: &traffic.dice)
                    try await eventually("its instant", every: 1) { now() >= instant }
                    let plugged = try world.ledger.count("plugged")
                    try world.tell("unplug modem\(modem)")
                    try world.tell("replug modem\(modem) after 200ms")
                    try await eventually("it is back") {
                        try traffic.fill()
                        return try world.ledger.count("plugged") > plugged
                    }
                    let back = try #require(world.ledger.events.last { $0.event == "plugged" }).t
                    var next: Double?
                    try await eventually("its traffic goes on", within: 60) {
                        try traffic.fill()
                        next =
                            world.ledger.events.first {
                                $0.modem == modem && $0.t > back && ["submitted", "deleted"].contains($0.event)
                            }?.t
                        return next != nil
                    }
                    slowest = max(slowest, (next ?? .infinity) - back)
                }
                report(String(format: "from the modem's return to its next text: %.0f ms (promised: 2,000)", slowest))
                #expect(slowest < 10_000)
                try await traffic.drain(within: 120)
                var oracle = try Oracle(world)
                oracle.expectStoredOnce()
                oracle.expectAnsweredOnce()
                try oracle.expectSentOnce(unknownAtMost: pulls)
                try oracle.expectOrder(of: traffic.ordered)
                report("\(pulls) times unplugged: \(oracle.summary)")
            }
        }

        @Test("B11: a row goes soon after the answer that its number had before it, and soon after its time")
        func freed() async throws {
            try await withWorld { world in
                try await world.startGateway()
                let table = try Table(path: world.database)
                // Without these signs rows are found within half a minute.
                try world.tell("radio modem0 2s")
                try world.text(0, from: "+16195551234", "hello")
                try await eventually("its answer is on its way") {
                    try table.count("content = 're: hello' AND delivery_status = 'sending'") == 1
                }
                try table.queue([("+16195551234", "and this")])
                try await eventually("both have left", within: 15) { try world.ledger.count("submitted") == 2 }
                #expect(world.ledger.submitted.map(\.text) == ["re: hello", "and this"])
                try world.tell("radio modem0 10ms")
                try table.plan("+16195551235", "later", seconds: 3)
                let planned = now()
                try await eventually("the planned one has left", within: 15) {
                    try world.ledger.count("submitted") == 3
                }
                #expect(now() - planned >= 2_900, "it left before its time")
            }
        }

        @Test("SIGTERM ends what is in flight: nothing is unknown, and the next run goes on")
        func drained() async throws {
            try await withWorld(modems: 2) { world in
                var traffic = Traffic(world, seed: 12)
                try traffic.settle(modems: 2)
                for round in 0..<3 {
                    try await world.startGateway()
                    if round == 0 { try traffic.open() }
                    try await eventually("traffic is dense") { try traffic.fill() }
                    let start = now()
                    let gateway = try #require(world.gateway)
                    gateway.signal(SIGTERM)
                    try await eventually("the gateway ends", within: 60) { !gateway.isRunning }
                    #expect(gateway.status == 0)
                    report(String(format: "SIGTERM under traffic: %.0f ms until the end", now() - start))
                    let table = try Table(path: world.database)
                    #expect(try table.count("delivery_status = 'unknown'") == 0)
                }
                try await world.startGateway()
                try await traffic.drain(within: 120)
                var oracle = try Oracle(world)
                oracle.expectStoredOnce()
                oracle.expectAnsweredOnce()
                try oracle.expectSentOnce(unknownAtMost: 0)
                try oracle.expectOrder(of: traffic.ordered)
            }
        }
    }
}
