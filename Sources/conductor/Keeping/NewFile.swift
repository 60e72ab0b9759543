import Glibc

/// A file that a command writes and that is not there yet: nothing of anybody's is overwritten.
struct NewFile {
    var path: String
    var bytes: [UInt8]
    /// Mode 0600: what a person wrote, or a key, is nobody else's.
    var isSecret = false

    init(path: String, bytes: [UInt8], isSecret: Bool = false) {
        self.path = path
        self.bytes = bytes
        self.isSecret = isSecret
    }

    init(path: String, text: String, isSecret: Bool = false) {
        self.init(path: path, bytes: Array(text.utf8), isSecret: isSecret)
    }

    /// Whole and on the disk, or not at all.
    func write() throws(CommandFailure) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, isSecret ? 0o600 : 0o644)
        guard descriptor >= 0 else { throw failure(errno) }
        defer { close(descriptor) }
        do throws(CommandFailure) {
            if isSecret, fchmod(descriptor, 0o600) != 0 { throw failure(errno) }
            var rest = bytes[...]
            while !rest.isEmpty {
                let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
                if written < 0, errno == EINTR { continue }
                guard written > 0 else { throw failure(errno) }
                rest = rest.dropFirst(written)
            }
            guard fsync(descriptor) == 0 else { throw failure(errno) }
        } catch {
            unlink(path)
            throw error
        }
    }

    private func failure(_ number: Int32) -> CommandFailure {
        let reason = number == EEXIST ? "it is there already; name another one" : String(cString: strerror(number))
        return CommandFailure(.failed, "\(path) cannot be written: \(reason)")
    }
}
