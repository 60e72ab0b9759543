/// What a file is that is no library, for those who thought it was.
enum FileKind {
    private static let starts: [(bytes: [UInt8], words: String)] = [
        ([0xCF, 0xFA, 0xED, 0xFE], "it is a library or program of macOS; this host needs one of Linux (ELF)"),
        ([0xCA, 0xFE, 0xBA, 0xBE], "it is a library or program of macOS; this host needs one of Linux (ELF)"),
        ([0x4D, 0x5A], "it is a library or program of Windows; this host needs one of Linux (ELF)"),
        (Array("!<arch>\n".utf8), "it is an archive of object files (.a), not a shared library: link it with -shared"),
        ([0x50, 0x4B, 0x03, 0x04], "it is a ZIP archive, not a shared library: unpack it first"),
        ([0x1F, 0x8B], "it is compressed (gzip), not a shared library: unpack it first"),
    ]

    /// Why bytes without an ELF header are no plugin.
    static func words(_ bytes: [UInt8]) -> String {
        if bytes.isEmpty { return "it is empty" }
        if let known = starts.first(where: { bytes.starts(with: $0.bytes) }) { return known.words }
        let isText = bytes.prefix(4096).allSatisfy { $0 >= 0x20 && $0 != 0x7F || [0x09, 0x0A, 0x0D].contains($0) }
        return isText ? "it is a text file, no shared library" : "it is no shared library (no ELF header)"
    }

    /// For a script: the drop-in that runs it; nil for anything else.
    static func program(_ path: String, _ bytes: [UInt8]) -> String? {
        let hasMark = bytes.starts(with: [0x23, 0x21])
        let name = String(path.split(separator: "/").last ?? "")
        guard hasMark || ProgramFiles.interpreter(of: name) != nil, !bytes.starts(with: [0x7F, 0x45, 0x4C, 0x46]) else {
            return nil
        }
        let line = ProgramFiles.interpreter(of: name) == nil ? "exec: [./\(name)]" : UnnamedLibraries.line(for: name)
        return "it is a program, not a library: put it into plugins.d and write this drop-in beside it, "
            + "\(UnnamedLibraries.dropIn(for: name)): \(line)"
    }
}
