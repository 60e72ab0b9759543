import Glibc

/// The names in plugins.d that are meant.
enum DropInFolder {
    /// Names of the drop-ins in their order.
    ///
    /// - Throws: a sentence when the folder cannot be read.
    static func names(in folder: String) throws(LoadFailure) -> [String] {
        guard let directory = opendir(folder) else {
            throw LoadFailure("the folder \(folder) cannot be read: \(String(cString: strerror(errno)))")
        }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if isDropIn(name) { names.append(name) }
        }
        return names.sorted()
    }

    /// Editors' and package managers' leavings are none, nor is what was switched off by renaming.
    static func isDropIn(_ name: String) -> Bool {
        guard !name.hasPrefix("."), !name.hasSuffix("~"), !name.contains(".dpkg-"),
            ![".swp", ".tmp", ".part", ".disabled"].contains(where: name.hasSuffix)
        else { return false }
        return name.hasSuffix(".yaml") || name.hasSuffix(".yml")
    }
}
