import ConsoleServer
import GatewayCore
import PluginKit

/// Prints each text as it comes, is answered and is sent: one line each.
struct Announcer: Sendable {
    let control: any GatewayControl
    let terminal: Terminal

    func run() async {
        for await event in control.events() {
            if let line = await line(for: event) { terminal.line(line) }
        }
    }

    /// nil for what is not about a text or a modem.
    func line(for event: Event) async -> String? {
        let facts = (try? APICoding.decode(Facts.self, from: event.json.utf8)) ?? Facts()
        let time = terminal.style(HumanTime.clock(event.at), .dim)
        if event.kind.hasPrefix("message.") {
            guard let uid = facts.uid, let message = try? await control.message(uid: uid).message else { return nil }
            return "\(time) \(words(event.kind, message))"
        }
        guard event.kind.hasPrefix("modem.") || event.kind.hasPrefix("storage.") || event.kind == "alarm" else {
            return nil
        }
        let detail = [facts.modem, facts.message].compactMap { $0 }.joined(separator: ": ")
        return "\(time) \(terminal.style(event.kind, .blue)) \(detail)"
    }

    private func words(_ kind: String, _ message: Message) -> String {
        let phone = terminal.style(DisplayWidth.oneLine(message.phone), .cyan)
        let text = "\u{201C}\(DisplayWidth.oneLine(message.content))\u{201D}"
        let verb = kind.dropFirst("message.".count)
        switch verb {
        case "received": return "\(terminal.style("←", .cyan)) from \(phone)  \(text)"
        case "answered": return "\(terminal.style("↩", .blue)) answer to \(phone)  \(text)"
        case "sent", "accepted": return "\(terminal.style("→", .green)) sent to \(phone)  \(text)"
        case "delivered": return "\(terminal.style("✓", .green)) delivered to \(phone)"
        case "failed", "undelivered", "unknown":
            return "\(terminal.style("✗", .red)) \(verb): to \(phone): \(message.errorMessage ?? message.errorCode ?? "")"
        default: return "  \(verb) \(phone)"
        }
    }

    private struct Facts: Decodable {
        var uid: String?
        var modem: String?
        var message: String?
    }
}
