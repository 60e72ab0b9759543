/// A trace of a modem's traffic, as `conductor modems trace` prints it, already understood.
public struct RecordedTrace: Sendable, Hashable {
    /// One entry of it.
    struct Entry: Sendable, Hashable {
        enum Kind: Sendable, Hashable {
            case sent
            case received
            case note
        }

        var kind: Kind
        /// Since the first entry.
        var time: Duration
        var octets: [UInt8]
        /// On a port beside the one that serves the modem.
        var isAside = false

        /// The modem said it unasked, by how it looks.
        var isIndication: Bool {
            let text = RecordedLine(octets).text
            return kind == .received
                && (text.first == UInt8(ascii: "+") || text.first == UInt8(ascii: "^")
                    || text.elementsEqual("RING".utf8))
        }
    }

    private(set) var entries: [Entry] = []

    private static let mark = "# conductor trace "
    private static let version = "1"

    /// Understands a whole file; `name` is how errors call it.
    ///
    /// - Throws: `ScriptError` for the first line that is wrong.
    public init(_ source: String, name: String) throws(ScriptError) {
        var number = 0
        var first: Int64?
        for line in source.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            number += 1
            do throws(SimulatorError) {
                if number == 1 { try Self.checkMark(line) }
                guard !line.isEmpty, !line.hasPrefix("#") else { continue }
                let (time, entry) = try Self.entry(line)
                first = first ?? time
                entries.append(entry)
                entries[entries.count - 1].time = .milliseconds(time - (first ?? time))
            } catch {
                throw ScriptError(name: name, line: number, message: error.description)
            }
        }
    }

    private static func checkMark(_ line: Substring) throws(SimulatorError) {
        guard line.hasPrefix(mark) else {
            throw SimulatorError("expected a trace, as `conductor modems trace` prints it, which begins with: \(mark)")
        }
        let form = line.dropFirst(mark.count).prefix { $0.isNumber }
        guard form == version else {
            throw SimulatorError("this trace has form \(form); form \(version) is understood here")
        }
    }

    /// Time, sign (and port), data: two spaces between.
    private static func entry(_ line: Substring) throws(SimulatorError) -> (Int64, Entry) {
        let parts = line.split(separator: "  ", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let time = milliseconds(parts[0]) else {
            throw SimulatorError("expected a time as 2026-11-29T18:40:00.123Z, then two spaces")
        }
        let rest = parts[1].split(separator: "  ", maxSplits: 1, omittingEmptySubsequences: false)
        let sign = rest[0].prefix { $0 != " " }
        let kind: Entry.Kind
        switch sign {
        case "→", "->": kind = .sent
        case "←", "<-": kind = .received
        case "--": kind = .note
        default: throw SimulatorError("expected →, ← or --, not \(sign)")
        }
        guard rest.count == 2 else { throw SimulatorError("expected two spaces and what was said behind \(sign)") }
        let isAside = sign.count < rest[0].count
        return (time, Entry(kind: kind, time: .zero, octets: try octets(rest[1]), isAside: isAside))
    }

    private static func octets(_ text: Substring) throws(SimulatorError) -> [UInt8] {
        var octets: [UInt8] = []
        var rest = Substring(text).utf8
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\") else {
                octets.append(byte)
                continue
            }
            switch rest.popFirst() {
            case UInt8(ascii: "r"): octets.append(13)
            case UInt8(ascii: "n"): octets.append(10)
            case UInt8(ascii: "\\"): octets.append(byte)
            case UInt8(ascii: "x"):
                guard let value = [UInt8].octets(hex: rest.prefix(2)), value.count == 1 else {
                    throw SimulatorError("expected two hex digits behind \\x")
                }
                octets += value
                rest = rest.dropFirst(2)
            default: throw SimulatorError("expected \\r, \\n, \\\\ or \\x and two hex digits")
            }
        }
        return octets
    }

    /// `YYYY-MM-DDTHH:MM:SS.sssZ` as milliseconds since 1970.
    private static func milliseconds(_ text: Substring) -> Int64? {
        let fields = text.split { !$0.isNumber }.compactMap { Int64($0) }
        guard text.utf8.count == 24, text.last == "Z", fields.count == 7 else { return nil }
        // Years that begin on 1 March: the leap day is the last of them.
        let year = fields[1] <= 2 ? fields[0] - 1 : fields[0]
        let month = fields[1] <= 2 ? fields[1] + 9 : fields[1] - 3
        let days = year * 365 + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + fields[2] - 719_469
        return ((days * 24 + fields[3]) * 60 + fields[4]) * 60_000 + fields[5] * 1_000 + fields[6]
    }
}
