import Foundation
import Testing

extension EndToEnd {
    @Suite("Taken in") struct TakenIn {
        @Test("A3: a thousand texts from one sender, a hundred of them byte-identical, are a thousand rows")
        func burst() async throws {
            try await withWorld(answering: false) { world in
                try await world.startGateway()
                let table = try Table(path: world.database)
                let start = now()
                for place in 0..<10 {
                    try world.text(0, from: "+16195561234", "mile \(place * 90) and {n}", count: 90)
                    try world.text(0, from: "+16195561234", "yes", count: 10)
                }
                try await eventually("a thousand rows", within: 120, every: 20) { try table.count("1") >= 1_000 }
                let seconds = (now() - start) / 1_000
                try await eventually("the modem is empty") {
                    try world.ledger.refresh()
                    return world.ledger.unfinished.isEmpty
                }
                #expect(try table.count("content = 'yes'") == 100)
                #expect(try table.count("direction = 'inbound' AND status = 'unread'") == 1_000)
                try Oracle(world).expectStoredOnce()
                report(String(format: "1,000 texts in one burst: %.1f s until the last row", seconds))
            }
        }

        /// What broke the dialogue with modems, or the store, before.
        static let bodies = [
            "OK", "ERROR", "+CMGL: 1", "> ", "\"quoted\" and 'quoted'", "two\r\nlines", "\r\nOK\r\n", "\n\n",
            "\u{1A}between\u{1B}", "😀👩‍👩‍👧‍👦🇩🇪", "€5 [Café] ~{}\\^|", "'; DROP TABLE messages; --", "日本語のテキスト",
            String(repeating: "0123456789", count: 100), String(repeating: "ñ😀", count: 200),
        ]

        @Test("A2 A7 B8: bodies arrive unchanged")
        func bodies() async throws {
            try await withWorld(answering: false) { world in
                try await world.startGateway()
                for body in Self.bodies { try world.text(0, from: "+16195561234", body) }
                // An empty body: no phone sends one, and some networks do.
                try world.tell("pdu modem0 07912160130300F4040B916191551632F400006211322133322B00")
                let table = try Table(path: world.database)
                try await eventually("all bodies are stored") { try table.count("1") > Self.bodies.count }
                let stored = try table.rows().map(\.content)
                // Parts of long texts come between others: the order is not theirs.
                for body in Self.bodies + [""] {
                    let isStored = stored.contains { Array($0.utf16) == Array(body.utf16) }
                    #expect(isStored, "missing: \(body.debugDescription.prefix(60))")
                }
                #expect(stored.count == Self.bodies.count + 1)
            }
        }

        @Test(
            "Decision 5: octets that are no text become a text that shows them",
            arguments: ["00DEADBEEF", "07912160130300F4FFFFFFFFFFFF", "0004"])
        func garbage(_ hex: String) async throws {
            try await withWorld(answering: false) { world in
                try await world.startGateway()
                try world.tell("pdu modem0 \(hex)")
                try world.text(0, from: "+16195561234", "after it")
                let table = try Table(path: world.database)
                try await eventually("both are stored") { try table.count("1") >= 2 }
                let rows = try table.rows()
                #expect(rows.contains { $0.content.contains(hex) && $0.isInbound && $0.status == "unread" })
                #expect(rows.contains { $0.content == "after it" })
                let alarms = try await world.status().alarms
                #expect(alarms.contains { $0.kind == "pdu.undecodable" })
                try await eventually("its slot is free") {
                    try world.ledger.refresh()
                    return world.ledger.unfinished.isEmpty
                }
            }
        }
    }
}
