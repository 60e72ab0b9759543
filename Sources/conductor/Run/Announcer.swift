import ConsoleServer
import GatewayCore
import PluginKit

/// Prints each text as it comes, is answered and is sent: one line each.
struct Announcer: Sendable {
    let control: any GatewayControl
    let terminal: Terminal

    func run() async {
        for await event in control.events() {
            if let line = line(for: event) { terminal.line(line) }
        }
    }

    /// nil for what says nothing to a person who watches.
    func line(for event: Event) -> String? {
        let facts = (try? APICoding.decode(Facts.self, from: event.json.utf8)) ?? Facts()
        let halves = event.kind.split(separator: ".", maxSplits: 1)
        guard let subject = halves.first else { return nil }
        let verb = halves.count == 2 ? String(halves[1]) : ""
        let words: String? =
            switch subject {
            case "message": text(verb, facts)
            case "modem": modem(verb, facts)
            case "storage": storage(verb, facts)
            case "alarm": verb == "cleared" ? "over: \(facts.message ?? "")" : facts.message
            default: nil
            }
        guard let words else { return nil }
        let isBad = subject == "alarm" && verb.isEmpty || event.kind == "storage.down"
        let time = terminal.style(HumanTime.clock(event.at), .dim)
        return "\(time)  \(isBad ? terminal.style("! " + words, .red) : words)"
    }

    private func text(_ verb: String, _ facts: Facts) -> String? {
        let phone = terminal.style(DisplayWidth.oneLine(facts.phone ?? ""), .cyan)
        let text = "\u{201C}\(DisplayWidth.oneLine(facts.content ?? ""))\u{201D}"
        let isAnswer = facts.answers != nil
        switch verb {
        case "received": return "\(terminal.style("←", .cyan)) received from \(phone)  \(text)"
        case "answered": return "\(terminal.style("↩", .blue)) answered \(phone)"
        case "sent": return "\(terminal.style("→", .green)) \(isAnswer ? "answer sent" : "sent") to \(phone)  \(text)"
        case "delivered": return "\(terminal.style("✓", .green)) delivered to \(phone)"
        case "failed", "undelivered", "unknown", "expired":
            let reason = facts.errorMessage ?? facts.errorCode ?? ""
            return "\(terminal.style("✗ \(verb)", .red)) to \(phone)  \(reason)"
        case "flagged": return "a text needs a person: \(facts.uid ?? "")"
        default: return nil
        }
    }

    private func modem(_ verb: String, _ facts: Facts) -> String? {
        let name = [facts.model, facts.imei].compactMap { $0 }.joined(separator: " ")
        switch verb {
        case "ready":
            let network = facts.operator.map { " on \($0)" } ?? ""
            return "\(terminal.style("●", .green)) modem \(name) is ready\(network)"
        case "starting": return nil
        default: return "\(terminal.style("○", .yellow)) modem \(name): \(facts.problem ?? verb)"
        }
    }

    private func storage(_ verb: String, _ facts: Facts) -> String {
        switch verb {
        case "up": "storage is there"
        case "changed": "another storage serves: \(facts.location ?? "")"
        default: "storage is away; texts are kept and answered meanwhile"
        }
    }

    private struct Facts: Decodable {
        var uid: String?
        var phone: String?
        var content: String?
        var answers: String?
        var errorCode: String?
        var errorMessage: String?
        var message: String?
        var imei: String?
        var model: String?
        var `operator`: String?
        var problem: String?
        var location: String?
    }
}
