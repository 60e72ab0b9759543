internal import Dispatch
internal import PluginKit
internal import Glibc

/// A file that lines are appended to, each with one write, so that other programs may append too.
///
/// When the file was renamed or removed since the last line (logrotate), the next one goes into a new file.
///
/// Safety: `descriptor` and `torn` are touched on `queue` only.
final class EventFile: @unchecked Sendable {
    private let path: String?
    private let queue = DispatchQueue(label: "conductor.log")
    private var descriptor: Int32 = -1
    /// The last line was cut off (disk full).
    private var torn = false

    /// - Parameter path: absolute; nil for standard error.
    init(path: String?) {
        self.path = path
    }

    /// - Parameter line: without a line feed.
    func append(_ line: String) async throws(PluginError) {
        let result: Result<Void, PluginError> = await withCheckedContinuation { continuation in
            queue.async { [self] in continuation.resume(returning: Result { () throws(PluginError) in try write(line) })
            }
        }
        try result.get()
    }

    func close() async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            queue.async { [self] in
                if descriptor >= 0, path != nil { Glibc.close(descriptor) }
                descriptor = -1
                continuation.resume()
            }
        }
    }

    // MARK: On the queue

    private func write(_ line: String) throws(PluginError) {
        try openIfNeeded()
        var rest = Array(((torn ? "\n" : "") + line + "\n").utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let reason = String(cString: strerror(errno))
                throw PluginError(.unavailable, "\(path ?? "standard error") cannot be written: \(reason)")
            }
            rest = rest.dropFirst(count)
            torn = !rest.isEmpty
        }
    }

    private func openIfNeeded() throws(PluginError) {
        guard let path else {
            descriptor = STDERR_FILENO
            return
        }
        var named = stat()
        var held = stat()
        if descriptor >= 0, stat(path, &named) == 0, fstat(descriptor, &held) == 0, named.st_ino == held.st_ino,
            named.st_dev == held.st_dev
        {
            return
        }
        if descriptor >= 0 { Glibc.close(descriptor) }
        torn = false
        descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else {
            let reason = String(cString: strerror(errno))
            throw PluginError(
                .unavailable, "\(path) cannot be opened: \(reason); its folder must exist and be writable")
        }
    }
}
