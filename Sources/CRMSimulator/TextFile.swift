internal import Glibc

/// A file that is written line by line.
struct TextFile: ~Copyable {
    private let path: String
    private let descriptor: CInt
    private var bytes: [UInt8] = []
    private var problem: ShopData.Failure?

    private static let piece = 1 << 20

    init(_ path: String) throws(ShopData.Failure) {
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw ShopData.Failure(description: "\(path) cannot be written: \(String(cString: strerror(errno)))")
        }
        bytes.reserveCapacity(Self.piece + 4_096)
    }

    mutating func line(_ text: String) {
        bytes += text.utf8
        bytes.append(0x0A)
        if bytes.count >= Self.piece { flush() }
    }

    private mutating func flush() {
        var rest = bytes[...]
        while problem == nil, !rest.isEmpty {
            let written = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if written > 0 {
                rest = rest.dropFirst(written)
            } else if errno != EINTR {
                problem = ShopData.Failure(
                    description: "\(path) cannot be written: \(String(cString: strerror(errno)))")
            }
        }
        bytes.removeAll(keepingCapacity: true)
    }

    /// The file is whole.
    consuming func close() throws(ShopData.Failure) {
        flush()
        Glibc.close(descriptor)
        if let problem { throw problem }
    }
}
