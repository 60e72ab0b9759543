import CSandbox
import Glibc

/// What a worker may still do once its fence is up: all that its drop-in granted, and what any program needs to run.
struct Fence: Sendable, Hashable {
    /// Files, and folders with all below them, beside those of every plugin.
    var read: [String] = []
    var write: [String] = []
    /// Programs that may be started beside the system's.
    var execute: [String] = []
    /// Sockets of IPv4 and IPv6, and the files that names are looked up with.
    var network = false
    /// It may start programs of the system: what `exec:` plugins need.
    var programs = false
    /// The identity it takes when the host is root's; nil keeps the host's.
    var user: UInt32?
    /// Memory of its own, bytes.
    var memoryLimit: UInt64 = 4 << 30
    /// Its own folder, the only one it can write to without a grant.
    var dataFolder: String?

    /// A sanitizer's shadow is larger than any memory: what it maps must not be limited.
    private static let isSanitized = ["__asan_init", "__tsan_init"]
        .contains { (name: String) in dlsym(nil, name) != nil }

    /// Where programs of the system and their libraries are.
    private static let libraries = ["/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache"]
    /// All of /proc: libdispatch ends a process whose threads' `/proc/TID/stat` cannot be opened. What is private to other
    /// processes (environ, mem, maps, fd) Landlock keeps from a process that may not trace them.
    private static let facts = [
        "/usr/share/zoneinfo", "/etc/localtime", "/etc/timezone", "/proc", "/sys/devices/system/cpu",
        "/sys/kernel/mm/transparent_hugepage", "/dev/zero", "/dev/urandom", "/dev/random", "/usr/lib/locale",
        "/usr/share/locale",
    ]
    private static let names = [
        "/etc/resolv.conf", "/run/systemd/resolve", "/etc/hosts", "/etc/host.conf", "/etc/nsswitch.conf",
        "/etc/gai.conf", "/etc/services", "/etc/protocols", "/etc/ssl", "/etc/pki", "/etc/ca-certificates",
        "/usr/share/ca-certificates", "/usr/local/share/ca-certificates",
    ]
    private static let programFolders = ["/usr", "/bin", "/sbin", "/lib", "/lib64"]
    private static let programFacts = [
        "/etc/alternatives", "/etc/passwd", "/etc/group", "/etc/python3", "/etc/profile",
    ]

    /// Puts the fence up around this process, which must still have one thread. There is no way back.
    ///
    /// - Parameter library: stays readable.
    /// - Returns: sentences about what this kernel could not do.
    /// - Throws: why the fence does not stand; the process must end then.
    func enclose(library: String, runtime: [String]) throws(LoadFailure) -> [String] {
        var warnings: [String] = []
        var limits = csandbox_limits(
            descriptors: 1024, data_bytes: Self.isSanitized ? 0 : memoryLimit, file_bytes: 16 << 30)
        try check(csandbox_limit(&limits), "limits")
        if let user { try check(csandbox_become(user, user), "another identity") }
        let revision = enclose(paths(library: library, runtime: runtime))
        if revision < 0 {
            guard revision == -ENOSYS || revision == -EOPNOTSUPP else { throw failure(revision, "Landlock") }
            warnings.append(
                "this kernel has no Landlock, so files are not fenced: the plugin reads what its user can read")
        } else if revision < 3 {
            warnings.append("this kernel's Landlock is of revision \(revision): signals and TCP are left to the filter")
        }
        let allowed = UInt32((network ? CSANDBOX_NETWORK : 0) | (programs ? CSANDBOX_PROGRAMS : 0))
        try check(csandbox_filter(allowed), "the filter of system calls")
        return warnings
    }

    private func paths(library: String, runtime: [String]) -> [(String, Int)] {
        let readable = CSANDBOX_READ
        let writable = readable | CSANDBOX_WRITE
        var list: [(String, Int)] = []
        for paths in [Self.libraries, Self.facts, runtime, [library], read] { list += paths.map { ($0, readable) } }
        for path in write + ["/dev/null", "/dev/full"] { list.append((path, writable)) }
        if let dataFolder { list.append((dataFolder, writable)) }
        if network { list += Self.names.map { ($0, readable) } }
        if programs {
            list += execute.map { ($0, readable | CSANDBOX_EXECUTE) }
            list += Self.programFolders.map { ($0, readable | CSANDBOX_EXECUTE) }
            list += Self.programFacts.map { ($0, readable) }
        }
        return list
    }

    private func enclose(_ paths: [(String, Int)]) -> Int32 {
        let texts = paths.map { strdup($0.0) }
        defer { texts.forEach { free($0) } }
        var rules: [csandbox_path] = []
        for (text, (_, access)) in zip(texts, paths) {
            guard let text else { return -ENOMEM }
            rules.append(csandbox_path(path: text, access: UInt32(access), reserved: 0))
        }
        return csandbox_landlock(rules, rules.count, network ? 1 : 0)
    }

    private func check(_ result: Int32, _ what: String) throws(LoadFailure) {
        guard result >= 0 else { throw failure(result, what) }
    }

    private func failure(_ result: Int32, _ what: String) -> LoadFailure {
        LoadFailure("the fence does not stand (\(what)): \(String(cString: strerror(-result)))")
    }
}

extension Fence: WireValue {
    func write(to wire: inout WireWriter) {
        read.write(to: &wire)
        write.write(to: &wire)
        execute.write(to: &wire)
        network.write(to: &wire)
        programs.write(to: &wire)
        user.write(to: &wire)
        memoryLimit.write(to: &wire)
        dataFolder.write(to: &wire)
    }
    init(from wire: inout WireReader) throws(WireError) {
        self.init(
            read: try wire.value(), write: try wire.value(), execute: try wire.value(), network: try wire.value(),
            programs: try wire.value(),
            user: try wire.value(), memoryLimit: try wire.value(), dataFolder: try wire.value())
    }
}
