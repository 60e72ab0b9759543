import Glibc

/// Writes ledger lines, each with one write(2), so that whole lines survive whatever happens to other processes.
///
/// Used on the simulator's thread only.
final class LedgerWriter {
    private var descriptors: [Int32] = []
    private var owned: [Int32] = []

    init(path: String?, printsToStandardOutput: Bool) throws(SimulatorError) {
        if printsToStandardOutput { descriptors.append(STDOUT_FILENO) }
        guard let path else { return }
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw SimulatorError("cannot append to the ledger \(path)", errno: errno) }
        descriptors.append(descriptor)
        owned.append(descriptor)
    }

    deinit {
        for descriptor in owned { close(descriptor) }
    }

    var isIdle: Bool { descriptors.isEmpty }

    /// A reader that went away (EPIPE) is forgotten; the file goes on.
    func write(_ line: [UInt8]) {
        descriptors.removeAll { descriptor in !Self.writeAll(line, to: descriptor) }
    }

    private static func writeAll(_ line: [UInt8], to descriptor: Int32) -> Bool {
        var offset = 0
        while offset < line.count {
            let written = line.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress! + offset, $0.count - offset) }
            if written >= 0 {
                offset += written
            } else if errno == EAGAIN {
                var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = poll(&wait, 1, 1000)
            } else if errno != EINTR {
                return false
            }
        }
        return true
    }
}
