/// How the bytes of a file are text.
public enum TextEncoding: String, Sendable, Hashable, CaseIterable {
    case utf8 = "utf-8"
    case utf16LittleEndian = "utf-16le"
    case utf16BigEndian = "utf-16be"
    /// Western European Windows; ISO 8859-1 is the same but for 27 signs that no text of it has.
    case windows1252 = "windows-1252"

    /// As a person says it.
    public var name: String {
        switch self {
        case .utf8: "UTF-8"
        case .utf16LittleEndian: "UTF-16 (little endian)"
        case .utf16BigEndian: "UTF-16 (big endian)"
        case .windows1252: "Windows-1252 (Latin-1)"
        }
    }
}

/// Finds out how a file is text, from all of its bytes in turn.
///
/// A byte order mark decides. Without one: a file with a zero byte in every second place is UTF-16, one that is UTF-8 from
/// its first byte to its last is that, and whatever else is Windows-1252, in which every file can be read.
public struct EncodingSniffer: Sendable {
    private var head: [UInt8] = []
    private var zeros = (even: 0, odd: 0)
    private var count = 0
    private var utf8 = UTF8Check()

    /// Bytes by which UTF-16 is told without a mark.
    private static let sample = 4096

    public init() {}

    /// The next bytes of the file.
    public mutating func look(at bytes: UnsafeRawBufferPointer) {
        if head.count < 4 { head += bytes.prefix(4 - head.count) }
        if count < Self.sample {
            for (offset, byte) in bytes.prefix(Self.sample - count).enumerated() where byte == 0 {
                if (count + offset).isMultiple(of: 2) { zeros.even += 1 } else { zeros.odd += 1 }
            }
        }
        count += bytes.count
        utf8.look(at: bytes)
    }

    /// - Returns: how the file is text, and how many bytes of it are a mark and no text.
    public func finish() -> (encoding: TextEncoding, mark: Int) {
        if head.starts(with: [0xEF, 0xBB, 0xBF]) { return (.utf8, 3) }
        if head.starts(with: [0xFF, 0xFE]) { return (.utf16LittleEndian, 2) }
        if head.starts(with: [0xFE, 0xFF]) { return (.utf16BigEndian, 2) }
        let pairs = min(count, Self.sample) / 2
        // A text in another script than Latin has a mark, or is nothing that can be told from other bytes.
        if pairs > 1, zeros.odd * 10 > pairs * 7, zeros.even * 10 < pairs { return (.utf16LittleEndian, 0) }
        if pairs > 1, zeros.even * 10 > pairs * 7, zeros.odd * 10 < pairs { return (.utf16BigEndian, 0) }
        return (utf8.isWhole ? .utf8 : .windows1252, 0)
    }
}

/// Whether bytes are UTF-8 (RFC 3629), in pieces.
struct UTF8Check: Sendable {
    private var isRight = true
    /// Bytes of the character under way that are still to come, and the range of the next one.
    private var missing = 0
    private var next: ClosedRange<UInt8> = 0x80...0xBF

    /// No character is cut off, and none was wrong.
    var isWhole: Bool { isRight && missing == 0 }

    mutating func look(at bytes: UnsafeRawBufferPointer) {
        guard isRight else { return }
        for byte in bytes {
            if missing > 0 {
                guard next.contains(byte) else { return isRight = false }
                missing -= 1
                next = 0x80...0xBF
                continue
            }
            switch byte {
            case 0x00...0x7F: continue
            case 0xC2...0xDF: missing = 1
            case 0xE0: (missing, next) = (2, 0xA0...0xBF)
            case 0xED: (missing, next) = (2, 0x80...0x9F)
            case 0xE1...0xEF: missing = 2
            case 0xF0: (missing, next) = (3, 0x90...0xBF)
            case 0xF4: (missing, next) = (3, 0x80...0x8F)
            case 0xF1...0xF3: missing = 3
            default: return isRight = false
            }
        }
    }
}
