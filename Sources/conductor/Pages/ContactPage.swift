import ConsoleServer
import GatewayCore
import PluginKit

/// A person on one page.
struct ContactPage {
    /// Texts that are shown; `--json` and the export have all.
    private static let shown = 20

    let record: ContactRecord
    let now: Timestamp
    let terminal: Terminal

    func lines() -> [String] {
        var lines = [terminal.style(record.phone, .bold)]
        func add(_ name: String, _ value: String?) {
            if let value, !value.isEmpty { lines.append("  \(name): \(value)") }
        }
        add("name", record.contact.name)
        add("notes", record.contact.notes)
        add("assignee", record.contact.assignee)
        add("bot paused until", record.contact.botPausedUntil?.description)
        if record.contact.isClosed { add("conversation", "closed") }
        add("consent", record.isOptedOut ? "has said STOP" : "may be texted")
        for event in record.consent {
            let source = event.source.isEmpty ? "" : ", by \(event.source)"
            add("  \(event.at.description)", "\(event.action.rawValue)\(source)")
        }
        let count = record.texts.count
        add("texts", count > Self.shown ? "\(count), the last \(Self.shown):" : "\(count)")
        if count > 0 {
            let last = Array(record.texts.suffix(Self.shown).reversed())
            lines += MessageList(now: now, terminal: terminal).table(last).map { "  " + $0 }
        }
        add("TPDUs in the journal", "\(record.parts.count)")
        for value in record.values { add("kept by the plugin \(value.plugin)", value.key) }
        add("kept by storage besides", Self.words(of: record.other))
        for storage in record.storages ?? [] where !storage.serves {
            add("kept by \(storage.dropIn ?? storage.location) besides", Self.words(of: storage.other))
        }
        for line in Self.lines(of: record.storages ?? [], "there") { lines.append("  " + line) }
        return lines
    }

    /// What is long is counted here; the export has it.
    private static func words(of other: String?) -> String? {
        struct Kept: Decodable {
            struct Customer: Decodable {
                struct Receipt: Decodable {}
                var id: String
                var name: String?
                var transactions: [Receipt]?
            }
            var customers: [Customer]
        }
        guard let other, let kept = try? APICoding.decode(Kept.self, from: other.utf8) else { return other }
        return kept.customers.map { customer in
            let count = customer.transactions?.count ?? 0
            return "customer \(customer.name ?? customer.id), \(count) \(count == 1 ? "receipt" : "receipts")"
        }.joined(separator: "; ") + " (contacts export has all of it)"
    }

    /// Which storages were looked into, and which not.
    private static func lines(of storages: [StorageLook], _ verb: String) -> [String] {
        storages.map { storage in
            let name = storage.dropIn.map { "\($0), \(storage.location)" } ?? storage.location
            let role = storage.serves ? "serves" : "does not serve"
            if let problem = storage.problem { return "not looked into: \(name) (\(role)): \(problem)" }
            return "looked into: \(name) (\(role)): \(storage.texts ?? 0) texts \(verb)"
        }
    }

    static func lines(of report: ErasureReport) -> [String] {
        let verb = report.isDryRun ? "would be erased" : "erased"
        var lines = [
            "\(report.texts) texts in storage \(verb)",
            "\(report.journalTexts) texts with \(report.journalParts) TPDUs in the journal \(verb)",
            "\(report.consentEvents) consent events \(verb)", "\(report.pluginValues) values of plugins \(verb)",
        ]
        if report.otherRows > 0 { lines.append("\(report.otherRows) other rows in storage \(verb)") }
        if report.hasContact { lines.append("name, notes and settings \(verb)") }
        if report.cancelled > 0 {
            lines.append(
                "\(report.cancelled) texts that wait to be sent \(report.isDryRun ? "would be " : "")cancelled")
        }
        if report.copies > 0 {
            lines.append(
                "\(report.copies) backups and files that were set aside \(report.isDryRun ? "would be " : "")cleaned of it"
            )
        }
        lines += Self.lines(of: report.storages ?? [], verb)
        for file in report.deletedFiles { lines.append("deleted, because it cannot be opened: \(file)") }
        if report.staysOptedOut { lines.append("the number stays opted out, by a keyed hash of it") }
        return lines
    }
}
