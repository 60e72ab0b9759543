import Glibc

/// `conductor simulate` as a child process: simulated modems end with the gateway, and a crash of one is not the other's.
struct SimulatorProcess: Sendable {
    let modems: Int
    /// Folder with the links modem0, modem1, …
    let links: String

    var ports: [String] {
        (0..<modems).map { "\(links)/modem\($0)" }
    }

    /// Starts it. Its events go nowhere; what it complains of goes to standard error.
    ///
    /// - Returns: the process, to be given to `stop`.
    func start() throws(CommandFailure) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // The gateway ignores the signals that should end the child; a group of its own keeps Ctrl-C from it, so that
        // the gateway can drain.
        var defaults = sigset_t()
        sigemptyset(&defaults)
        for number in [SIGTERM, SIGINT, SIGHUP, SIGPIPE] { sigaddset(&defaults, number) }
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        // The threads of the pool block most signals, and a child would inherit that.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP))
        let words = [
            "conductor", "simulate", "--modems", String(modems), "--link", links, "--demo", "--die-with-parent",
        ]
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { arguments.forEach { free($0) } }
        var process = pid_t()
        let result = posix_spawn(&process, "/proc/self/exe", &actions, &attributes, &arguments, environ)
        guard result == 0 else {
            throw CommandFailure(.failed, "cannot start `conductor simulate`: \(String(cString: strerror(result)))")
        }
        return process
    }

    /// Ends the child and takes its status, so that no zombie stays; by force when it does not go within two seconds.
    static func stop(_ process: pid_t) async {
        kill(process, SIGTERM)
        var status: Int32 = 0
        for _ in 0..<200 {
            if waitpid(process, &status, WNOHANG) != 0 { return }
            try? await Task.sleep(for: .milliseconds(10))
        }
        kill(process, SIGKILL)
        waitpid(process, &status, 0)
    }
}
