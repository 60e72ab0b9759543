import Glibc
import PluginKit

/// The system as the doctor sees it. Tests give it another root folder, another user and other answers.
struct Machine: Sendable {
    /// One file system.
    struct Disk: Sendable {
        var freeBytes: UInt64
        var freeInodes: UInt64
        /// 0 where the file system does not count them.
        var inodes: UInt64
        var isReadOnly = false
    }

    struct FileFacts: Sendable {
        var mode: UInt32
        var user: UInt32
        var group: UInt32
        var bytes: Int64
        /// Unix seconds.
        var changed: Int64
        var isFolder: Bool
    }

    struct Process: Sendable, Equatable {
        var id: Int32
        var name: String
    }

    /// Stands before every absolute path; empty on the real machine.
    var root = ""
    var user = geteuid()
    var groups: Set<UInt32> = Self.ownGroups
    var now = HumanTime.now
    /// When this program was built.
    var built = Self.buildTime
    var disk: @Sendable (String) -> Disk? = { Self.disk(of: $0) }
    /// What a program prints; nil when it is not there or fails.
    var output: @Sendable ([String]) -> String? = { Self.run($0) }

    func exists(_ path: String) -> Bool { access(root + path, F_OK) == 0 }

    func text(_ path: String) -> String? {
        guard let file = fopen(root + path, "re") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }

    func facts(_ path: String) -> FileFacts? {
        var status = stat()
        guard stat(root + path, &status) == 0 else { return nil }
        return FileFacts(
            mode: status.st_mode & 0o7777, user: status.st_uid, group: status.st_gid, bytes: Int64(status.st_size),
            changed: Int64(status.st_mtim.tv_sec), isFolder: status.st_mode & S_IFMT == S_IFDIR)
    }

    func names(in folder: String) -> [String] {
        guard let stream = opendir(root + folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Whether this user may read and write it, by owner, group and mode.
    func mayUse(_ facts: FileFacts) -> Bool {
        if user == 0 { return true }
        if facts.user == user { return facts.mode & 0o600 == 0o600 }
        if groups.contains(facts.group) { return facts.mode & 0o060 == 0o060 }
        return facts.mode & 0o006 == 0o006
    }

    func groupName(_ id: UInt32) -> String {
        for line in (text("/etc/group") ?? "").split(separator: "\n") {
            let fields = line.split(separator: ":", omittingEmptySubsequences: false)
            if fields.count > 2, UInt32(fields[2]) == id { return String(fields[0]) }
        }
        return "\(id)"
    }

    func userName(_ id: UInt32) -> String {
        for line in (text("/etc/passwd") ?? "").split(separator: "\n") {
            let fields = line.split(separator: ":", omittingEmptySubsequences: false)
            if fields.count > 2, UInt32(fields[2]) == id { return String(fields[0]) }
        }
        return "\(id)"
    }

    /// The kind of file system a path is on, as `ext4`; nil when it is not known.
    func fileSystem(of path: String) -> String? {
        var best: (length: Int, kind: String)?
        for line in (text("/proc/mounts") ?? "").split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count > 2 else { continue }
            // Blanks in a path are written as octal escapes.
            let place = fields[1].replacing("\\040", with: " ")
            let prefix = place == "/" ? "/" : place + "/"
            guard path == place || path.hasPrefix(prefix), place.utf8.count >= best?.length ?? 0 else { continue }
            best = (place.utf8.count, String(fields[2]))
        }
        return best?.kind
    }

    /// Ports that USB modems make.
    var ports: [String] { AttachedModems.ports(sysfs: root + "/sys/class/tty") }

    var processes: [Process] {
        names(in: "/proc").compactMap { Int32($0) }.map { id in
            let name = text("/proc/\(id)/comm")?.split(separator: "\n").first
            return Process(id: id, name: name.map(String.init) ?? "")
        }
    }

    /// Who has a file open, as far as this user may see.
    func holders(of path: String) -> [Process] {
        processes.filter { process in
            names(in: "/proc/\(process.id)/fd").contains { link("/proc/\(process.id)/fd/\($0)") == path }
        }
    }

    private func link(_ path: String) -> String? {
        var buffer = [CChar](repeating: 0, count: 512)
        let length = readlink(root + path, &buffer, buffer.count)
        return length > 0 ? String(decoding: buffer.prefix(length).map(UInt8.init(bitPattern:)), as: UTF8.self) : nil
    }

    // MARK: The real one

    private static var ownGroups: Set<UInt32> {
        var list = [gid_t](repeating: 0, count: 256)
        let count = getgroups(256, &list)
        return Set(list.prefix(max(0, Int(count)))).union([getegid()])
    }

    private static var buildTime: Timestamp {
        var status = stat()
        guard stat("/proc/self/exe", &status) == 0 else { return Timestamp(milliseconds: 0) }
        return Timestamp(milliseconds: Int64(status.st_mtim.tv_sec) * 1_000)
    }

    private static func disk(of path: String) -> Disk? {
        var volume = statvfs()
        guard statvfs(path, &volume) == 0 else { return nil }
        return Disk(
            freeBytes: UInt64(volume.f_bavail) * UInt64(volume.f_frsize), freeInodes: UInt64(volume.f_favail),
            inodes: UInt64(volume.f_files), isReadOnly: volume.f_flag & 1 != 0)
    }

    private static func run(_ words: [String]) -> String? {
        let quoted = words.map { "'\($0)'" }.joined(separator: " ")
        guard let pipe = popen("timeout 5 \(quoted) 2>/dev/null", "re") else { return nil }
        var bytes = [UInt8](repeating: 0, count: 4_096)
        let count = fread(&bytes, 1, bytes.count, pipe)
        guard pclose(pipe) == 0 else { return nil }
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }
}
