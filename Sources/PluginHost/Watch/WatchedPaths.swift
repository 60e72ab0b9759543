import Glibc

/// Which names in which folders matter, for files that may be reached over links, and may not be there yet: each folder
/// on the way is watched for the next step.
struct WatchedPaths: Sendable, Equatable {
    /// What matters in one folder.
    struct Names: Sendable, Equatable {
        /// The next step of some path.
        var steps: Set<String> = []
        /// Files that are watched for being written.
        var files: Set<String> = []
        /// Everything that a folder of drop-ins is looked through for.
        var isDropIns = false
    }

    private(set) var folders: [String: Names] = [:]

    /// A folder of drop-ins, absolute.
    mutating func add(dropIns folder: String) {
        guard let real = walk(folder, isFile: false) else { return }
        folders[real, default: Names()].isDropIns = true
    }

    /// A file, absolute.
    mutating func add(file: String) {
        _ = walk(file, isFile: true)
    }

    /// - Returns: where the path leads; nil when something of it is missing.
    private mutating func walk(_ path: String, isFile: Bool) -> String? {
        var rest = path.split(separator: "/").map(String.init)
        var folder = ""
        // As many links as the kernel follows.
        var links = 40
        while !rest.isEmpty {
            let step = rest.removeFirst()
            if step == "." { continue }
            if step == ".." {
                folder = folder.lastIndex(of: "/").map { String(folder[..<$0]) } ?? ""
                continue
            }
            let key = folder.isEmpty ? "/" : folder
            folders[key, default: Names()].steps.insert(step)
            if isFile, rest.isEmpty { folders[key]?.files.insert(step) }
            let next = folder + "/" + step
            var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
            let length = readlink(next, &buffer, buffer.count)
            guard length > 0 else {
                guard access(next, F_OK) == 0 else { return nil }
                folder = next
                continue
            }
            links -= 1
            guard links > 0 else { return nil }
            let target = String(decoding: buffer.prefix(length).map(UInt8.init(bitPattern:)), as: UTF8.self)
            if target.hasPrefix("/") { folder = "" }
            rest = target.split(separator: "/").map(String.init) + rest
        }
        return folder.isEmpty ? "/" : folder
    }
}

extension WatchedPaths.Names {
    /// Whether something happened that is worth a look.
    func matter(_ name: String) -> Bool {
        if steps.contains(name) || files.contains(name) { return true }
        guard isDropIns else { return false }
        // Names with two dots are how whole folders of settings are switched at once: the files are links through them.
        if DropInFolder.isDropIn(name) || name.hasPrefix("..") { return true }
        return !name.hasPrefix(".") && (name.hasSuffix(".so") || ProgramFiles.interpreter(of: name) != nil)
    }

    func matterWhenWritten(_ name: String) -> Bool {
        files.contains(name) || isDropIns && matter(name)
    }
}
