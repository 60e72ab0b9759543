/// How a command ended.
enum ATResult: Sendable, Hashable {
    case ok
    /// ERROR, NO CARRIER, …: the words.
    case error(String)
    /// +CMS ERROR (TS 27.005 §3.2.5).
    case cms(Int)
    /// +CME ERROR (TS 27.007 §9.2).
    case cme(Int)
    /// No final result came in time.
    case timedOut
    /// The port went away before the final result.
    case gone

    var isOK: Bool { self == .ok }

    /// For people and logs.
    var words: String {
        switch self {
        case .ok: "OK"
        case .error(let words): words
        case .cms(let code): "+CMS ERROR: \(code)"
        case .cme(let code): "+CME ERROR: \(code)"
        case .timedOut: "no answer in time"
        case .gone: "the port went away"
        }
    }

    /// The final result that a line is; nil for every other line.
    init?(line: some Collection<UInt8>) {
        guard let first = line.first else { return nil }
        switch first {
        case UInt8(ascii: "O"):
            guard line.elementsEqual("OK".utf8) else { return nil }
            self = .ok
        case UInt8(ascii: "E"):
            guard line.elementsEqual("ERROR".utf8) else { return nil }
            self = .error("ERROR")
        case UInt8(ascii: "+"):
            if let rest = line.after("+CMS ERROR:") {
                self = .cms(Self.code(rest, texts: Self.cmsTexts, unknown: 500))
            } else if let rest = line.after("+CME ERROR:") {
                self = .cme(Self.code(rest, texts: Self.cmeTexts, unknown: 100))
            } else {
                return nil
            }
        case UInt8(ascii: "N"), UInt8(ascii: "B"), UInt8(ascii: "C"), UInt8(ascii: "T"):
            let text = String(decoding: line, as: UTF8.self)
            guard Self.wordResults.contains(text) else { return nil }
            self = .error(text)
        default:
            return nil
        }
    }

    /// A result that ends a call as well as a command: after a ring it says nothing about the command.
    var endsCall: Bool {
        switch self {
        case .error(let words): words.hasPrefix("NO ") || words == "BUSY"
        default: false
        }
    }

    private static let wordResults: Set<String> = [
        "NO CARRIER", "NO ANSWER", "NO DIALTONE", "BUSY", "COMMAND NOT SUPPORT", "COMMAND NOT SUPPORTED",
        "TOO MANY PARAMETERS",
    ]

    private static func code(_ rest: some Collection<UInt8>, texts: [String: Int], unknown: Int) -> Int {
        var scanner = ByteScanner(rest)
        if let number = scanner.integer() { return number }
        let text = String(decoding: rest, as: UTF8.self).lowercased()
        let words = text.split(separator: " ").joined(separator: " ")
        return texts[words] ?? unknown
    }

    // Modems in verbose mode (AT+CMEE=2) print words; these matter for what happens next.
    private static let cmsTexts: [String: Int] = [
        "operation not allowed": 302, "operation not supported": 303, "invalid pdu mode parameter": 304,
        "invalid text mode parameter": 305, "sim not inserted": 310, "sim pin required": 311, "sim failure": 313,
        "sim busy": 314, "sim wrong": 315, "sim puk required": 316, "memory failure": 320,
        "invalid memory index": 321, "memory full": 322, "smsc address unknown": 330, "no network service": 331,
        "network timeout": 332, "no +cnma acknowledgement expected": 340, "unknown error": 500,
    ]
    private static let cmeTexts: [String: Int] = [
        "phone failure": 0, "no connection to phone": 1, "operation not allowed": 3, "operation not supported": 4,
        "ph-sim pin required": 5, "sim not inserted": 10, "sim pin required": 11, "sim puk required": 12,
        "sim failure": 13, "sim busy": 14, "sim wrong": 15, "incorrect password": 16, "sim pin2 required": 17,
        "sim puk2 required": 18, "memory full": 20, "invalid index": 21, "not found": 22, "memory failure": 23,
        "no network service": 30, "network timeout": 31, "emergency calls only": 32, "unknown": 100,
    ]
}
