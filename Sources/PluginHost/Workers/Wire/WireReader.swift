/// Reads one frame's body. Nothing in it is believed: each read is bounded, each number is checked, and what is left over
/// is an error.
///
/// It must not outlive the buffer it was made from.
struct WireReader {
    private let bytes: UnsafeRawBufferPointer
    private var offset = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    var remaining: Int { bytes.count - offset }

    /// Reads one value, which must be all there is.
    static func decode<Value: WireValue>(
        _ type: Value.Type, from bytes: UnsafeRawBufferPointer
    ) throws(WireError) -> Value {
        var reader = WireReader(bytes)
        let value = try Value(from: &reader)
        guard reader.remaining == 0 else { throw WireError("\(reader.remaining) bytes too many in \(type)") }
        return value
    }

    mutating func take(_ count: Int) throws(WireError) -> UnsafeRawBufferPointer {
        guard count <= remaining else { throw WireError("a frame is \(count - remaining) bytes short") }
        defer { offset += count }
        return UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])
    }

    mutating func number<Number: FixedWidthInteger>(_ type: Number.Type = Number.self) throws(WireError) -> Number {
        Number(littleEndian: try take(MemoryLayout<Number>.size).loadUnaligned(as: Number.self))
    }

    /// A count of elements, each of which takes a byte at least: a lie cannot make the reader allocate much.
    mutating func count() throws(WireError) -> Int {
        let count = Int(try number(UInt32.self))
        guard count <= remaining else { throw WireError("a count of \(count) with \(remaining) bytes left") }
        return count
    }

    mutating func value<Value: WireValue>(_ type: Value.Type = Value.self) throws(WireError) -> Value {
        try Value(from: &self)
    }
}
