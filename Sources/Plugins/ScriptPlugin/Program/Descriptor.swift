import Glibc

/// A file descriptor that is closed once.
struct Descriptor: ~Copyable {
    private(set) var number: Int32

    init(_ number: Int32) { self.number = number }

    deinit { if number >= 0 { Glibc.close(number) } }

    var isOpen: Bool { number >= 0 }

    mutating func close() {
        guard number >= 0 else { return }
        Glibc.close(number)
        number = -1
    }

    enum Reading {
        case bytes([UInt8])
        case nothingYet
        case end
    }

    func read() -> Reading {
        while true {
            var count = 0
            let bytes = [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, used in
                count = Glibc.read(number, buffer.baseAddress, buffer.count)
                used = max(0, count)
            }
            if count > 0 { return .bytes(bytes) }
            if count < 0, errno == EINTR { continue }
            return count < 0 && errno == EAGAIN ? .nothingYet : .end
        }
    }

    /// How many bytes went; 0 when none can now, nil when nobody reads.
    func write(_ bytes: ArraySlice<UInt8>) -> Int? {
        while true {
            let count = bytes.withUnsafeBytes { Glibc.write(number, $0.baseAddress, $0.count) }
            if count >= 0 { return count }
            if errno == EINTR { continue }
            return errno == EAGAIN ? 0 : nil
        }
    }
}
