import Foundation
import GRDB
import SMSCodec

/// Reads what gateways wrote down, and turns what the simulator and the table say into evidence.
enum Journals {
    private static func read<Value>(_ path: String, _ body: (Database) throws -> Value) throws -> Value {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        return try DatabaseQueue(path: path, configuration: configuration).read(body)
    }

    /// Texts that came and storage does not have, or nobody decided on.
    static func openInbound(_ path: String) throws -> Int {
        try read(path) { database in
            try Int.fetchOne(
                database, sql: "SELECT count(*) FROM inbound WHERE visible = 0 OR stored < revision OR answer = 0") ?? 0
        }
    }

    /// Everything that a journal still has to do.
    static func open(_ path: String) throws -> Int {
        let outbound = try read(path) { database in
            try Int.fetchOne(
                database,
                sql: """
                    SELECT count(*) FROM outbound WHERE stored < revision OR state IN ('waiting', 'sending')
                        OR (state = 'unknown' AND ask_at IS NOT NULL)
                    """) ?? 0
        }
        return try outbound + openInbound(path)
    }

    /// Numbers of which a text, or our answer, is on its way to storage or to its decision.
    static func unsettled(_ path: String) throws -> [String] {
        try read(path) { database in
            try String.fetchAll(
                database,
                sql: """
                    SELECT phone FROM inbound WHERE visible = 0 OR stored < revision OR answer = 0
                    UNION SELECT phone FROM outbound WHERE stored < revision
                    """)
        }
    }

    /// How often each part was written once more while it was unknown.
    static func resent(_ path: String) throws -> [Evidence.PartName: Int] {
        try read(path) { database in
            let names = try Row.fetchAll(database, sql: "SELECT uid, number FROM part_before").map { row in
                Evidence.PartName(uid: row["uid"], number: row["number"])
            }
            return Dictionary(grouping: names) { $0 }.mapValues(\.count)
        }
    }

    static func read(_ path: String) throws -> (parts: [Evidence.Part], outgoing: [Evidence.Outgoing]) {
        try read(path) { database in
            let parts = try Row.fetchAll(
                database, sql: "SELECT uid, number, hex(pdu) AS tpdu, modem, state, error FROM part"
            ).map { row in
                Evidence.Part(
                    uid: row["uid"], number: row["number"], tpdu: (row["tpdu"] as String).uppercased(),
                    // The simulator numbers its modems in the IMEI, before the check digit.
                    modem: Int((row["modem"] as String).dropLast().suffix(4)) ?? -1, state: row["state"],
                    error: row["error"])
            }
            let outgoing = try Row.fetchAll(
                database, sql: "SELECT seq, uid, phone, state, stored >= revision AS done FROM outbound"
            ).map { row in
                Evidence.Outgoing(
                    seq: row["seq"], uid: row["uid"], phone: row["phone"], state: row["state"], isStored: row["done"])
            }
            return (parts, outgoing)
        }
    }
}

extension Evidence {
    /// What the network gave and got.
    mutating func take(_ ledger: Ledger) {
        var texts: [Int: [Ledger.Event]] = [:]
        for event in ledger.arrived where event.from != nil { texts[event.id ?? 0, default: []].append(event) }
        given = texts.values.map { parts in
            Given(
                from: parts[0].from ?? "", body: parts[0].text ?? "",
                octets: parts.map { $0.tpdu ?? "" }.sorted().joined(separator: "|"))
        }
        // A report names its submission; its own last octet is TP-Status (TS 23.040 §9.2.2.3).
        var submissions: [Int: String] = [:]
        wire = ledger.events.compactMap { event in
            let kind: Wire.Kind
            var tpdu = (event.tpdu ?? "").uppercased()
            switch event.event {
            case "submitted":
                kind = .submitted
                submissions[event.id ?? 0] = tpdu
            case "told": kind = .told(event.text ?? "none")
            case "report":
                guard let status = Int(tpdu.suffix(2), radix: 16) else { return nil }
                kind = .reported(status)
                tpdu = submissions[event.id ?? 0] ?? ""
            default: return nil
            }
            return Wire(
                at: event.t, modem: event.modem, kind: kind, to: event.to ?? "", tpdu: tpdu,
                text: kind == .submitted ? event.text ?? "" : "")
        }
        let deeds: Set = ["submitted", "told", "listed", "read", "deleted", "configured"]
        self.deeds = ledger.events.filter { deeds.contains($0.event) }.map { ($0.t, $0.modem) }
        replacements = Self.replacements(in: ledger.events)
        droppedReports = ledger.counts["dropped"] ?? 0
    }

    private static func replacements(in events: [Ledger.Event]) -> [Replacement] {
        var emptied: [String: Ledger.Event] = [:]
        var found: [Replacement] = []
        for event in events where event.event == "deleted" || event.event == "stored" {
            let place = "\(event.modem) \(event.memory ?? "") \(event.slot ?? -1)"
            if event.event == "deleted" {
                emptied[place] = event
            } else if let before = emptied.removeValue(forKey: place), let octets = event.tpdu, before.tpdu == octets {
                found.append(Replacement(at: before.t, modem: event.modem, octets: octets))
            }
        }
        return found
    }

    /// What the table says.
    mutating func take(_ table: [Table.Row]) throws {
        rows = try table.map { row in
            Row(
                id: row.id, uid: row.uid, phone: row.phone, content: row.content, isInbound: row.isInbound,
                status: row.status, delivery: row.delivery, answers: row.answers, isCopy: row.possibleDuplicate,
                isIncomplete: row.incomplete,
                parts: row.isInbound ? [] : try Segmentation.split(row.content, reference: 0).parts.map(\.text))
        }
    }
}
