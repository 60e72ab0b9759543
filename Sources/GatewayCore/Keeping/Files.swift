internal import CCrypto
internal import Glibc

/// The few things done to files here, each with a sentence when it fails.
enum Files {
    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Octets; nil when nothing is there.
    static func size(_ path: String) -> Int64? {
        var status = stat()
        return stat(path, &status) == 0 ? Int64(status.st_size) : nil
    }

    static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    static func name(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
    }

    /// Names in a folder, sorted; none when it cannot be read.
    static func names(in folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    static func failure(_ path: String, _ number: Int32 = errno) -> GatewayError {
        GatewayError(.unavailable, "\(path): \(String(cString: strerror(number)))")
    }

    /// Makes a folder that only its owner enters; one that is there already is fine.
    static func makeFolder(_ path: String) throws(GatewayError) {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw failure(path) }
    }

    /// Removes a file, or a folder with the files in it.
    static func remove(_ path: String) {
        if unlink(path) == 0 || errno == ENOENT { return }
        for name in names(in: path) { unlink("\(path)/\(name)") }
        rmdir(path)
    }

    static func rename(_ from: String, to path: String) throws(GatewayError) {
        guard Glibc.rename(from, path) == 0 else { throw failure("\(from) → \(path)") }
    }

    /// What was written to a file, or to a folder's list of names, is on the disk when this returns.
    static func synchronise(_ path: String) throws(GatewayError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure(path) }
    }

    /// Writes a whole file, mode 0600.
    static func write(_ bytes: [UInt8], to path: String) throws(GatewayError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure(path) }
        defer { close(descriptor) }
        try write(bytes[...], to: descriptor, path)
        guard fsync(descriptor) == 0 else { throw failure(path) }
    }

    static func write(_ bytes: ArraySlice<UInt8>, to descriptor: Int32, _ path: String) throws(GatewayError) {
        var rest = bytes
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0, errno != EINTR { throw failure(path) }
            if written > 0 { rest = rest.dropFirst(written) }
        }
    }

    /// A small file's text; nil when it cannot be read.
    static func text(_ path: String, limit: Int = 65_536) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: limit)
        let count = read(descriptor, &buffer, limit)
        return count < 0 ? nil : String(decoding: buffer.prefix(count), as: UTF8.self)
    }

    /// Octets that a folder's disk has left for this user.
    static func free(_ folder: String) -> Int64? {
        var status = statvfs()
        return statvfs(folder, &status) == 0 ? Int64(status.f_bavail) * Int64(status.f_frsize) : nil
    }

    /// SHA-256 of a file, 64 lower-case hex digits.
    static func digest(_ path: String) throws(GatewayError) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure(path) }
        var digest = [UInt8](repeating: 0, count: Int(CCRYPTO_SHA256_LENGTH))
        var result: Int32 = -1
        if status.st_size == 0 {
            result = ccrypto_sha256([0], 0, &digest)
        } else {
            // Mapped, so that a large file need not fit into memory.
            let length = Int(status.st_size)
            guard let map = mmap(nil, length, PROT_READ, MAP_PRIVATE, descriptor, 0), map != MAP_FAILED else {
                throw failure(path)
            }
            defer { munmap(map, length) }
            result = ccrypto_sha256(map, length, &digest)
        }
        guard result == 0 else { throw GatewayError(.unavailable, "libcrypto refuses SHA-256") }
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
