import Glibc

/// A file with one secret: nobody but its owner may have any right to it (mode 0600 or less).
public enum SecretFile {
    /// The first line, without spaces around it.
    ///
    /// - Throws: naming the file, never its content: when it cannot be read, is open to others, or is empty.
    public static func read(_ path: String) throws(ConfigurationError) -> String {
        let bytes = try FileBytes.read(path, limit: 65_536) { (status) throws(ConfigurationError) in
            let mode = status.st_mode & 0o777
            guard mode & 0o077 == 0 else {
                throw ConfigurationError(
                    file: path,
                    message: "holds a secret, but its mode is 0\(String(mode, radix: 8)): run \"chmod 600 \(path)\"")
            }
        }
        let line = bytes.prefix { $0 != 0x0A && $0 != 0x0D }
        let text = line.drop { $0 == 0x20 || $0 == 0x09 }.reversed().drop { $0 == 0x20 || $0 == 0x09 }.reversed()
        guard !text.isEmpty else { throw ConfigurationError(file: path, message: "is empty, but should hold a secret") }
        return String(decoding: Array(text), as: UTF8.self)
    }
}
