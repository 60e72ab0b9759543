import Glibc

/// The folder a gateway keeps everything in, and the rule that simulated texts never meet real ones
/// (DESIGN.md, decision 8).
struct StateFolder: Sendable {
    /// Absolute.
    let path: String

    /// Marks a folder that only ever held simulated texts.
    static let mark = ".simulated"

    init(_ path: String) throws(CommandFailure) {
        self.path = try Self.absolute(path)
    }

    /// Makes the folder and what is above it; 0750.
    func make() throws(CommandFailure) {
        var built = ""
        for part in path.split(separator: "/") {
            built += "/" + part
            if mkdir(built, 0o750) != 0, errno != EEXIST, errno != EISDIR {
                let reason = String(cString: strerror(errno))
                throw CommandFailure(
                    .failed, "cannot make the state folder \(built): \(reason); give another one with --state")
            }
        }
        guard access(path, R_OK | W_OK | X_OK) == 0 else {
            throw CommandFailure(
                .failed, "cannot write in the state folder \(path): chown it to the gateway's user, or use --state")
        }
    }

    /// Whether the folder may hold simulated texts: it is marked, or holds nothing but drop-ins.
    var isThrowaway: Bool { isMarked || entries.allSatisfy { $0 == "plugins.d" } }

    var isMarked: Bool { access(path + "/" + Self.mark, F_OK) == 0 }

    func setMark() throws(CommandFailure) {
        guard let file = fopen(path + "/" + Self.mark, "we") else {
            throw CommandFailure(.failed, "cannot write \(path)/\(Self.mark): \(String(cString: strerror(errno)))")
        }
        fputs("Holds texts of simulated modems only. Remove the folder to begin anew.\n", file)
        fclose(file)
    }

    private var entries: [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    static func absolute(_ path: String) throws(CommandFailure) -> String {
        if path.hasPrefix("/") { return path }
        guard let raw = getcwd(nil, 0) else { throw CommandFailure(.failed, "the current folder is gone") }
        defer { free(raw) }
        let base = String(cString: raw)
        let rest = path.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
        return rest.isEmpty ? base : base + "/" + rest
    }
}
