import Glibc

/// The names in plugins.d that are meant.
enum DropInFolder {
    /// Names of the drop-ins in their order.
    ///
    /// - Throws: a sentence when the folder cannot be read.
    static func names(in folder: String) throws(LoadFailure) -> [String] {
        guard let names = read(folder) else {
            throw LoadFailure("the folder \(folder) cannot be read: \(String(cString: strerror(errno)))")
        }
        return names.filter(isDropIn).sorted()
    }

    /// Names of everything that is there; none when the folder cannot be read.
    static func all(in folder: String) -> [String] { (read(folder) ?? []).sorted() }

    private static func read(_ folder: String) -> [String]? {
        guard let directory = opendir(folder) else { return nil }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            names.append(
                withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
                })
        }
        return names
    }

    /// Editors' and package managers' leavings are none, nor is what was switched off by renaming.
    static func isDropIn(_ name: String) -> Bool {
        guard !name.hasPrefix("."), !name.hasSuffix("~"), !name.contains(".dpkg-"),
            ![".swp", ".tmp", ".part", ".disabled"].contains(where: name.hasSuffix)
        else { return false }
        return name.hasSuffix(".yaml") || name.hasSuffix(".yml")
    }
}
