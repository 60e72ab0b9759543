import Glibc

/// Reads libraries and keeps copies of them.
enum PrivateFile {
    /// More than any plugin with a whole runtime in it.
    private static let limit = 512 << 20

    static func read(_ path: String) throws(LoadFailure) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("it cannot be read") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure("it cannot be read") }
        guard status.st_mode & S_IFMT == S_IFREG else { throw LoadFailure("it is no file") }
        guard status.st_size <= limit else { throw LoadFailure("it is larger than \(limit >> 20) MiB") }
        var failed = false
        let bytes = [UInt8](unsafeUninitializedCapacity: Int(status.st_size)) { buffer, count in
            while count < buffer.count {
                let got = Glibc.read(descriptor, buffer.baseAddress! + count, buffer.count - count)
                if got < 0, errno == EINTR { continue }
                failed = got < 0
                guard got > 0 else { return }
                count += got
            }
        }
        guard !failed else { throw failure("it cannot be read") }
        return bytes
    }

    /// Whether it is a file that can be opened; nothing of it is read.
    static func isReadable(_ path: String) -> Bool {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var status = stat()
        return fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    /// Writes `path` whole or not at all; a file of that name and size is left alone, since names say the content.
    static func write(_ bytes: [UInt8], to path: String, in folder: String) throws(LoadFailure) {
        if !has(path, size: bytes.count) { try replace(bytes, at: path, in: folder, mode: 0o500, isSynced: true) }
    }

    static func has(_ path: String, size: Int) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && Int(status.st_size) == size
    }

    /// Writes `path` whole or not at all, whatever was there.
    static func replace(
        _ bytes: [UInt8], at path: String, in folder: String, mode: mode_t = 0o600, isSynced: Bool = false
    ) throws(LoadFailure) {
        try makeFolder(folder)
        var template = Array("\(folder)/.copy-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw failure("no copy can be made in \(folder)") }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        var written = 0
        bytes.withUnsafeBytes { buffer in
            while written < buffer.count {
                let count = Glibc.write(descriptor, buffer.baseAddress! + written, buffer.count - written)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return }
                written += count
            }
        }
        let good =
            written == bytes.count && fchmod(descriptor, mode) == 0 && (!isSynced || fsync(descriptor) == 0)
        let renamed = good && rename(template, path) == 0
        let reason = failure("no copy can be made in \(folder)")
        close(descriptor)
        guard renamed else {
            unlink(template)
            throw reason
        }
    }

    /// Removes copies that nothing uses any more.
    static func sweep(_ folder: String, keeping used: Set<String>) {
        guard let directory = opendir(folder) else { return }
        defer { closedir(directory) }
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            let path = folder + "/" + name
            guard name.hasSuffix(".so") || name.hasPrefix(".copy-"), !used.contains(path) else { continue }
            unlink(path)
        }
    }

    private static func makeFolder(_ folder: String) throws(LoadFailure) {
        var status = stat()
        if stat(folder, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { return }
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST else {
            throw failure("the folder \(folder) cannot be made")
        }
    }

    private static func failure(_ what: String) -> LoadFailure {
        LoadFailure("\(what): \(String(cString: strerror(errno)))")
    }
}
