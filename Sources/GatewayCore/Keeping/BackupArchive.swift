internal import Glibc

/// The form of a backup: one POSIX tar file (ustar), so that any machine can open it without us.
enum BackupArchive {
    private static let block = 512
    private static let piece = 1 << 20

    /// Where one file lies in the archive.
    struct Entry: Sendable, Hashable {
        var name: String
        var offset: Int64
        var bytes: Int64
    }

    /// Writes `files`, each under the name given, mode 0600, and returns once all is on the disk.
    static func write(_ files: [(name: String, path: String)], to path: String, at seconds: Int64) throws(GatewayError)
    {
        let target = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard target >= 0 else { throw Files.failure(path) }
        defer { close(target) }
        for file in files {
            let source = open(file.path, O_RDONLY | O_CLOEXEC)
            guard source >= 0 else { throw Files.failure(file.path) }
            defer { close(source) }
            var status = stat()
            guard fstat(source, &status) == 0 else { throw Files.failure(file.path) }
            let bytes = Int64(status.st_size)
            try Files.write(header(file.name, bytes: bytes, at: seconds)[...], to: target, path)
            try copy(from: source, bytes, to: target, file.path, path)
            let rest = Int(bytes % Int64(block))
            if rest > 0 { try Files.write([UInt8](repeating: 0, count: block - rest)[...], to: target, path) }
        }
        try Files.write([UInt8](repeating: 0, count: 2 * block)[...], to: target, path)
        guard fsync(target) == 0 else { throw Files.failure(path) }
    }

    /// The files in an archive.
    ///
    /// - Throws: when it is none, or its end is missing.
    static func entries(of path: String) throws(GatewayError) -> [Entry] {
        let source = open(path, O_RDONLY | O_CLOEXEC)
        guard source >= 0 else { throw Files.failure(path) }
        defer { close(source) }
        let size = Files.size(path) ?? 0
        var entries: [Entry] = []
        var offset: Int64 = 0
        var head = [UInt8](repeating: 0, count: block)
        while true {
            guard pread(source, &head, block, Int(offset)) == block else {
                throw GatewayError(.invalid, "\(path) is not a whole backup: its end is missing")
            }
            if head.allSatisfy({ $0 == 0 }) { return entries }
            guard let entry = entry(head, at: offset + Int64(block)) else {
                throw GatewayError(.invalid, "\(path) is not a backup of conductor, or it is damaged")
            }
            guard entry.bytes <= size - entry.offset else {
                throw GatewayError(.invalid, "\(path) is not a whole backup: \(entry.name) is cut off")
            }
            entries.append(entry)
            offset = entry.offset + (entry.bytes + Int64(block) - 1) / Int64(block) * Int64(block)
        }
    }

    /// Copies one file out of the archive, mode 0600, durably.
    static func extract(_ entry: Entry, of archive: String, to path: String) throws(GatewayError) {
        let source = open(archive, O_RDONLY | O_CLOEXEC)
        guard source >= 0 else { throw Files.failure(archive) }
        defer { close(source) }
        guard lseek(source, Int(entry.offset), SEEK_SET) >= 0 else { throw Files.failure(archive) }
        let target = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard target >= 0 else { throw Files.failure(path) }
        defer { close(target) }
        try copy(from: source, entry.bytes, to: target, archive, path)
        guard fsync(target) == 0 else { throw Files.failure(path) }
    }

    /// A small file's octets.
    static func read(_ entry: Entry, of archive: String) throws(GatewayError) -> [UInt8] {
        let source = open(archive, O_RDONLY | O_CLOEXEC)
        guard source >= 0 else { throw Files.failure(archive) }
        defer { close(source) }
        var bytes = [UInt8](repeating: 0, count: Int(min(entry.bytes, Int64(piece))))
        let length = bytes.count
        guard pread(source, &bytes, length, Int(entry.offset)) == length else { throw Files.failure(archive) }
        return bytes
    }

    private static func copy(
        from source: Int32, _ bytes: Int64, to target: Int32, _ from: String, _ path: String
    ) throws(GatewayError) {
        var buffer = [UInt8](repeating: 0, count: piece)
        var left = bytes
        while left > 0 {
            let count = Glibc.read(source, &buffer, Int(min(left, Int64(piece))))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                throw count == 0 ? GatewayError(.unavailable, "\(from) ended early") : Files.failure(from)
            }
            try Files.write(buffer[..<count], to: target, path)
            left -= Int64(count)
        }
    }

    // MARK: POSIX.1-1988 §10.1.1, with GNU's base-256 sizes

    private static func header(_ name: String, bytes: Int64, at seconds: Int64) -> [UInt8] {
        var head = [UInt8](repeating: 0, count: block)
        func put(_ text: some Sequence<UInt8>, at offset: Int) {
            for (index, byte) in text.enumerated() { head[offset + index] = byte }
        }
        func octal(_ value: Int64, _ digits: Int) -> String {
            let text = String(max(value, 0), radix: 8)
            return String(repeating: "0", count: max(0, digits - text.count)) + text
        }
        put(name.utf8.prefix(99), at: 0)
        put("0000600".utf8, at: 100)
        put("0000000".utf8, at: 108)
        put("0000000".utf8, at: 116)
        if bytes < 1 << 33 {
            put(octal(bytes, 11).utf8, at: 124)
        } else {
            // Eight gibibytes and more do not fit into eleven octal digits.
            head[124] = 0x80
            for index in 0..<8 { head[128 + index] = UInt8(truncatingIfNeeded: bytes >> (56 - 8 * Int64(index))) }
        }
        put(octal(seconds, 11).utf8, at: 136)
        head[156] = UInt8(ascii: "0")
        put("ustar\u{0}00".utf8, at: 257)
        put(octal(checksum(head), 6).utf8, at: 148)
        head[155] = 0x20
        return head
    }

    private static func entry(_ head: [UInt8], at offset: Int64) -> Entry? {
        guard head[257..<262].elementsEqual("ustar".utf8), number(head[148..<156]) == checksum(head) else { return nil }
        let bytes: Int64?
        if head[124] == 0x80 {
            bytes = head[128..<136].reduce(0) { $0 << 8 | Int64($1) }
        } else {
            bytes = number(head[124..<136])
        }
        guard let bytes, bytes >= 0 else { return nil }
        return Entry(
            name: String(decoding: head[0..<100].prefix { $0 != 0 }, as: UTF8.self), offset: offset, bytes: bytes)
    }

    /// The sum of all octets, those of the sum itself taken as blanks.
    private static func checksum(_ head: [UInt8]) -> Int64 {
        head.enumerated().reduce(0) { $0 + ((148..<156).contains($1.offset) ? 0x20 : Int64($1.element)) }
    }

    private static func number(_ field: ArraySlice<UInt8>) -> Int64? {
        Int64(String(decoding: field.filter { (0x30...0x37).contains($0) }, as: UTF8.self), radix: 8)
    }
}
