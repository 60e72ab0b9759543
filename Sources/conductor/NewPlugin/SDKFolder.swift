import Glibc

/// The plugin SDK on this machine.
struct SDKFolder: Sendable {
    let path: String
    /// Was generated just now, and is removed by `discard`.
    private let isTemporary: Bool

    /// `$CONDUCTOR_SDK`, else beside an installed program (`make install`), else made from the checkout that this program
    /// was built in.
    static func find() throws(CommandFailure) -> SDKFolder {
        if let given = getenv("CONDUCTOR_SDK").map({ String(cString: $0) }) {
            guard isOne(given) else {
                throw CommandFailure(
                    .failed, "CONDUCTOR_SDK names \(given), which is no SDK (`make sdk DEST=…` makes one)")
            }
            return SDKFolder(path: given, isTemporary: false)
        }
        var folder = NewPackage.executable
        while let slash = folder.lastIndex(of: "/"), slash > folder.startIndex {
            folder = String(folder[..<slash])
            let installed = folder + "/share/conductor/sdk"
            if isOne(installed) { return SDKFolder(path: installed, isTemporary: false) }
            if access(folder + "/scripts/sdk.sh", X_OK) == 0 { return try generated(by: folder + "/scripts/sdk.sh") }
        }
        throw CommandFailure(
            .failed, "the plugin SDK is not beside this program: set CONDUCTOR_SDK to the folder that `make sdk` made")
    }

    private static func isOne(_ path: String) -> Bool {
        access(path + "/Sources/PluginKit", F_OK) == 0 && access(path + "/Package.swift", F_OK) == 0
    }

    private static func generated(by script: String) throws(CommandFailure) -> SDKFolder {
        var template = Array(
            "\(getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp")/conductor-sdk-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw CommandFailure(.failed, "no temporary folder can be made: \(String(cString: strerror(errno)))")
        }
        let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard Tree.run([script, folder]) == 0 else {
            _ = Tree.remove(folder)
            throw CommandFailure(.failed, "\(script) could not make the SDK")
        }
        return SDKFolder(path: folder, isTemporary: true)
    }

    /// Removes what was generated for this use.
    func discard() {
        if isTemporary { _ = Tree.remove(path) }
    }

    /// Copies the whole SDK, or one folder of it, to a path that is not there yet.
    func copy(part: String? = nil, to target: String) throws(CommandFailure) {
        let source = part.map { path + "/" + $0 } ?? path
        let status = Tree.run(["cp", "-R", source, target])
        guard status == 0 else { throw CommandFailure(.failed, "the SDK cannot be copied from \(source) to \(target)") }
    }
}

/// Folders with all that is in them.
enum Tree {
    /// True when it is gone.
    static func remove(_ path: String) -> Bool { run(["rm", "-rf", path]) == 0 }

    /// Runs a program of the system to its end; its messages go to standard error. -1 when it cannot be started.
    static func run(_ words: [String]) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO)
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { arguments.forEach { free($0) } }
        var process = pid_t()
        guard posix_spawnp(&process, words[0], &actions, nil, &arguments, environ) == 0 else { return -1 }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 {
            if errno != EINTR { return -1 }
        }
        return status & 0x7F == 0 ? (status >> 8) & 0xFF : -1
    }
}
