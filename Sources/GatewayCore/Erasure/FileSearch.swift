internal import Glibc

/// Finds a number in a file's octets, in every form in which the gateway's files have it: as digits, and as TPDUs write
/// addresses. It may find the digits in longer ones too: who asks looks closer then.
struct FileSearch {
    private static let piece = 1 << 20

    private let forms: [[UInt8]]

    /// - Parameter phone: normalised.
    init(_ phone: String) {
        forms = NumberSearch(phone).forms + SemiOctets.packed(phone)
    }

    /// Reads the file piece by piece.
    func occurs(in path: String) throws(GatewayError) -> Bool {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            if errno == ENOENT { return false }
            throw Files.failure(path)
        }
        defer { close(file) }
        let longest = forms.map(\.count).max() ?? 1
        var buffer = [UInt8](repeating: 0, count: Self.piece + longest)
        // What the piece before ended with may go on in this one.
        var kept = 0
        while true {
            let count = buffer.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress.map { $0 + kept }, Self.piece) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Files.failure(path) }
            if count == 0 { return false }
            let filled = kept + count
            if forms.contains(where: { Self.occurs($0, in: buffer, filled) }) { return true }
            kept = min(longest - 1, filled)
            buffer.replaceSubrange(0..<kept, with: Array(buffer[(filled - kept)..<filled]))
        }
    }

    private static func occurs(_ form: [UInt8], in buffer: [UInt8], _ count: Int) -> Bool {
        guard let first = form.first else { return false }
        return buffer.withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress else { return false }
            var start = 0
            while count - start >= form.count,
                let hit = memchr(base + start, Int32(first), count - start - form.count + 1)
            {
                if memcmp(hit, form, form.count) == 0 { return true }
                start = base.distance(to: UnsafeRawPointer(hit)) + 1
            }
            return false
        }
    }
}
