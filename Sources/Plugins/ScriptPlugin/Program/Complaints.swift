/// What a program writes to its standard error, as lines for the log: at most so many in a second.
struct Complaints {
    private let limit: Int
    private var splitter = LineSplitter(limit: 4096)
    private var second: Int64 = -1
    private var count = 0
    private var dropped = 0
    /// The last line that says something.
    private(set) var last: String?

    init(limit: Int) { self.limit = limit }

    mutating func heard(_ bytes: [UInt8], at now: Int64) -> [String] {
        splitter.feed(bytes).flatMap { tell($0, second: now / 1_000_000_000) }
    }

    mutating func finish() -> [String] {
        var lines = splitter.finish().flatMap { tell($0, second: second) }
        if dropped > 0 { lines.append("… and \(dropped) lines more") }
        dropped = 0
        return lines
    }

    private mutating func tell(_ piece: LineSplitter.Piece, second: Int64) -> [String] {
        var lines: [String] = []
        if second != self.second {
            if dropped > 0 { lines.append("… and \(dropped) lines more") }
            (self.second, count, dropped) = (second, 0, 0)
        }
        guard case .line(let bytes) = piece else { return lines + ["(a line that is too long)"] }
        let line = String(decoding: bytes, as: UTF8.self)
        guard line.contains(where: { !$0.isWhitespace }) else { return lines }
        last = line
        guard count < limit else {
            dropped += 1
            return lines
        }
        count += 1
        return lines + [line]
    }
}
