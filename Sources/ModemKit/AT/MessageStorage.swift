/// What AT+CPMS tells about the memories for texts (TS 27.005 §3.2.2).
struct MessageStorage: Sendable, Hashable {
    /// Memories that can be listed and deleted from.
    var readable: [String] = []
    /// Memories that new texts can go to.
    var receiving: [String] = []

    static let none = MessageStorage(offers: [])

    /// Reads the answer to `AT+CPMS=?`.
    init(offers lines: [[UInt8]]) {
        guard let rest = Answers.value(lines, "+CPMS:") else { return }
        let groups = Answers.lists(rest)
        readable = groups.first ?? []
        receiving = groups.count > 2 ? groups[2] : []
        // `"SM","ME"` without brackets is read as one memory a group; no harm: what is not offered is refused.
    }

    /// The memories to drain: the modem's, the SIM's, and that of reports; `MT` is both of the first two together.
    var toDrain: [String] {
        let known = ["ME", "SM", "SR"].filter(readable.contains)
        if known.contains("ME") || known.contains("SM") { return known }
        if readable.contains("MT") { return ["MT"] + known }
        return known.isEmpty ? Array(readable.prefix(1)) : known
    }

    /// Reads `+CPMS: "ME",1,100,"MT",5,100,…`: the memories 1 to 3 with their use.
    static func current(_ lines: [[UInt8]]) -> [ModemSnapshot.MemoryUse] {
        guard let rest = Answers.value(lines, "+CPMS:") else { return [] }
        var scanner = ByteScanner(rest)
        let fields = scanner.fields()
        return stride(from: 0, to: fields.count - 2, by: 3).compactMap { start in
            guard let used = Int(fields[start + 1].text), let total = Int(fields[start + 2].text) else { return nil }
            return ModemSnapshot.MemoryUse(name: fields[start].text, used: used, total: total)
        }
    }

    /// Reads `+CPMS: 1,100,…`, the answer to a change: the use of memory 1.
    static func afterChange(_ lines: [[UInt8]]) -> (used: Int, total: Int)? {
        guard let rest = Answers.value(lines, "+CPMS:") else { return nil }
        var scanner = ByteScanner(rest)
        guard let used = scanner.integer(), scanner.take(UInt8(ascii: ",")), let total = scanner.integer() else {
            return nil
        }
        return (used, total)
    }
}
