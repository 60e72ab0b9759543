import Glibc

/// The folder of a new plugin: made whole, or not at all.
struct NewPackage: Sendable {
    /// Absolute.
    let folder: String

    /// - Throws: when the folder is there already, cannot be written, or the SDK is needed and not found; nothing is left.
    func write(_ template: PluginTemplate) throws(CommandFailure) {
        let parent = String(folder[..<(folder.lastIndex(of: "/") ?? folder.startIndex)])
        guard access(folder, F_OK) != 0 else {
            throw CommandFailure(.failed, "\(folder) is there already: choose another name, or another --directory")
        }
        guard access(parent.isEmpty ? "/" : parent, W_OK | X_OK) == 0 else {
            throw CommandFailure(.failed, "cannot write in \(parent): \(String(cString: strerror(errno)))")
        }
        // Before anything is made.
        let sdk = template.language == .swift || template.language == .c ? try SDKFolder.find() : nil
        defer { sdk?.discard() }
        try make(folder)
        do {
            switch template.language {
            case .swift: try sdk?.copy(to: folder + "/sdk")
            case .c:
                try sdk?.copy(part: "Sources/CPluginABI/include", to: folder + "/include")
                // The Swift SDK's own, and no part of the contract.
                for name in ["conductor_sdk.h", "module.modulemap"] { unlink(folder + "/include/" + name) }
            case .python, .shell: break
            }
            for file in template.files(conductor: Self.executable) { try write(file) }
        } catch {
            _ = Tree.remove(folder)
            throw error
        }
    }

    private func write(_ file: PluginTemplate.File) throws(CommandFailure) {
        let path = folder + "/" + file.path
        let parts = file.path.split(separator: "/").dropLast()
        for count in parts.indices { try make(folder + "/" + parts[...count].joined(separator: "/")) }
        guard let stream = fopen(path, "wxe") else { throw failure(path) }
        let isWritten = fputs(file.text, stream) >= 0
        guard fclose(stream) == 0, isWritten else { throw failure(path) }
        if file.isProgram { chmod(path, 0o755) }
    }

    private func make(_ path: String) throws(CommandFailure) {
        guard mkdir(path, 0o777) == 0 || errno == EEXIST else { throw failure(path) }
    }

    private func failure(_ path: String) -> CommandFailure {
        CommandFailure(.failed, "cannot write \(path): \(String(cString: strerror(errno)))")
    }

    /// This program: what `make run` of the new package starts.
    static var executable: String {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let length = readlink("/proc/self/exe", &buffer, buffer.count)
        return length > 0 ? String(decoding: buffer[..<length], as: UTF8.self) : "conductor"
    }
}
