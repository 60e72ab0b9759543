/// Bytes that came and are not handled yet. It grows with what comes, not with what a frame claims to be, and gives the
/// memory back afterwards.
struct InputBuffer: ~Copyable {
    private static let usual = 64 << 10

    private var memory: UnsafeMutableRawBufferPointer
    private var start = 0
    private var end = 0

    init() { memory = .allocate(byteCount: Self.usual, alignment: 16) }

    deinit { memory.deallocate() }

    /// Free room for what comes next, at least half of the usual size.
    mutating func makeRoom() -> UnsafeMutableRawBufferPointer {
        if start == end {
            (start, end) = (0, 0)
            if memory.count > 16 * Self.usual { resize(Self.usual) }
        } else if memory.count - end < Self.usual / 2 {
            // Moved only when that frees much, so that a long frame is not moved again and again.
            if start >= memory.count / 2 { resize(memory.count) } else { resize(memory.count * 2) }
        }
        return UnsafeMutableRawBufferPointer(rebasing: memory[end...])
    }

    /// So many bytes came into the room.
    mutating func fill(_ count: Int) { end += count }

    /// The next whole frame, lent until `makeRoom`; nil when there is none.
    mutating func next() throws(WireError) -> Frame? {
        guard let (frame, length) = try Frame.first(in: UnsafeRawBufferPointer(rebasing: memory[start..<end])) else {
            return nil
        }
        start += length
        return frame
    }

    private mutating func resize(_ count: Int) {
        let new = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 16)
        new.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[start..<end]))
        memory.deallocate()
        memory = new
        (start, end) = (0, end - start)
    }
}
