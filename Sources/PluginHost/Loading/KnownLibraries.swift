import Glibc

/// What is known of libraries from earlier looks, those of earlier runs included: a start would else read, hash and try
/// all of them again, though hardly ever one has changed.
///
/// Kept in a file beside the copies, which nobody but the gateway writes. A file that says nothing costs time, no more.
struct KnownLibraries: Sendable {
    private struct Entry: Sendable {
        var stamp: FileStamp
        var digest: String
    }

    /// By path.
    private var entries: [String: Entry] = [:]
    /// Digests of what was loaded into this program and did it no harm.
    private(set) var harmless: Set<String> = []
    /// What the file says, as far as this value wrote it.
    private var written: String?

    /// SHA-256 of the file that had this stamp; nil when it is not known.
    func digest(of path: String, _ stamp: FileStamp) -> String? {
        entries[path].flatMap { $0.stamp == stamp ? $0.digest : nil }
    }

    mutating func learn(_ path: String, _ stamp: FileStamp, _ digest: String) {
        entries[path] = Entry(stamp: stamp, digest: digest)
    }

    mutating func learnHarmless(_ digest: String) {
        harmless.insert(digest)
    }

    /// Forgets files that no drop-in names any more, and what is harmless of none that is left.
    mutating func keep(_ paths: Set<String>) {
        entries = entries.filter { paths.contains($0.key) }
        let digests = Set(entries.values.map(\.digest))
        harmless.formIntersection(digests)
    }
}

// MARK: The file

extension KnownLibraries {
    private static func path(_ folder: String) -> String { folder + "/libraries" }

    /// This program: what did no harm to another one says nothing.
    private static var program: String { FileStamp("/proc/self/exe")?.text ?? "?" }

    /// Reads what an earlier run wrote; nothing when there is none, or it is no such file.
    init(in folder: String) {
        guard let bytes = try? PrivateFile.read(Self.path(folder)) else { return }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        let isOurs = lines.first.map { $0 == Self.program } ?? false
        for line in lines.dropFirst() {
            let words = line.split(separator: " ", maxSplits: 3).map(String.init)
            guard words.count == 4, words[1].utf8.count == 64, let stamp = FileStamp(text: words[0]) else { continue }
            entries[words[3]] = Entry(stamp: stamp, digest: words[1])
            if isOurs, words[2] == "harmless" { harmless.insert(words[1]) }
        }
    }

    /// Writes it for the next run, where it is not what was written last. Failing costs that one some time.
    ///
    /// - Parameter loading: libraries are about to be loaded: one that ends this process must be tried apart next time.
    mutating func write(in folder: String, loading: Bool) {
        let lines = entries.sorted { $0.key < $1.key }.filter { !$0.key.contains("\n") }.map { path, entry in
            let isHarmless = !loading && harmless.contains(entry.digest)
            return "\(entry.stamp.text) \(entry.digest) \(isHarmless ? "harmless" : "untried") \(path)\n"
        }
        let text = Self.program + "\n" + lines.joined()
        guard text != written else { return }
        do throws(LoadFailure) {
            try PrivateFile.replace(Array(text.utf8), at: Self.path(folder), in: folder)
            written = text
        } catch {
            // On a full disk, say. What the file said before may not stand: it trusts what is only about to be loaded.
            unlink(Self.path(folder))
            written = nil
        }
    }
}
