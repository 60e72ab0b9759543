import Glibc

/// Replaces a file whole: whoever reads it sees the old one or the new one, and after a crash one of them is there.
enum Replacement {
    /// Keeps mode and owner. The new one is written beside it under a name that nobody reads as a drop-in.
    static func replace(_ path: String, by bytes: [UInt8]) throws(LoadFailure) {
        let cut = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
        let folder = cut == path.startIndex ? "." : String(path[..<cut])
        var status = stat()
        guard stat(path, &status) == 0 else { throw failure("it cannot be read") }
        var template = Array("\(folder)/.\(path[cut...]).XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw failure("nothing can be written beside it") }
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress! + written, bytes.count - written) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            written += count
        }
        // Only root may give files away; one that is its owner's already needs no giving.
        let isOwned =
            status.st_uid == geteuid() && status.st_gid == getegid()
            || fchown(descriptor, status.st_uid, status.st_gid) == 0
        let good =
            written == bytes.count && isOwned && fchmod(descriptor, status.st_mode & 0o7777) == 0
            && fsync(descriptor) == 0 && rename(template, path) == 0
        let reason = failure("it cannot be replaced")
        close(descriptor)
        guard good else {
            unlink(template)
            throw reason
        }
        let directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { return }
        fsync(directory)
        close(directory)
    }

    private static func failure(_ what: String) -> LoadFailure {
        LoadFailure("\(what): \(String(cString: strerror(errno)))")
    }
}
