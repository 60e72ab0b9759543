import Glibc

/// What changes when a file's content does: asked instead of reading a library of megabytes at every look.
struct FileStamp: Sendable, Hashable {
    private var numbers: [Int64]
    /// Bytes.
    var size: Int64 { numbers[2] }

    /// nil when there is no such file.
    init?(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        numbers = [
            Int64(bitPattern: UInt64(status.st_dev)), Int64(bitPattern: UInt64(status.st_ino)), Int64(status.st_size),
            Int64(status.st_mtim.tv_sec), Int64(status.st_mtim.tv_nsec), Int64(status.st_ctim.tv_sec),
            Int64(status.st_ctim.tv_nsec),
        ]
    }

    /// - Parameter text: what `text` said.
    init?(text: String) {
        numbers = text.split(separator: ".").compactMap { Int64($0) }
        guard numbers.count == 7 else { return nil }
    }

    /// One word.
    var text: String { numbers.map(String.init).joined(separator: ".") }
}
