import GatewayCore
import PluginKit

/// Texts as a table, and one text in full.
struct MessageList: Sendable {
    let now: Timestamp
    let terminal: Terminal

    /// Direction, state and id of texts both ways.
    func table(_ messages: [Message]) -> [String] {
        var table = Table([
            .init(title: "WHEN"), .init(title: ""), .init(title: "PHONE"), .init(title: "STATUS"),
            .init(title: "TEXT", isFlexible: true), .init(title: "ID"),
        ])
        for message in messages {
            table.add([
                HumanTime.relative(message.timestamp, now: now), arrow(message), DisplayWidth.oneLine(message.phone),
                state(message), DisplayWidth.oneLine(message.content),
                terminal.style(Self.id(of: message), .dim),
            ])
        }
        return table.lines(width: terminal.width) { terminal.style($0, .dim) }
    }

    /// Texts that failed, or of which nobody knows: why stands beside them.
    func troubled(_ messages: [Message]) -> [String] {
        var table = Table([
            .init(title: "WHEN"), .init(title: "PHONE"), .init(title: "CLASS"), .init(title: "WHY", isFlexible: true),
            .init(title: "TEXT", isFlexible: true), .init(title: "ID"),
        ])
        for message in messages {
            let kind: String
            if message.deliveryStatus == .unknown {
                kind = "unknown"
            } else {
                kind = FailureClass(errorCode: message.errorCode)?.rawValue ?? message.errorCode ?? ""
            }
            table.add([
                HumanTime.relative(message.lastRetryAt ?? message.timestamp, now: now),
                DisplayWidth.oneLine(message.phone), terminal.style(kind, .red),
                DisplayWidth.oneLine(message.errorMessage ?? message.errorCode ?? ""),
                DisplayWidth.oneLine(message.content), terminal.style(Self.id(of: message), .dim),
            ])
        }
        return table.lines(width: terminal.width) { terminal.style($0, .dim) }
    }

    /// A row that no gateway has begun to send has an address only.
    private static func id(of message: Message) -> String {
        message.uid ?? "row:\(message.storageID ?? 0)"
    }

    /// Who wrote what; `isFollowing` says the time of day, for the line stays.
    func line(_ message: Message, isFollowing: Bool) -> String {
        let when = isFollowing ? HumanTime.clock(message.timestamp) : HumanTime.relative(message.timestamp, now: now)
        let phone = terminal.style(DisplayWidth.oneLine(message.phone), .cyan)
        let flag = message.asksToStop ? terminal.style("stop? ", .red) : ""
        return "\(terminal.style(when, .dim))  \(phone)  \(flag)\(DisplayWidth.oneLine(message.content))"
    }

    func inbox(_ messages: [Message]) -> [String] {
        var table = Table([
            .init(title: "WHEN"), .init(title: "FROM"), .init(title: ""), .init(title: "TEXT", isFlexible: true),
        ])
        for message in messages {
            table.add([
                HumanTime.relative(message.timestamp, now: now), DisplayWidth.oneLine(message.phone),
                message.asksToStop
                    ? terminal.style("stop?", .red) : message.status == .unread ? terminal.style("●", .blue) : "",
                DisplayWidth.oneLine(message.content),
            ])
        }
        return table.lines(width: terminal.width) { terminal.style($0, .dim) }
    }

    /// Everything known about one text.
    func detail(_ detail: MessageDetail) -> [String] {
        let message = detail.message
        var facts: [(String, String)] = [
            ("id", message.uid ?? "none yet"),
            ("direction", message.direction.rawValue),
            ("phone", DisplayWidth.oneLine(message.phone)),
            ("status", state(message)),
        ]
        if let error = message.errorMessage ?? message.errorCode { facts.append(("why", error)) }
        let relative = HumanTime.relative(message.timestamp, now: now)
        facts.append(("time", "\(HumanTime.local(message.timestamp)) (\(relative))"))
        if let time = message.modemTimestamp { facts.append(("network", HumanTime.local(time))) }
        if let time = message.notBefore { facts.append(("not before", HumanTime.local(time))) }
        if let sim = message.sim { facts.append(("SIM", sim)) }
        if let origin = message.origin { facts.append(("origin", origin)) }
        if let answers = message.answers { facts.append(("answers", answers)) }
        if message.retryCount > 0 { facts.append(("attempts", String(message.retryCount))) }
        if message.incomplete { facts.append(("incomplete", "parts of it never came")) }
        if message.possibleDuplicate { facts.append(("duplicate?", "byte-identical to an earlier text")) }
        if message.asksToStop {
            facts.append(("asks to stop", "read it; if it is meant: conductor optout add \(message.phone)"))
        }
        let width = facts.map(\.0.count).max() ?? 0
        var lines = facts.map { name, value in
            terminal.style(name + String(repeating: " ", count: width - name.count), .dim) + "  " + value
        }
        lines.append("")
        lines += message.content.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            .map { "  " + DisplayWidth.oneLine(String($0)) }
        if !detail.parts.isEmpty { lines += [""] + parts(detail.parts) }
        if !detail.story.isEmpty { lines += [""] + detail.story.map { "• \($0)" } }
        return lines
    }

    private func parts(_ parts: [MessageDetail.Part]) -> [String] {
        var table = Table([
            .init(title: "PART", alignment: .right), .init(title: "STATE"), .init(title: "REF", alignment: .right),
            .init(title: "WHEN"), .init(title: "REPORT"), .init(title: "ERROR"), .init(title: "PDU", isFlexible: true),
        ])
        for part in parts {
            table.add([
                String(part.number), part.state, part.reference.map(String.init) ?? "",
                part.at.map { HumanTime.relative($0, now: now) } ?? "", part.report ?? "", part.error ?? "",
                part.pduHex,
            ])
        }
        return table.lines(width: terminal.width) { terminal.style($0, .dim) }
    }

    private func arrow(_ message: Message) -> String {
        message.direction == .inbound ? terminal.style("←", .cyan) : terminal.style("→", .green)
    }

    /// The finer state where there is one.
    func state(_ message: Message) -> String {
        let word = MessageWord.of(message, now: now).split(separator: "_").joined(separator: " ")
        switch (message.status, message.deliveryStatus) {
        case (.failed, _), (_, .undelivered), (_, .unknown), (_, .expired), (_, .refused):
            return terminal.style(word, .red)
        case (_, .delivered): return terminal.style(word, .green)
        case (.queued, _): return terminal.style(word, .yellow)
        default: return word
        }
    }
}
