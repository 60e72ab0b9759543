import Glibc
import Settings

/// The files that an `exec:` drop-in stands on: its program, and what of its command are files.
struct ProgramFiles: Sendable {
    /// Where `conductor-worker` looks for programs.
    static let workerPath = "/usr/local/bin:/usr/bin:/bin"
    /// Ends of names that are programs of an interpreter's, and the interpreter.
    static let interpreters = [
        (end: ".py", program: "python3"), (end: ".sh", program: "sh"), (end: ".pl", program: "perl"),
        (end: ".rb", program: "ruby"), (end: ".js", program: "node"), (end: ".mjs", program: "node"),
        (end: ".lua", program: "lua"), (end: ".php", program: "php"),
    ]
    /// Contents above this are told apart by time and size.
    private static let contentLimit = 16 << 20

    let command: [String]
    /// The drop-in's, which programs work in.
    let folder: String
    private let isFenced: Bool
    private let user: UInt32?

    /// nil for a plugin that is a library.
    init?(_ dropIn: DropIn) {
        guard dropIn.plugin == DropIn.programs, case .mapping(let entries)? = dropIn.settings?.content else {
            return nil
        }
        func value(_ key: String) -> ConfigurationNode? { entries.first { $0.key == key }?.value }
        guard let words = try? value("command")?.list(), let folder = try? value("folder")?.string() else { return nil }
        command = words.compactMap { try? $0.string() }
        guard !command.isEmpty else { return nil }
        self.folder = folder
        isFenced = dropIn.isolation == .process
        user = isFenced ? WorkerLauncher.user(for: dropIn.name) : nil
    }

    /// Which of the interpreters runs such a file; nil when none does.
    static func interpreter(of name: String) -> String? { interpreters.first { name.hasSuffix($0.end) }?.program }

    /// The program where it is named by a path.
    var ownProgram: String? { command[0].contains("/") ? absolute(command[0]) : nil }

    /// The script that the program is to run, whether it is there or not: the first word that is no option, where it
    /// looks like one. What follows `-c`, `-e` or `-m` is no file.
    var script: String? {
        for word in command.dropFirst() {
            if ["-c", "-e", "-m"].contains(word) { return nil }
            if word.hasPrefix("-") { continue }
            return Self.interpreter(of: word) == nil ? nil : absolute(word)
        }
        return nil
    }

    /// The files of the command that are there, absolute, in its order; what the system's PATH finds is none of them.
    var present: [String] {
        var files = ownProgram.map { [$0] } ?? []
        for word in command.dropFirst() where !word.hasPrefix("-") { files.append(absolute(word)) }
        return files.filter { Self.mode($0).map { $0 & S_IFMT == S_IFREG } ?? false }
    }

    /// What is to be watched: those, and the ones that should be there.
    var watched: [String] { present + [ownProgram, script].compactMap { $0 } }

    /// Changes when a file of the command does.
    var stamp: String {
        present.map { path in
            guard let stamp = FileStamp(path) else { return path }
            let isSmall = stamp.size <= Self.contentLimit
            let digest = isSmall ? (try? PrivateFile.read(path)).flatMap { SHA256.hex($0) } : nil
            return "\(path) \(digest ?? "\(stamp)")"
        }.joined(separator: "\n")
    }

    /// Why it could not be started, with the cure: one sentence; nil when it could.
    var problem: String? {
        if Self.mode(folder).map({ $0 & S_IFMT != S_IFDIR }) ?? true { return "there is no folder \(folder)" }
        return programProblem ?? scriptProblem ?? accessProblem
    }

    private var programProblem: String? {
        let name = command[0]
        guard let path = ownProgram else {
            guard !folders.contains(where: { Self.isProgram($0 + "/" + name) }) else { return nil }
            let hint =
                Self.mode(folder + "/" + name) != nil
                ? "; write ./\(name) for the file in \(folder)" : "; install it, or write its whole path"
            return "there is no program \"\(name)\" in \(folders.joined(separator: ", "))" + hint
        }
        guard let mode = Self.mode(path) else { return "there is no program \(path)" }
        guard mode & S_IFMT == S_IFREG else { return "\(path) is no file" }
        guard mode & 0o111 != 0 else { return "\(path) is not executable: run `chmod +x \(path)`" }
        return nil
    }

    private var scriptProblem: String? {
        guard let script else { return nil }
        guard let mode = Self.mode(script) else { return "there is no file \(script)" }
        guard mode & S_IFMT == S_IFREG else { return "\(script) is no file" }
        return access(script, R_OK) == 0 ? nil : "\(script) cannot be read: \(String(cString: strerror(errno)))"
    }

    /// A worker of root's gateway has a user of its own, who is in no group and owns nothing.
    private var accessProblem: String? {
        guard let user else { return nil }
        for file in [folder + "/."] + present {
            guard let real = Self.real(file) else { continue }
            var path = ""
            for step in real.split(separator: "/") {
                path += "/" + step
                var status = stat()
                guard stat(path, &status) == 0 else { break }
                let isFolder = status.st_mode & S_IFMT == S_IFDIR
                let isRun = file == ownProgram && !isFolder
                guard Self.lacks(isFolder ? 0o1 : isRun ? 0o5 : 0o4, status, user) else { continue }
                let who = "the plugin's own user (\(user))"
                if !isFolder { return "\(who) may not read \(path): run `chmod o+r\(isRun ? "x" : "") \(path)`" }
                return "\(who) may not enter the folder \(path), which \(real) needs: run `chmod o+x \(path)`, or "
                    + "put drop-in and program into a folder that everybody may enter"
            }
        }
        return nil
    }

    private static func lacks(_ wanted: UInt32, _ status: stat, _ user: UInt32) -> Bool {
        let shift: UInt32 = status.st_uid == user ? 6 : status.st_gid == user ? 3 : 0
        return (status.st_mode >> shift) & wanted != wanted
    }

    private var folders: [String] {
        let path = isFenced ? Self.workerPath : getenv("PATH").map { String(cString: $0) } ?? Self.workerPath
        return path.split(separator: ":").map(String.init)
    }

    private func absolute(_ word: String) -> String {
        if word.hasPrefix("/") { return word }
        return folder + "/" + (word.hasPrefix("./") ? String(word.dropFirst(2)) : word)
    }

    private static func isProgram(_ path: String) -> Bool {
        mode(path).map { $0 & S_IFMT == S_IFREG && $0 & 0o111 != 0 } ?? false
    }

    private static func mode(_ path: String) -> UInt32? {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode : nil
    }

    static func real(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
