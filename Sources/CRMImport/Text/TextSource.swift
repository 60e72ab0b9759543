internal import Glibc

/// A file of UTF-8 text that is read piece by piece.
///
/// It is read at places of its own, so that the descriptor may be shared.
public struct TextSource: Sendable {
    /// What the bytes are that a piece shows, and where in the file they begin.
    private(set) var bytes: [UInt8] = []
    private(set) var start = 0
    /// Nothing comes behind `bytes`.
    private(set) var isWhole = false

    private let descriptor: CInt
    /// Bytes that are read at once.
    private static let piece = 1 << 20
    /// Most bytes that are kept: no row is longer.
    static let most = 4 << 20

    /// - Parameter descriptor: open for reading, for as long as this lives.
    public init(descriptor: CInt) {
        self.descriptor = descriptor
    }

    /// The file cannot be read.
    public struct Failure: Error, Sendable, CustomStringConvertible {
        public let description: String
    }

    /// Continues at a place of the file.
    mutating func move(to place: Int) {
        bytes.removeAll(keepingCapacity: true)
        start = place
        isWhole = false
    }

    /// Lets go what lies before `place`, and reads on.
    ///
    /// - Returns: false when as much is kept as may be.
    mutating func more(from place: Int) throws(Failure) -> Bool {
        bytes.removeFirst(place - start)
        start = place
        guard bytes.count < Self.most else { return false }
        let before = bytes.count
        bytes.reserveCapacity(before + Self.piece)
        bytes += [UInt8](repeating: 0, count: Self.piece)
        var count = -1
        repeat {
            count = bytes.withUnsafeMutableBytes {
                pread(descriptor, $0.baseAddress! + before, Self.piece, off_t(start + before))
            }
        } while count < 0 && errno == EINTR
        guard count >= 0 else {
            let reason = String(cString: strerror(errno))
            bytes.removeLast(Self.piece)
            throw Failure(description: "the file cannot be read: \(reason)")
        }
        bytes.removeLast(Self.piece - count)
        isWhole = count == 0
        return true
    }

    /// A part of the file, as it stands there.
    func part(_ range: Range<Int>) throws(Failure) -> [UInt8] {
        var part = [UInt8](repeating: 0, count: range.count)
        var done = 0
        while done < part.count {
            let count = part.withUnsafeMutableBytes {
                pread(descriptor, $0.baseAddress! + done, $0.count - done, off_t(range.lowerBound + done))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Failure(description: "the file cannot be read: it has become shorter") }
            done += count
        }
        return part
    }
}
