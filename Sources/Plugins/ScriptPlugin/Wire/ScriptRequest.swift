import PluginKit

/// What a program is asked; one line each.
enum ScriptRequest: Sendable {
    case hello(name: String, options: String)
    case respond(InboundText, deadlineNanoseconds: Int64)
    case notify(Event)

    /// The line in JSON, its end included. `now` is CLOCK_MONOTONIC in nanoseconds.
    func json(id: UInt64, now: Int64) -> [UInt8] {
        var line = "{\"id\":\(id),\"type\":"
        switch self {
        case .hello(let name, let options):
            line += "\"hello\",\"protocol\":1,\"name\":\(quoted(name)),\"settings\":\(oneLine(options))}"
        case .respond(let text, let deadline):
            line += "\"respond\",\"uid\":\(quoted(text.uid)),\"from\":\(quoted(text.phone))"
            line += ",\"text\":\(quoted(text.content)),\"sim\":\(quoted(text.sim))"
            line += ",\"received_at\":\"\(text.receivedAt)\",\"parts\":\(text.parts),\"incomplete\":\(text.incomplete)"
            if deadline > 0 { line += ",\"deadline_ms\":\(max(0, (deadline - now) / 1_000_000))" }
            line += "}"
        case .notify(let event):
            line += "\"notify\",\"event\":{\"id\":\(quoted(event.id)),\"kind\":\(quoted(event.kind))"
            line += ",\"at\":\"\(event.at)\",\"data\":\(oneLine(event.json))}}"
        }
        return Array(line.utf8) + [0x0A]
    }

    /// The line in plain text, its end included; nil for what that format does not have.
    var plain: [UInt8]? {
        guard case .respond(let text, _) = self else { return nil }
        return flat(text.phone) + [0x09] + flat(text.content) + [0x0A]
    }

    /// How many bytes of people's words it holds, about.
    var weight: Int {
        switch self {
        case .hello(_, let options): options.utf8.count
        case .respond(let text, _): text.content.utf8.count + text.phone.utf8.count + 256
        case .notify(let event): event.json.utf8.count + 256
        }
    }

    /// Line ends between the tokens of a JSON text mean nothing, and within its strings there are none.
    private func oneLine(_ json: String) -> String {
        guard json.utf8.contains(where: { $0 == 0x0A || $0 == 0x0D }) else { return json }
        return String(decoding: json.utf8.map { $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 }, as: UTF8.self)
    }

    /// Control characters become spaces.
    private func flat(_ text: String) -> [UInt8] {
        text.utf8.map { $0 < 0x20 || $0 == 0x7F ? 0x20 : $0 }
    }

    private func quoted(_ text: String) -> String {
        var result: [UInt8] = [0x22]
        result.reserveCapacity(text.utf8.count + 2)
        for byte in text.utf8 {
            switch byte {
            case 0x22, 0x5C: result += [0x5C, byte]
            case 0x0A: result += "\\n".utf8
            case 0x0D: result += "\\r".utf8
            case 0x09: result += "\\t".utf8
            case 0..<0x20, 0x7F: result += ("\\u00" + (byte < 0x10 ? "0" : "") + String(byte, radix: 16)).utf8
            default: result.append(byte)
            }
        }
        result.append(0x22)
        return String(decoding: result, as: UTF8.self)
    }
}
