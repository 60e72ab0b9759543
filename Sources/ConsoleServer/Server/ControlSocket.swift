import Glibc

/// The rules of the control socket (DESIGN.md, decision 14): where it may be, whose it is, when one may be replaced.
public enum ControlSocket {
    /// `sun_path` holds 108 bytes, the last of them zero.
    public static let longestPath = 107

    /// Makes sure that a socket can be bound at `path`: makes its folder (0750), refuses a path that is too long and
    /// one on which somebody answers. A socket nobody answers on is left for the bind to replace.
    public static func prepare(_ path: String) throws(ServerError) {
        try checkLength(path)
        let folder = Self.folder(of: path)
        if mkdir(folder, 0o750) != 0, errno != EEXIST {
            throw ServerError(.system, "cannot make the folder \(folder): \(reason(errno))")
        }
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw ServerError(.system, "\(path) exists and is not a socket: move it away")
        }
        switch Self.holder(of: path) {
        case .nobody: return
        case .process(let id, let name):
            throw ServerError(
                .inUse,
                "another gateway (process \(id)\(name.map { ", \($0)" } ?? "")) already runs on \(path): "
                    + "stop it, or give this one a state folder of its own with --state")
        case .unknown(let why):
            throw ServerError(.system, "cannot tell whether a gateway answers on \(path): \(why)")
        }
    }

    /// - Throws: `.pathTooLong`, in words.
    public static func checkLength(_ path: String) throws(ServerError) {
        guard path.utf8.count > longestPath else { return }
        throw ServerError(
            .pathTooLong,
            "the socket's path has \(path.utf8.count) bytes and may have \(longestPath): "
                + "choose a state folder with a shorter path (\(path))")
    }

    /// Who answers on a socket.
    public enum Holder: Sendable, Hashable {
        case nobody
        case process(Int32, name: String?)
        case unknown(String)
    }

    /// Connects and asks the kernel who listens. Blocks for no longer than the kernel needs.
    public static func holder(of path: String) -> Holder {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return .unknown(reason(errno)) }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { bytes in
            bytes.copyBytes(from: path.utf8.prefix(longestPath))
        }
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard connected == 0 else {
            return errno == ECONNREFUSED || errno == ENOENT ? .nobody : .unknown(reason(errno))
        }
        // struct ucred: pid, uid, gid.
        var credentials: (pid: Int32, uid: UInt32, gid: UInt32) = (0, 0, 0)
        var length = socklen_t(12)
        guard getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &length) == 0 else {
            return .unknown(reason(errno))
        }
        return .process(credentials.pid, name: processName(credentials.pid))
    }

    /// The folder a path is in; `.` for a bare name.
    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    static func reason(_ number: Int32) -> String {
        String(cString: strerror(number))
    }

    private static func processName(_ id: Int32) -> String? {
        guard let file = fopen("/proc/\(id)/comm", "re") else { return nil }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 64)
        guard fgets(&line, 64, file) != nil else { return nil }
        let name = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        return name.isEmpty ? nil : String(name.prefix { !$0.isNewline })
    }
}
