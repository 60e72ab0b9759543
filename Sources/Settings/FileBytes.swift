import Glibc

/// Reads whole small files, and says in words why not.
enum FileBytes {
    static func read(
        _ path: String, limit: Int, check: (stat) throws(ConfigurationError) -> Void = { _ in }
    ) throws(ConfigurationError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failed(path) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failed(path) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw ConfigurationError(file: path, message: "is no file")
        }
        try check(status)
        guard status.st_size <= limit else {
            throw ConfigurationError(file: path, message: "is larger than \(limit) bytes")
        }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while bytes.count <= limit {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failed(path) }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
        }
        throw ConfigurationError(file: path, message: "is larger than \(limit) bytes")
    }

    private static func failed(_ path: String) -> ConfigurationError {
        ConfigurationError(file: path, message: "cannot be read: \(String(cString: strerror(errno)))")
    }
}
