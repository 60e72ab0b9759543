internal import Foundation
internal import Glibc
internal import Synchronization

/// An advisory lock on a file, held until `release` or the end of this object; a killed process gives it back by itself.
final class FileLock: Sendable {
    private let descriptor: Mutex<Int32?>

    /// Milliseconds that a lock is waited for whose holder is gone: a program that a killed gateway was just starting has
    /// its descriptors until that program begins.
    private static let patience = 2_000
    /// Milliseconds between two tries.
    private static let pause = 10

    /// - Throws: `JournalError` with `.locked`, naming the holder's process id: at once where that process runs.
    init(path: String) throws(JournalError) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw JournalError(code: .io, description: "\(path): \(String(cString: strerror(errno)))")
        }
        guard Self.take(descriptor) else {
            let holder = Self.holder(descriptor)
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

    private static func take(_ descriptor: Int32) -> Bool {
        var waited = 0
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            guard let holder = pid_t(holder(descriptor)), kill(holder, 0) != 0, errno == ESRCH, waited < patience else {
                return false
            }
            usleep(UInt32(pause) * 1_000)
            waited += pause
        }
        return true
    }

    /// The process id in the file; empty where there is none.
    private static func holder(_ descriptor: Int32) -> String {
        var text = [UInt8](repeating: 0, count: 20)
        let count = pread(descriptor, &text, text.count, 0)
        return String(decoding: text.prefix(max(0, count)), as: UTF8.self)
    }

    func release() {
        descriptor.withLock { descriptor in
            if let descriptor { close(descriptor) }
            descriptor = nil
        }
    }
}
