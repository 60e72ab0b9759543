import CPluginABI
import Glibc

extension PluginHost {
    /// Says what a file is, and whether this host would load it. Its entry function runs, and nothing else of it: in a
    /// worker, so that it cannot take this process with it.
    ///
    /// - Parameter workerPath: `conductor-worker`; without one, this process opens the file itself.
    @concurrent
    public static func check(
        _ path: String, workerPath: String? = Configuration.usualWorkerPath
    ) async -> PluginCheck {
        var check = PluginCheck(path: path, problem: nil)
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
            if let bytes = try? PrivateFile.read(path), let words = FileKind.program(path, bytes) {
                throw LoadFailure("\(path): \(words)")
            }
            let copy = try LibraryCopy.make(of: path, in: folder).path
            let found: WorkerReady
            if let workerPath {
                let launcher = WorkerLauncher(program: workerPath, dataFolder: folder, baseFolder: folder)
                found = try await launcher.probe(copy, from: path)
            } else {
                found = WorkerReady(try PluginLibrary.open(copy, from: path, anyToolchain: true), warnings: [])
            }
            check.id = found.id
            check.name = found.name
            check.version = found.version
            check.abi = found.abi
            check.toolchain = found.toolchain
            check.capabilities = found.offers
            check.isOtherToolchain = PluginLibrary.toolchainProblem(found.toolchain) != nil
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
