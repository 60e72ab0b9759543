/// What a modem says without being asked.
enum Unsolicited: Sendable, Hashable {
    /// +CMTI or +CDSI: something was stored.
    case stored(memory: String, index: Int)
    /// +CMT or +CDS: a text or a report, routed directly.
    case direct(StoredEntry)
    /// +CREG and its sisters: `<stat>` of TS 27.007 §7.2.
    case registration(Int)
    /// +CPIN.
    case sim(String)
    /// Somebody calls.
    case ring
    /// +CLIP: who it is; nil where that is withheld.
    case caller(String?)
    /// +CUSD: what the network answers to a USSD code, or asks by itself.
    case ussd(USSDReply)
    /// The modem's software started again: every setting is lost.
    case booted
    /// The SIM's memories can be read now.
    case smsReady
    /// Known, and of no use here.
    case other
}

extension Unsolicited {
    /// What kind of line this is when nobody asked for it.
    enum Kind {
        case complete(Unsolicited)
        /// The body is on the next line.
        case needsBody(announced: Int?)
        case notUnsolicited
    }

    /// Classifies a line; `own` is the prefix that answers of the command in flight have, as `+CREG:`.
    static func classify(_ line: ArraySlice<UInt8>, own: [UInt8]) -> Kind {
        guard let first = line.first else { return .notUnsolicited }
        if !own.isEmpty, line.starts(with: own) { return .notUnsolicited }
        switch first {
        case UInt8(ascii: "+"):
            return plus(line)
        case UInt8(ascii: "^"), UInt8(ascii: "*"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "#"):
            return .complete(Marks.event(line) ?? .other)
        case UInt8(ascii: "R") where line.elementsEqual("RING".utf8):
            return .complete(.ring)
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
            return .notUnsolicited
        default:
            return Marks.event(line).map { .complete($0) } ?? .notUnsolicited
        }
    }

    private static func plus(_ line: ArraySlice<UInt8>) -> Kind {
        if let rest = line.after("+CMTI:") ?? line.after("+CDSI:") {
            var scanner = ByteScanner(rest)
            let memory = scanner.field().text
            guard scanner.take(UInt8(ascii: ",")), let index = scanner.integer() else { return .complete(.other) }
            return .complete(.stored(memory: memory, index: index))
        }
        if let rest = line.after("+CMT:") ?? line.after("+CDS:") {
            var scanner = ByteScanner(rest)
            // [<alpha>],<length> for a text, <length> for a report: the last field that is there.
            return .needsBody(announced: scanner.fields().last.flatMap { Int($0.text) })
        }
        for prefix in ["+CREG:", "+CEREG:", "+CGREG:", "+C5GREG:"] as [StaticString] {
            guard let rest = line.after(prefix) else { continue }
            return .complete(Registration.unsolicited(rest).map { .registration($0) } ?? .other)
        }
        if let rest = line.after("+CPIN:") { return .complete(.sim(Answers.unquoted(rest))) }
        if line.after("+CRING:") != nil { return .complete(.ring) }
        if let rest = line.after("+CLIP:") {
            let number = Answers.unquoted(rest)
            return .complete(.caller(number.isEmpty ? nil : number))
        }
        if let rest = line.after("+CUSD:") { return .complete(.ussd(USSDReply(rest))) }
        return Marks.event(line).map { .complete($0) } ?? .notUnsolicited
    }
}
