/// The dialogue with one modem as a pure state machine: bytes in, events out; no clock, no port.
///
/// One command at a time. Lines are told apart by structure: after the header of a listing comes exactly one body,
/// whatever it looks like; what the modem says unasked is recognised before, between and after replies.
struct ATSession {
    /// How the reply to a command is built.
    enum Shape: Sendable, Hashable {
        /// Lines of information and a final result.
        case lines
        /// +CMGL (`hasIndex`) or +CMGR: headers with bodies.
        case stored(hasIndex: Bool)
        /// +CMGS: a prompt, then `+CMGS: <mr>`.
        case submission
        /// `AT+CMGF?` after a time-out: a final result counts only after a line `+CMGF:`, since earlier ones answer
        /// earlier commands.
        case mark
    }

    enum Event: Sendable, Hashable {
        /// The modem waits for a PDU.
        case prompt
        case finished(ATReply)
        case unsolicited(Unsolicited)
        /// A prompt that nobody waits for: what is written next would be swallowed.
        case strayPrompt
    }

    private enum Phase {
        case idle
        case waiting
        case awaitingPrompt
        case promptOpen
        case submitted
    }

    /// Longest line that is kept, in bytes. The rest of a longer one is dropped.
    static let lineLimit = 4096
    /// Most entries or lines of one reply that are kept; the rest of a listing is seen by the next one.
    static let replyLimit = 1024
    /// Most lines that a quoted text of +CUSD goes over.
    static let quotedLineLimit = 24

    /// Lines that fit nowhere.
    private(set) var garbage = 0

    private var phase = Phase.idle
    private var shape = Shape.lines
    private var command: [UInt8] = []
    private var own: [UInt8] = []
    private var echoSeen = false
    private var markSeen = false
    private var ringing = false
    private var staleResult = false
    private var reply = ATReply(.ok)
    private var open: StoredEntry?
    private var routed: StoredEntry?
    /// The lines of a +CUSD so far, whose text has not come to its closing quote.
    private var quoted: [[UInt8]] = []
    private var line: [UInt8] = []
    private var isOverlong = false
    /// Carriage returns and line feeds since the last line.
    private var breaks = 0
    /// The last line was `+CMGS: <mr>`.
    private var isBehindReference = false

    init() {
        line.reserveCapacity(512)
    }

    /// How much was kept since `begin` that belongs to the reply.
    var hasProgress: Int { reply.entries.count + reply.lines.count }

    /// The reference of a submission whose final result is still missing.
    var reference: UInt8? { reply.reference }

    /// A command goes out; `command` without its carriage return.
    mutating func begin(_ command: [UInt8], _ shape: Shape) {
        self.command = command
        self.shape = shape
        own = Self.prefix(of: command)
        phase = shape == .submission ? .awaitingPrompt : .waiting
        echoSeen = false
        markSeen = false
        isBehindReference = false
        open = nil
        reply = ATReply(.ok)
    }

    var isSubmitted: Bool { phase == .submitted }

    /// The PDU goes out.
    mutating func submitted() {
        phase = .submitted
    }

    /// Nobody waits for the command any more; what came of the reply so far.
    mutating func abandon(_ result: ATResult) -> ATReply {
        var partial = reply
        partial.result = result
        phase = .idle
        open = nil
        reply = ATReply(.ok)
        return partial
    }

    /// Takes bytes in any split; `sink` is called for each event in order.
    mutating func receive(_ bytes: some Sequence<UInt8>, _ sink: (Event) -> Void) {
        for byte in bytes {
            switch byte {
            case 0x0D, 0x0A:
                if !line.isEmpty || isOverlong {
                    endLine(sink)
                    breaks = 1
                } else {
                    breaks += 1
                }
            case UInt8(ascii: ">") where line.isEmpty && open == nil:
                switch phase {
                case .awaitingPrompt:
                    phase = .promptOpen
                    sink(.prompt)
                case .submitted, .promptOpen:
                    break
                case .idle, .waiting:
                    sink(.strayPrompt)
                }
            case 0x20 where line.isEmpty, 0x00...0x1F, 0x7F:
                break
            default:
                if line.count < Self.lineLimit { line.append(byte) } else { isOverlong = true }
            }
        }
    }

    private mutating func endLine(_ sink: (Event) -> Void) {
        var taken: [UInt8] = []
        swap(&taken, &line)
        if isOverlong {
            isOverlong = false
            garbage += 1
            open = nil
        } else {
            while taken.last == 0x20 { taken.removeLast() }
            if !taken.isEmpty { handle(taken, sink) }
        }
        // The buffer is used again: a line costs no allocation unless it is kept.
        taken.removeAll(keepingCapacity: true)
        swap(&taken, &line)
    }

    private mutating func handle(_ line: [UInt8], _ sink: (Event) -> Void) {
        if isBehindReference {
            isBehindReference = false
            reply.isReferenceCut = breaks <= 2
        }
        if !quoted.isEmpty, gather(line, sink) { return }
        if var entry = routed {
            routed = nil
            if HexBytes.isHex(line) {
                entry.take(line)
                sink(.unsolicited(.direct(entry)))
                return
            }
            garbage += 1
        }
        let kind = Unsolicited.classify(line[...], own: own)
        if case .stored(let hasIndex) = shape, phase == .waiting {
            if handleListing(line, kind, hasIndex: hasIndex, sink) { return }
        }
        if let result = ATResult(line: line) {
            finish(result, sink)
            return
        }
        switch kind {
        case .complete(.ussd) where !Self.closesQuote([line]):
            quoted = [line]
        case .complete(let event):
            if event == .ring { ringing = true }
            sink(.unsolicited(event))
        case .needsBody(let announced):
            routed = StoredEntry(index: nil, state: 0, announced: announced)
        case .notUnsolicited:
            handleInformation(line)
        }
    }

