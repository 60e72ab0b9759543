/// Turns the bytes of a file into UTF-8, piece by piece.
public struct Transcoder: Sendable {
    /// Characters that could not be read; U+FFFD stands for each.
    public private(set) var unreadable = 0

    private let encoding: TextEncoding
    /// Bytes of the file's mark that are still to be passed over.
    private var mark: Int
    /// The first byte of a unit of UTF-16 whose second comes with the next piece.
    private var half: UInt8?
    private var high: UInt16?

    /// - Parameter mark: bytes at the beginning that are no text.
    public init(_ encoding: TextEncoding, mark: Int = 0) {
        self.encoding = encoding
        self.mark = mark
    }

    /// Appends what the next bytes of the file say.
    public mutating func convert(_ bytes: UnsafeRawBufferPointer, into text: inout [UInt8]) {
        let skipped = min(mark, bytes.count)
        mark -= skipped
        let bytes = UnsafeRawBufferPointer(rebasing: bytes.dropFirst(skipped))
        switch encoding {
        case .utf8: text.append(contentsOf: bytes)
        case .windows1252: for byte in bytes { Self.append(Self.windows(byte), to: &text) }
        case .utf16LittleEndian, .utf16BigEndian: for byte in bytes { take(byte, into: &text) }
        }
    }

    /// The file is at its end.
    public mutating func finish(into text: inout [UInt8]) {
        if high != nil { replace(into: &text) }
        if half != nil { replace(into: &text) }
        (high, half) = (nil, nil)
    }

    private mutating func take(_ byte: UInt8, into text: inout [UInt8]) {
        guard let first = half else { return half = byte }
        half = nil
        let unit =
            encoding == .utf16LittleEndian
            ? UInt16(byte) << 8 | UInt16(first) : UInt16(first) << 8 | UInt16(byte)
        switch (high, unit) {
        case (let high?, 0xDC00...0xDFFF):
            self.high = nil
            Self.append(0x10000 + (UInt32(high & 0x3FF) << 10 | UInt32(unit & 0x3FF)), to: &text)
        case (_?, _):
            high = nil
            replace(into: &text)
            take(alone: unit, into: &text)
        case (nil, _):
            take(alone: unit, into: &text)
        }
    }

    private mutating func take(alone unit: UInt16, into text: inout [UInt8]) {
        switch unit {
        case 0xD800...0xDBFF: high = unit
        case 0xDC00...0xDFFF: replace(into: &text)
        default: Self.append(UInt32(unit), to: &text)
        }
    }

    private mutating func replace(into text: inout [UInt8]) {
        unreadable += 1
        Self.append(0xFFFD, to: &text)
    }

    private static func append(_ scalar: UInt32, to text: inout [UInt8]) {
        guard scalar > 0x7F else { return text.append(UInt8(scalar)) }
        let scalar = Unicode.Scalar(scalar) ?? "\u{FFFD}"
        text.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    }

    /// The signs that Windows-1252 has where ISO 8859-1 has control characters; its five gaps stay what they are there.
    private static func windows(_ byte: UInt8) -> UInt32 {
        guard (0x80...0x9F).contains(byte) else { return UInt32(byte) }
        return UInt32(signs[Int(byte) - 0x80])
    }

    private static let signs: [UInt16] = [
        0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D,
        0x017D, 0x8F, 0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A,
        0x0153, 0x9D, 0x017E, 0x0178,
    ]
}
