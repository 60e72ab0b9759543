import Glibc

/// Serial ports that USB modems make, as the kernel names them.
enum AttachedModems {
    /// `/dev/ttyUSB0`, `/dev/ttyACM0`, …, sorted. Read from sysfs: one that cannot be opened is there all the same.
    static func ports(sysfs: String = "/sys/class/tty") -> [String] {
        guard let folder = opendir(sysfs) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasPrefix("ttyUSB") || name.hasPrefix("ttyACM") { names.append(name) }
        }
        return names.sorted().map { "/dev/\($0)" }
    }
}