    /// Takes a further line of a +CUSD; false when the line is something else, and the text ended without its quote.
    private mutating func gather(_ line: [UInt8], _ sink: (Event) -> Void) -> Bool {
        let isResult = ATResult(line: line) != nil
        if !isResult { quoted.append(line) }
        guard isResult || Self.closesQuote(quoted) || quoted.count >= Self.quotedLineLimit else { return true }
        let whole = Array(quoted.joined(separator: [0x0A]))
        quoted = []
        if let rest = whole[...].after("+CUSD:") { sink(.unsolicited(.ussd(USSDReply(rest)))) }
        return !isResult
    }

    private static func closesQuote(_ lines: [[UInt8]]) -> Bool {
        lines.reduce(0) { $0 + $1.count { $0 == UInt8(ascii: "\"") } }.isMultiple(of: 2)
    }

    /// True when the line was part of a listing.
    private mutating func handleListing(
        _ line: [UInt8], _ kind: Unsolicited.Kind, hasIndex: Bool, _ sink: (Event) -> Void
    ) -> Bool {
        if var entry = open {
            // No body begins like an indication: that one came between header and body.
            if case .complete(let event) = kind {
                sink(.unsolicited(event))
                return true
            }
            if case .needsBody(let announced) = kind {
                routed = StoredEntry(index: nil, state: 0, announced: announced)
                return true
            }
            open = nil
            // An empty slot has an empty body, which is no line at all.
            if entry.announced == 0, !HexBytes.isHex(line) { return handleHeader(line, hasIndex: hasIndex) }
            entry.take(line)
            keep(entry)
            return true
        }
        return handleHeader(line, hasIndex: hasIndex)
    }

    private mutating func handleHeader(_ line: [UInt8], hasIndex: Bool) -> Bool {
        guard let rest = hasIndex ? line[...].after("+CMGL:") : line[...].after("+CMGR:") else {
            return reply.wasTextMode && ATResult(line: line) == nil
        }
        switch StoredEntry.header(rest, hasIndex: hasIndex) {
        case .entry(let entry) where entry.body.isEmpty: open = entry
        case .entry(let entry): keep(entry)
        case .textMode: reply.wasTextMode = true
        case .malformed: garbage += 1
        }
        return true
    }

    private mutating func keep(_ entry: StoredEntry) {
        if reply.entries.count < Self.replyLimit { reply.entries.append(entry) }
    }

    private mutating func handleInformation(_ line: [UInt8]) {
        if let rest = line[...].after("+CMGS:") {
            guard phase == .submitted else {
                // The answer to a submission that was given up: its final result follows and is not ours.
                staleResult = true
                garbage += 1
                return
            }
            var scanner = ByteScanner(rest)
            reply.reference = scanner.integer().flatMap { UInt8(exactly: $0) }
            isBehindReference = true
            return
        }
        switch phase {
        case .waiting:
            if !echoSeen, isEcho(line) {
                echoSeen = true
                return
            }
            if shape == .mark, line[...].after("+CMGF:") != nil { markSeen = true }
            if reply.lines.count < Self.replyLimit { reply.lines.append(line) } else { garbage += 1 }
        case .idle, .awaitingPrompt, .promptOpen, .submitted:
            garbage += 1
        }
    }

    private mutating func finish(_ result: ATResult, _ sink: (Event) -> Void) {
        if result.endsCall, ringing || phase == .submitted {
            ringing = false
            return
        }
        if staleResult {
            staleResult = false
            garbage += 1
            return
        }
        switch phase {
        case .idle:
            garbage += 1
            return
        case .waiting:
            if shape == .mark, !markSeen {
                garbage += 1
                return
            }
        case .awaitingPrompt, .promptOpen:
            // OK is no answer to AT+CMGS: it belongs to something earlier.
            if result.isOK {
                garbage += 1
                return
            }
        case .submitted:
            break
        }
        phase = .idle
        reply.result = result
        let finished = reply
        reply = ATReply(.ok)
        sink(.finished(finished))
    }

    private func isEcho(_ line: [UInt8]) -> Bool {
        guard line.count == command.count else { return false }
        return zip(line, command).allSatisfy { $0 == $1 || ($0 | 0x20) == ($1 | 0x20) }
    }

    /// `+CPMS:` for `AT+CPMS=?`: how the lines of the answer begin.
    private static func prefix(of command: [UInt8]) -> [UInt8] {
        guard command.count > 3, command[2] < 0x30 else { return [] }
        // The network's answer to a USSD code is none of the command's, though it may come before the final result.
        if command.starts(with: "AT+CUSD=".utf8) { return [] }
        var name = Array(command.dropFirst(2).prefix { $0 != UInt8(ascii: "=") && $0 != UInt8(ascii: "?") })
        name.append(UInt8(ascii: ":"))
        return name
    }
}
