/// A private copy of a library, named by its content. The file itself is never opened by the loader: replacing it must
/// not change a running plugin.
struct LibraryCopy: Sendable {
    /// SHA-256 of the content.
    let digest: String
    let path: String

    /// Checks what the first bytes of the file say, and copies it.
    ///
    /// - Throws: a sentence that begins with the path.
    static func make(of path: String, in folder: String) throws(LoadFailure) -> LibraryCopy {
        do {
            let bytes = try PrivateFile.read(path)
            try ElfHeader.check(bytes)
            guard let digest = SHA256.hex(bytes) else { throw LoadFailure("libcrypto cannot make its SHA-256") }
            let copy = folder + "/" + digest + ".so"
            try PrivateFile.write(bytes, to: copy, in: folder)
            return LibraryCopy(digest: digest, path: copy)
        } catch {
            throw LoadFailure("\(path): \(error)")
        }
    }
}
