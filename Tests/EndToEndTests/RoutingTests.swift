import Foundation
import GRDB
import Testing

extension EndToEnd {
    @Suite("Which modem") struct Routing {
        @Test("Numbers go by prefer_for, the rest by load; a flash text is one; what names a SIM leaves from it alone")
        func routes() async throws {
            try await withWorld(modems: 2, answering: false) { world in
                world.modemSettings[1] = "prefer_for: [\"+52\"]"
                try await world.startGateway()
                for (count, words) in [
                    ["+525512345678", "hola"], ["+16195550123", "hello", "--flash"], ["+525512345679", "hola"],
                    ["+525512345678", "from the other", "--from", "+16195550000"],
                ].enumerated() {
                    let sent = try await world.command(["send"] + words)
                    try #require(sent.status == 0, "\(sent.output)")
                    try await eventually("it left") { try world.ledger.count("submitted") == count + 1 }
                }
                #expect(world.ledger.submitted.map(\.modem) == [1, 0, 1, 0])
                let flash = try #require(world.ledger.submitted[1].tpdu)
                #expect(try await Self.messageClass(of: flash, in: world) == 0)
                #expect(try await Self.messageClass(of: try #require(world.ledger.submitted[0].tpdu), in: world) == nil)
            }
        }

        /// The message class that our decoder reads in a PDU as the modem got it.
        private static func messageClass(of tpdu: String, in world: World) async throws -> Int? {
            let path = world.folder + "/pdu"
            try (tpdu + "\n").write(toFile: path, atomically: true, encoding: .utf8)
            let (status, output) = try await ChildProcess.run(
                "/bin/sh", ["-c", "\(World.conductor) pdu decode --mo --no-smsc --json < \(path)"], in: world.folder)
            try #require(status == 0, "\(output)")
            let object = try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any]
            return object?["class"] as? Int
        }

        @Test("A4: a canary goes from each SIM to the next, and nobody sees it")
        func canary() async throws {
            try await withWorld(modems: 2) { world in
                world.settings = ["canary: {every: 10m, within: 1m}"]
                try await world.startGateway()
                let journal = try Self.reader(world.state + "/journal.db")
                func arrived() throws -> Int {
                    try journal.read {
                        try Int.fetchOne($0, sql: "SELECT count(*) FROM canary WHERE arrived_at IS NOT NULL") ?? 0
                    }
                }
                try await eventually("both have arrived", every: 20) { try arrived() == 2 }
                try await eventually("nothing waits for storage", every: 20) {
                    try await world.status().storage.lag == 0
                }
                try world.text(0, from: "+16195551234", "a person's")
                let table = try Table(path: world.database)
                try await eventually("a person's text is answered, and the answer has left", every: 20) {
                    try table.count("content = 're: a person''s' AND delivery_status = 'delivered'") == 1
                }
                #expect(try table.count("1") == 2, "storage has what people wrote, and its answer")
                #expect(try world.ledger.count("submitted") == 3)
                #expect(try await world.status().alarms.isEmpty)
            }
        }

        private static func reader(_ path: String) throws -> DatabaseQueue {
            var configuration = Configuration()
            configuration.readonly = true
            configuration.busyMode = .timeout(10)
            return try DatabaseQueue(path: path, configuration: configuration)
        }
    }
}
