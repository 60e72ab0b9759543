/// Bytes to lines, of at most `limit` bytes each. A longer one is passed over and told as `tooLong`.
struct LineSplitter {
    enum Piece: Equatable {
        case line([UInt8])
        case tooLong
    }

    let limit: Int
    private var rest: [UInt8] = []
    private var isSkipping = false

    init(limit: Int) { self.limit = limit }

    mutating func feed(_ bytes: some Collection<UInt8>) -> [Piece] {
        var pieces: [Piece] = []
        var bytes = bytes[...]
        while let end = bytes.firstIndex(of: 0x0A) {
            take(bytes[..<end])
            if !isSkipping {
                if rest.last == 0x0D { rest.removeLast() }
                pieces.append(.line(rest))
            } else {
                pieces.append(.tooLong)
            }
            rest.removeAll(keepingCapacity: rest.count < 65_536)
            isSkipping = false
            bytes = bytes[bytes.index(after: end)...]
        }
        take(bytes)
        return pieces
    }

    /// What stands after the last line end.
    mutating func finish() -> [Piece] {
        defer { (rest, isSkipping) = ([], false) }
        return isSkipping ? [.tooLong] : rest.isEmpty ? [] : [.line(rest)]
    }

    private mutating func take(_ bytes: some Collection<UInt8>) {
        guard !isSkipping else { return }
        if rest.count + bytes.count > limit {
            isSkipping = true
            rest = []
        } else {
            rest += bytes
        }
    }
}
