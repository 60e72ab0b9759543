internal import Foundation
internal import Glibc
internal import Synchronization

/// An advisory lock on a file, held until `release` or the end of this object; a killed process gives it back by itself.
final class FileLock: Sendable {
    private let descriptor: Mutex<Int32?>

    /// - Throws: `JournalError` with `.locked`, naming the holder's process id.
    init(path: String) throws(JournalError) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw JournalError(code: .io, description: "\(path): \(String(cString: strerror(errno)))")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let holder = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
            close(descriptor)
            throw JournalError(
                code: .locked,
                description: "another gateway (process \(holder.isEmpty ? "unknown" : holder)) uses this state folder: "
                    + "stop it, or give this one a folder of its own")
        }
        ftruncate(descriptor, 0)
        let text = Array("\(getpid())".utf8)
        pwrite(descriptor, text, text.count, 0)
        self.descriptor = Mutex(descriptor)
    }

    deinit {
        release()
    }

    func release() {
        descriptor.withLock { descriptor in
            if let descriptor { close(descriptor) }
            descriptor = nil
        }
    }
}
