import CPluginABI
import Glibc

extension PluginHost {
    /// Says what a file is, and whether this host would load it. Its entry function runs, and nothing else of it.
    public static func check(_ path: String) -> PluginCheck {
        var check = PluginCheck(
            path: path, problem: nil, id: nil, name: nil, version: nil, abi: nil, toolchain: nil, capabilities: [])
        var template = Array("\(temporaryFolder)/conductor-check-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            check.problem = "no temporary folder can be made: \(String(cString: strerror(errno)))"
            return check
        }
        let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer {
            PrivateFile.sweep(folder, keeping: [])
            rmdir(folder)
        }
        do throws(LoadFailure) {
            let library = try PluginLibrary.open(LibraryCopy.make(of: path, in: folder).path, from: path)
            check.id = library.id
            check.name = library.name
            check.version = library.version
            check.abi = "\(library.descriptor.prefix.abi_major).\(library.descriptor.prefix.abi_minor)"
            check.toolchain = library.toolchain
            check.capabilities = library.capabilities
        } catch {
            check.problem = error.description
        }
        return check
    }

    private static var temporaryFolder: String {
        getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    }
}

extension PluginHost.Configuration {
    /// The library that a drop-in's `plugin` means: a path (relative ones from plugins.d), or the name of a bundled one.
    func locate(_ plugin: String) throws(LoadFailure) -> String {
        if plugin.hasPrefix("/") { return plugin }
        if plugin.contains("/") || plugin.hasSuffix(".so") { return pluginsFolder + "/" + plugin }
        let fileName = "libconductor-\(plugin).so"
        for folder in searchPath where access(folder + "/" + fileName, F_OK) == 0 { return folder + "/" + fileName }
        throw LoadFailure(
            "there is no plugin \"\(plugin)\": no \(fileName) in \(searchPath.joined(separator: ", "))")
    }
}
