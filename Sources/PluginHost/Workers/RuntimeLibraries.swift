import CSandbox
import Glibc

/// Where Swift's own libraries are, which plugins need as well.
enum RuntimeLibraries {
    /// Folders; a toolchain's, or the one the gateway is installed with.
    static let folders: [String] = {
        var folders: [String] = []
        for symbol in ["swift_retain", "dispatch_main"] {
            var name = [CChar](repeating: 0, count: Int(PATH_MAX))
            guard csandbox_library_of(symbol, &name, name.count) == 0, let path = realpath(name, nil) else { continue }
            defer { free(path) }
            let file = String(cString: path)
            guard let slash = file.lastIndex(of: "/") else { continue }
            let folder = String(file[..<slash])
            if !folders.contains(folder) { folders.append(folder) }
        }
        return folders
    }()
}
