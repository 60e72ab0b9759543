/// What performing a command led to.
enum Outcome {
    case result(FinalResult)
    /// A prompt, then the message.
    case entry(MessageEntry)
    /// Somebody calls `finish` later.
    case later

    static var ok: Outcome { .result(.ok) }
    static func cms(_ code: Int) -> Outcome { .result(.cms(code)) }
    static func cme(_ code: Int) -> Outcome { .result(.cme(code)) }
    static var unknown: Outcome { .result(.cme(100)) }
}

/// What is typed after a prompt, and what it is for.
struct MessageEntry {
    enum Purpose {
        case send
        /// AT+CMGW with this `<stat>`.
        case write(StoredMessage.State)
        /// AT+CNMA with a PDU: acknowledgement or refusal.
        case acknowledge(Bool)
    }

    var purpose: Purpose
    /// Octets of the TPDU, as announced; nil in text mode.
    var length: Int?
    /// Text mode: the number.
    var recipient: String?
    var octets: [UInt8] = []
}

extension ATCommand {
    /// Whether it leads to a prompt; its faults strike when the message was typed.
    var opensEntry: Bool { form == .set && (name == "+CMGS" || name == "+CMGW") }
}

/// The last line of a reply.
enum FinalResult: Equatable {
    case ok
    case error
    case cme(Int)
    case cms(Int)
    case noCarrier

    func write(to output: inout [UInt8], session: Session) {
        let words: String
        switch self {
        case .ok: words = session.verbose ? "OK" : "0"
        case .error: words = session.verbose ? "ERROR" : "4"
        case .noCarrier: words = session.verbose ? "NO CARRIER" : "3"
        case .cms(let code): words = "+CMS ERROR: \(code)"
        case .cme(let code):
            switch session.errorReports {
            case 1: words = "+CME ERROR: \(code)"
            case 2: words = "+CME ERROR: \(Self.meaning[code] ?? "unknown")"
            default: words = session.verbose ? "ERROR" : "4"
            }
        }
        if session.verbose { output.append(contentsOf: [13, 10]) }
        output.append(contentsOf: words.utf8)
        output.append(13)
        if session.verbose || words.utf8.count > 1 { output.append(10) }
    }

    /// TS 27.007 §9.2.1.
    private static let meaning: [Int: String] = [
        3: "operation not allowed", 4: "operation not supported", 10: "SIM not inserted", 11: "SIM PIN required",
        12: "SIM PUK required", 13: "SIM failure", 14: "SIM busy", 15: "SIM wrong", 16: "incorrect password",
        21: "invalid index", 22: "not found", 23: "memory failure", 30: "no network service",
        50: "Incorrect parameters",
        100: "unknown",
    ]
}

/// One information response (ITU-T V.250 §5.7.1); of several entries where it is a list.
struct InformationResponse {
    private var entries: [[UInt8]]

    init(_ text: String) {
        entries = [Array(text.utf8)]
    }

    init(entries: [[UInt8]]) {
        self.entries = entries
    }

    func write(to output: inout [UInt8], verbose: Bool, interruption: Fault.Kind?) {
        var line: [UInt8] = []
        var isInside = false
        if case .interrupt(let text, let inside) = interruption {
            line = [13, 10] + Array(text.utf8) + [13, 10]
            isInside = inside
        }
        if !line.isEmpty, entries.count == 1, !isInside { output.append(contentsOf: line) }
        if verbose { output.append(contentsOf: [13, 10]) }
        for (place, entry) in entries.enumerated() {
            if !line.isEmpty, place == 1, !isInside { output.append(contentsOf: line) }
            if !line.isEmpty, place == 0, isInside {
                let end = entry.firstIndex(of: 13).map { $0 + 2 } ?? entry.count
                output.append(contentsOf: entry[..<end])
                output.append(contentsOf: line)
                output.append(contentsOf: entry[end...])
            } else {
                output.append(contentsOf: entry)
            }
            output.append(contentsOf: [13, 10])
        }
    }
}
