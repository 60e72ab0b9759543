/// Reads octets one field after another and never past their end.
struct ByteReader {
    private let bytes: [UInt8]
    /// The next octet to be read.
    private(set) var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    var remaining: Int { bytes.count - position }

    /// True when no octet is left but such as are all ones, or none at all.
    var hasOnlyFiller: Bool { bytes[position...].allSatisfy { $0 == 0xFF } }

    /// One octet; `field` names it in the error.
    @inline(__always)
    mutating func octet(_ field: StaticString) throws(PDUError) -> UInt8 {
        guard position < bytes.count else { throw end(before: field) }
        defer { position += 1 }
        return bytes[position]
    }

    /// The next `count` octets; `field` names them in the error.
    @inline(__always)
    mutating func octets(_ count: Int, _ field: StaticString) throws(PDUError) -> ArraySlice<UInt8> {
        guard count <= remaining else {
            position = bytes.count
            throw end(before: field)
        }
        defer { position += count }
        return bytes[position..<position + count]
    }

    @inline(never)
    private func end(before field: StaticString) -> PDUError {
        PDUError(.truncated, offset: position, detail: "end of the \(field)")
    }
}
