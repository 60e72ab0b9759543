import Glibc

/// Builds one frame: fixed-width little-endian numbers, and texts and arrays after their count (u32).
struct WireWriter {
    private(set) var bytes: [UInt8]

    /// Begins a frame; its length is filled in by `frame`.
    init(_ kind: FrameKind, id: UInt64, capacity: Int = 256) {
        bytes = []
        bytes.reserveCapacity(Frame.headerSize + capacity)
        write(UInt32(0))
        write(kind.rawValue)
        write(id)
    }

    /// The whole frame; nil when it is longer than the other side takes.
    consuming func frame() -> [UInt8]? {
        let length = bytes.count - Frame.lengthSize
        guard length <= Frame.limit else { return nil }
        withUnsafeBytes(of: UInt32(length).littleEndian) { source in
            for index in 0..<Frame.lengthSize { bytes[index] = source[index] }
        }
        return bytes
    }

    mutating func write<Number: FixedWidthInteger>(_ number: Number) {
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// A count of what follows.
    mutating func write(count: Int) { write(UInt32(clamping: count)) }

    mutating func write(_ buffer: UnsafeRawBufferPointer) {
        write(count: buffer.count)
        bytes.append(contentsOf: buffer)
    }
}

/// What goes over a worker's socket. Private to one release: both sides are built together.
protocol WireValue {
    func write(to wire: inout WireWriter)
    init(from wire: inout WireReader) throws(WireError)
}

/// A frame does not hold what it should.
struct WireError: Error, Sendable, Hashable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
