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

    /// Writes the file anew with the lines that `keeps` says, where it would lose one. Lines that another program appends
    /// during that moment may be lost.
    func rewrite(_ keeps: @escaping @Sendable (ArraySlice<UInt8>) -> Bool) async throws(PluginError) {
        let result: Result<Void, PluginError> = await withCheckedContinuation { continuation in
            queue.async { [self] in
                continuation.resume(returning: Result { () throws(PluginError) in try copy(keeps) })
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

    private func copy(_ keeps: (ArraySlice<UInt8>) -> Bool) throws(PluginError) {
        guard let path else { return }
        let source = open(path, O_RDONLY | O_CLOEXEC)
        guard source >= 0 else { return }
        defer { Glibc.close(source) }
        // Line by line: the file may be large.
        let new = path + ".new"
        var target: Int32 = -1
        defer { if target >= 0 { Glibc.close(target) } }
        var kept: [UInt8] = []
        var loses = false
        for pass in 0..<2 {
            if pass == 1 {
                guard loses else { return }
                unlink(new)
                var status = stat()
                let mode = fstat(source, &status) == 0 ? status.st_mode & 0o777 : 0o640
                target = open(new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
                guard target >= 0 else { throw unwritable(new) }
            }
            lseek(source, 0, SEEK_SET)
            try lines(of: source, path) { line throws(PluginError) in
                if !keeps(line) {
                    loses = true
                } else if pass == 1 {
                    kept += line + [0x0A]
                    if kept.count > 1 << 16 { try flush(&kept, to: target, new) }
                }
            }
        }
        try flush(&kept, to: target, new)
        guard fsync(target) == 0, rename(new, path) == 0 else { throw unwritable(new) }
        if descriptor >= 0 { Glibc.close(descriptor) }
        descriptor = -1
        torn = false
    }

    private func flush(_ bytes: inout [UInt8], to target: Int32, _ name: String) throws(PluginError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(target, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw unwritable(name) }
            rest = rest.dropFirst(count)
        }
        bytes = []
    }

    private func unwritable(_ name: String) -> PluginError {
        PluginError(.unavailable, "\(name) cannot be written: \(String(cString: strerror(errno)))")
    }

    /// Each line without its end; a last one that has none too.
    private func lines(
        of source: Int32, _ name: String, _ body: (ArraySlice<UInt8>) throws(PluginError) -> Void
    ) throws(PluginError) {
        var rest: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = buffer.withUnsafeMutableBytes { read(source, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw PluginError(.unavailable, "\(name) cannot be read: \(String(cString: strerror(errno)))")
            }
            if count == 0 { break }
            rest += buffer[..<count]
            var start = 0
            while let end = rest[start...].firstIndex(of: 0x0A) {
                try body(rest[start..<end])
                start = end + 1
            }
            rest.removeFirst(start)
        }
        if !rest.isEmpty { try body(rest[...]) }
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
