/// Answers as a recorded modem did: a pure state machine; commands in, what is to be said out, with its delays.
///
/// A command gets the answer that the record has next for it. What the recorded modem said unasked comes at its distance
/// to the answer before; where the one that talks to it leaves commands out, it comes at once with the next one. When the
/// record's answers to a question are used up, the last is given again; of what changes by being asked (listing, reading,
/// deleting, sending) it is not.
struct Replay {
    /// Octets to say, so long after the command.
    struct Utterance: Equatable {
        var delay: Duration
        var octets: [UInt8]
    }

    /// How the recorded modem reacted to a command.
    struct Reaction: Equatable {
        enum End: Equatable {
            /// The utterance at this place is the final result.
            case result(at: Int)
            /// That at this place is the prompt.
            case prompt(at: Int)
            /// It did not come.
            case none
        }

        var utterances: [Utterance]
        var end: End
    }

    /// A command, or what was typed after a prompt, with all that was said until the next.
    private struct Exchange {
        var command: [UInt8]
        var isEntry: Bool
        var connection: Int
        var said: [Utterance] = []
        var isUsed = false

        /// Nobody asked: the start of a connection, an escape.
        var isUnasked: Bool { command.isEmpty && !isEntry }

        var end: Reaction.End {
            for (place, utterance) in said.enumerated() {
                let line = RecordedLine(utterance.octets)
                if line.isFinal { return .result(at: place) }
                if line.isPrompt, !isEntry { return .prompt(at: place) }
            }
            return .none
        }

        /// What was said that is no answer: behind the end, or all where nobody asked or nothing ended.
        var unasked: ArraySlice<Utterance> {
            guard !isUnasked else { return said[...] }
            switch end {
            case .result(let place), .prompt(let place): return said[(place + 1)...]
            case .none: return said[...]
            }
        }

        var answer: Reaction {
            switch end {
            case .result(let place), .prompt(let place): Reaction(utterances: Array(said[...place]), end: end)
            case .none: Reaction(utterances: [], end: .none)
            }
        }
    }

    private var exchanges: [Exchange] = []
    /// The next one in the record's order.
    private var cursor = 0
    private var connection = 0
    /// The place of the last answer to a command.
    private var answered: [[UInt8]: Int] = [:]

    /// `speed`: so many times as fast as it was.
    init(_ trace: RecordedTrace, speed: Double = 1) {
        var connection = 0
        var sent: Duration?
        var open = Exchange(command: [], isEntry: false, connection: 0)
        for entry in trace.entries where !entry.isAside || entry.isIndication {
            switch entry.kind {
            case .note:
                let words = String(decoding: entry.octets, as: UTF8.self)
                if words.hasPrefix("open: ") {
                    exchanges.append(open)
                    connection += 1
                    open = Exchange(command: [], isEntry: false, connection: connection)
                    sent = entry.time
                } else if words.hasSuffix("not kept any more") {
                    // How long that was says nothing about what came next.
                    exchanges.append(open)
                    open = Exchange(command: [], isEntry: false, connection: connection)
                    sent = nil
                }
            case .sent:
                exchanges.append(open)
                let isEntry = entry.octets.last == 0x1A
                let command = isEntry ? [] : RecordedLine(entry.octets).text
                open = Exchange(command: Self.key(command), isEntry: isEntry, connection: connection)
                sent = entry.time
            case .received:
                let since = sent ?? entry.time
                sent = since
                open.said.append(Utterance(delay: (entry.time - since) / speed, octets: entry.octets))
            }
        }
        exchanges.append(open)
        exchanges.removeAll { $0.isUnasked && $0.said.isEmpty }
        self.connection = exchanges.first?.connection ?? 0
    }

    /// Whether everything in the record was used or passed over.
    var isAtEnd: Bool { cursor >= exchanges.count }

    /// A command line came, without its end; nil where the record has nothing like it.
    mutating func command(_ line: [UInt8]) -> Reaction? {
        let key = Self.key(line)
        guard !key.isEmpty else { return nil }
        if let place = find({ !$0.isEntry && $0.command == key }) ?? find({ Self.isAlike($0.command, key) }) {
            return use(place)
        }
        guard !Self.changes(key) else { return nil }
        let known = answered[key] ?? answered.first { Self.isAlike($0.key, key) }?.value
        return known.map { exchanges[$0].answer }
    }

