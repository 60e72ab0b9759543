import Glibc

/// Which processes have a file open, from /proc. Other people's processes can be seen by root only.
enum OpenFiles {
    struct Holder: Sendable, Equatable {
        var process: Int32
        var name: String
    }

    /// By path; paths nobody is seen to hold are absent.
    static func holders(of paths: [String]) -> [String: [Holder]] {
        var found: [String: [Holder]] = [:]
        for process in processes() {
            let folder = "/proc/\(process)/fd"
            for descriptor in names(in: folder) {
                guard let target = link("\(folder)/\(descriptor)"), paths.contains(target) else { continue }
                let holder = Holder(process: process, name: name(of: process))
                if found[target]?.contains(holder) != true { found[target, default: []].append(holder) }
            }
        }
        return found
    }

    static func isRunning(_ name: String) -> Bool {
        processes().contains { self.name(of: $0) == name }
    }

    private static func processes() -> [Int32] {
        names(in: "/proc").compactMap { Int32($0) }
    }

    private static func names(in folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            names.append(
                withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
        }
        return names
    }

    private static func link(_ path: String) -> String? {
        var buffer = [CChar](repeating: 0, count: 512)
        let length = readlink(path, &buffer, buffer.count)
        return length > 0 ? String(decoding: buffer.prefix(length).map(UInt8.init(bitPattern:)), as: UTF8.self) : nil
    }

    private static func name(of process: Int32) -> String {
        guard let file = fopen("/proc/\(process)/comm", "re") else { return "" }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 64)
        guard fgets(&line, 64, file) != nil else { return "" }
        return String(decoding: line.prefix { $0 != 0 && $0 != 10 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
