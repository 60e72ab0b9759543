import Foundation
import Glibc
import Testing

extension EndToEnd {
    /// What modems are known to do, one after the other, each under traffic both ways on two modems: nothing is lost,
    /// doubled or out of order, and all is as before when it is over. The dialogue's finer faults stand in ModemKit's tests.
    @Suite("Fault matrix", .enabled(if: TortureBuild.isThere, Comment(rawValue: TortureBuild.absence)))
    struct FaultMatrix {
        struct Case: Sendable, CustomTestStringConvertible {
            var testDescription: String
            /// For the simulator, once traffic is dense.
            var fault: [String]
            /// What ends it, where it does not end by itself.
            var end: [String] = []
            /// The simulator's ledger shows that it happened: so many of these events.
            var shows: (event: String, count: Int)?
            /// Parts whose fate it may leave unknown: those that were on their way to the modem.
            var unknown = 0
            /// Parts that have left before.
            var after = 0

            init(
                _ name: String, _ fault: [String], end: [String] = [], shows: (event: String, count: Int)? = nil,
                unknown: Int = 0, after: Int = 0
            ) {
                (testDescription, self.fault, self.end, self.shows) = (name, fault, end, shows)
                (self.unknown, self.after) = (unknown, after)
            }
        }

        static let cases: [Case] = [
            Case("no answer for four seconds", ["silent modem0 on"], end: ["silent modem0 off"], unknown: 1),
            Case(
                "half an answer",
                ["+CMGL", "+CMGR", "+CMGD", "+CPMS"].map { "fault modem0 cut-short on \($0) next 3" }),
            // Half of an answer with three digits has one of them, and what the modem says next ends the line.
            Case(
                "half an answer to a part", ["fault modem0 cut-short on +CMGS next 2"],
                shows: ("submitted", 2), unknown: 2, after: 260),
            Case(
                "the answer of the command before", ["latency modem0 3s"], end: ["latency modem0 500us jitter 1ms"],
                unknown: 2),
            Case(
                "lines that nobody asked for inside answers",
                [
                    "fault modem0 interrupt-inside \"^RSSI: 19\" on * every 3",
                    "fault modem0 interrupt \"+CREG: 1\" on * every 5",
                ],
                end: ["fault modem0 clear"]),
            Case("no final result, and the part has left", ["fault modem0 no-final left next 2"], unknown: 2),
            Case("no final result, and it has not", ["fault modem0 no-final kept next 2"], unknown: 2),
            Case("transfers that hang before the prompt", ["fault modem0 no-prompt next 3"], unknown: 0),
            Case(
                "octets of noise", ["fault modem0 garbage 300 on * every 15"], end: ["fault modem0 clear"], unknown: 2),
            Case(
                "refused: CMS 322, 500, 38; and 332, which may have left",
                [322, 500, 38, 332].map { "fault modem0 cms \($0) next 2" },
                shows: ("rejected", 8),
                // 332 is the network's time-out: the part may have left.
                unknown: 2),
            Case("parts in the middle of texts refused", ["fault modem0 cms 500 every 3"], end: ["fault modem0 clear"]),
            Case("its SIM wants a PIN", ["sim modem0 pin 4711"], end: ["sim modem0 ready"], unknown: 1),
            Case("its SIM wants the PUK", ["sim modem0 puk 4711"], end: ["sim modem0 ready"], unknown: 1),
            Case("its SIM is pulled", ["sim modem0 absent"], end: ["sim modem0 ready"], unknown: 1),
            Case("reset to the factory's settings", ["factory-reset modem0"], shows: ("reset", 1), unknown: 1),
            Case("no network", ["registration modem0 denied"], end: ["registration modem0 home"]),
            Case(
                "five hundred texts into ten slots",
                ["slots modem0 ME 10", "slots modem0 SM 10", "burst 500 modem0 +16195530001 \"flood {n}\""],
                shows: ("full", 1)),
            Case(
                "a modem that needs 20 s after each start", ["boot-delay modem0 20s", "restart modem0"],
                end: ["boot-delay modem0 0s"], unknown: 1),
        ]

        /// Whether each fault is tried by itself, as `make faults` does; else six at once, most of whose time is waiting.
        static let isAlone = TortureBuild.number("CONDUCTOR_FAULTS") != nil

        struct Batch: Sendable, CustomTestStringConvertible {
            var cases: [Case]
            var testDescription: String { cases.map(\.testDescription).joined(separator: "; ") }

            static let all = stride(from: 0, to: FaultMatrix.cases.count, by: isAlone ? 1 : 6).map { start in
                Batch(cases: Array(FaultMatrix.cases[start..<min(start + (isAlone ? 1 : 6), FaultMatrix.cases.count)]))
            }
        }

        @Test("Nothing is lost, doubled or out of order", arguments: Batch.all)
        func faults(_ batch: Batch) async throws {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for fault in batch.cases {
                    group.addTask {
                        do { try await Self.suffer(fault) } catch {
                            throw Failure("\(fault.testDescription): \(error)")
                        }
                    }
                }
                try await group.waitForAll()
            }
        }

        @concurrent
        private static func suffer(_ fault: Case) async throws {
            try await withWorld(modems: 2) { world in
                world.program = try TortureBuild.conductor()
                world.environment = ["CONDUCTOR_TEMPO=short"]
                var traffic = Traffic(world, seed: 21)
                try traffic.settle(modems: 2)
                try await world.startGateway()
                try traffic.open()
                try await eventually("traffic is dense") { try traffic.fill() }
                try await eventually("parts have left", within: 60) {
                    try traffic.fill()
                    return try world.ledger.count("submitted") >= fault.after
                }
                let before = fault.shows.map { world.ledger.counts[$0.event] ?? 0 }
                for line in fault.fault { try world.tell(line) }
                if let shows = fault.shows, let before {
                    try await eventually("it happens", within: 60) {
                        try traffic.fill()
                        return try world.ledger.count(shows.event) >= before + shows.count
                    }
                }
                let over = now() + 4_000
                try await eventually("it has had its time", within: 30) {
                    try traffic.fill()
                    return now() >= over
                }
                for line in fault.end { try world.tell(line) }
                let since = now()
                try await eventually("the modem works again, both ways", within: 120) {
                    try traffic.fill()
                    let events = world.ledger.events.reversed().prefix { $0.t > since }.filter { $0.modem == 0 }
                    return ["submitted", "deleted"].allSatisfy { word in events.contains { $0.event == word } }
                }
                try await traffic.drain(within: 120)
                var oracle = try Oracle(world)
                oracle.expectStoredOnce()
                oracle.expectAnsweredOnce()
                // On a busy machine, a modem's answer may come too late for the short time-outs of this build.
                try oracle.expectSentOnce(unknownAtMost: isAlone ? fault.unknown : .max)
                try oracle.expectOrder(of: traffic.ordered)
                report("\(fault.testDescription): \(oracle.summary)")
            }
        }
    }
}
