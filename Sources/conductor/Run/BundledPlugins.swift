import Glibc

/// Where the plugins are that come with the gateway.
enum BundledPlugins {
    /// Folders in which bundled plugins are: beside the executable (a build), and where `make install` puts them.
    static var folders: [String] {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let length = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        guard length > 0 else { return ["/usr/lib/conductor"] }
        let path = String(decoding: buffer.prefix(length).map(UInt8.init(bitPattern:)), as: UTF8.self)
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
        return [folder, folder + "/../lib/conductor"]
    }
}
