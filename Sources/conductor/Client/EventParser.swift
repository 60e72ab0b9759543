/// Takes server-sent events apart, however their octets are cut (WHATWG HTML §9.2.6).
struct EventParser: Sendable {
    struct Item: Sendable, Equatable {
        var kind: String
        var data: String
    }

    private var line: [UInt8] = []
    private var kind = ""
    private var data: [String] = []
    private var lastWasCR = false

    /// The events that end in `bytes`, and one with an empty kind for each comment: a sign of life.
    mutating func take(_ bytes: [UInt8]) -> [Item] {
        var items: [Item] = []
        for byte in bytes {
            let isLF = byte == 0x0A
            defer { lastWasCR = byte == 0x0D }
            if isLF, lastWasCR { continue }
            guard isLF || byte == 0x0D else {
                line.append(byte)
                continue
            }
            if let item = endLine() { items.append(item) }
        }
        return items
    }

    private mutating func endLine() -> Item? {
        defer { line = [] }
        if line.isEmpty {
            defer { (kind, data) = ("", []) }
            return data.isEmpty ? nil : Item(kind: kind.isEmpty ? "message" : kind, data: data.joined(separator: "\n"))
        }
        if line[0] == UInt8(ascii: ":") { return Item(kind: "", data: "") }
        let halves = line.split(separator: UInt8(ascii: ":"), maxSplits: 1, omittingEmptySubsequences: false)
        var value = halves.count == 2 ? halves[1] : []
        if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
        let text = String(decoding: value, as: UTF8.self)
        switch String(decoding: halves[0], as: UTF8.self) {
        case "event": kind = text
        case "data": data.append(text)
        default: break
        }
        return nil
    }
}
