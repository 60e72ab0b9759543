/// A private copy of a library, named by its content. The file itself is never opened by the loader: replacing it must
/// not change a running plugin.
struct LibraryCopy: Sendable {
    /// SHA-256 of the content.
    let digest: String
    let path: String

    /// The copy that an earlier look made of a file of `size` bytes; nil when it is gone.
    init?(digest: String, size: Int64, in folder: String) {
        let path = Self.path(digest, in: folder)
        guard PrivateFile.has(path, size: Int(size)) else { return nil }
        (self.digest, self.path) = (digest, path)
    }

    private init(digest: String, path: String) {
        (self.digest, self.path) = (digest, path)
    }

    private static func path(_ digest: String, in folder: String) -> String { folder + "/" + digest + ".so" }

    /// Checks what the first bytes of the file say, and copies it.
    ///
    /// - Throws: a sentence that begins with the path.
    static func make(of path: String, in folder: String) throws(LoadFailure) -> LibraryCopy {
        do {
            let bytes = try PrivateFile.read(path)
            try ElfHeader.check(bytes)
            guard let digest = SHA256.hex(bytes) else { throw LoadFailure("libcrypto cannot make its SHA-256") }
            let copy = Self.path(digest, in: folder)
            try PrivateFile.write(bytes, to: copy, in: folder)
            return LibraryCopy(digest: digest, path: copy)
        } catch {
            throw LoadFailure("\(path): \(error)")
        }
    }
}