    /// What was typed after a prompt is whole; nil where the record has no such thing any more.
    mutating func entered() -> Reaction? {
        find { $0.isEntry }.map { use($0) }
    }

    /// An escape came: what was said to it, where the record has one just here.
    mutating func escaped() -> [Utterance] {
        guard cursor < exchanges.count, exchanges[cursor].isUnasked, exchanges[cursor].connection == connection else {
            return []
        }
        exchanges[cursor].isUsed = true
        cursor += 1
        return exchanges[cursor - 1].said
    }

    /// The next unused one in this connection, else one that was passed over, else the first of the next connection.
    private func find(_ isMeant: (Exchange) -> Bool) -> Int? {
        let here = exchanges.indices.filter { exchanges[$0].connection == connection && !exchanges[$0].isUsed }
        if let next = here.first(where: { $0 >= cursor && isMeant(exchanges[$0]) }) { return next }
        let later = exchanges.indices.first { exchanges[$0].connection > connection && !exchanges[$0].isUnasked }
        if let later, isMeant(exchanges[later]) { return later }
        return here.first { isMeant(exchanges[$0]) }
    }

    private mutating func use(_ place: Int) -> Reaction {
        exchanges[place].isUsed = true
        answered[exchanges[place].command] = place
        var before: [Utterance] = []
        if place >= cursor {
            for passed in cursor..<place where exchanges[passed].connection == exchanges[place].connection {
                // A command that was passed over may still be asked; what was said unasked is said now.
                before += exchanges[passed].unasked.map { Utterance(delay: .zero, octets: $0.octets) }
            }
            cursor = place + 1
            connection = exchanges[place].connection
        }
        let end: Reaction.End =
            switch exchanges[place].end {
            case .result(let at): .result(at: at + before.count)
            case .prompt(let at): .prompt(at: at + before.count)
            case .none: .none
            }
        return Reaction(utterances: before + exchanges[place].said, end: end)
    }

    // MARK: What a command is

    /// In upper case, without spaces.
    private static func key(_ line: [UInt8]) -> [UInt8] {
        line.filter { $0 > 0x20 && $0 != 0x7F }.map { $0 >= 0x61 && $0 <= 0x7A ? $0 - 0x20 : $0 }
    }

    /// The record has other numbers, codes and lengths than the one who talks: these commands are known by their name.
    private static let masked = ["AT+CMGS=", "AT+CPIN=\"", "AT+CSCA=\"", "AT+CUSD=1", "AT+CLCK=", "AT+CPWD="]

    private static func isAlike(_ recorded: [UInt8], _ key: [UInt8]) -> Bool {
        masked.contains { recorded.starts(with: $0.utf8) && key.starts(with: $0.utf8) }
    }

    /// Asked again, these have another answer.
    private static func changes(_ key: [UInt8]) -> Bool {
        ["AT+CMGL", "AT+CMGR", "AT+CMGD", "AT+CMGS", "AT+CUSD", "AT+CNMA"].contains { key.starts(with: $0.utf8) }
    }
}

/// A line as the recorded modem said it.
struct RecordedLine {
    /// Without control characters and spaces around it.
    let text: [UInt8]

    init(_ octets: [UInt8]) {
        let end = octets.lastIndex { $0 > 0x20 }.map { $0 + 1 } ?? 0
        text = Array(octets[..<end].drop { $0 <= 0x20 })
    }

    var isPrompt: Bool { text == [UInt8(ascii: ">")] }

    /// It ends the answer to a command.
    var isFinal: Bool {
        let results = ["OK", "ERROR", "NO CARRIER", "NO ANSWER", "NO DIALTONE", "BUSY", "0", "4"]
        return results.contains { text.elementsEqual($0.utf8) } || text.starts(with: "+CMS ERROR".utf8)
            || text.starts(with: "+CME ERROR".utf8) || text.starts(with: "COMMAND NOT SUPPORT".utf8)
    }
}
