import Glibc

/// A child process with the signals of a program that a shell starts, and none of our descriptors to read or write.
struct SpawnedProcess: Sendable {
    let pid: pid_t

    /// Why it could not be started, in words.
    struct Failure: Error {
        let reason: String
    }

    /// Starts the program at `path`. What it prints goes nowhere; what it complains of goes to our standard error.
    ///
    /// - Parameter words: its name, then its arguments.
    init(_ path: String, _ words: [String]) throws(Failure) {
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
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { arguments.forEach { free($0) } }
        var process = pid_t()
        let result = posix_spawn(&process, path, &actions, &attributes, &arguments, environ)
        guard result == 0 else { throw Failure(reason: String(cString: strerror(result))) }
        pid = process
    }

    /// Its exit code, minus the signal's number where one ended it; nil where it has not ended within `limit`.
    func status(within limit: Duration) async -> Int32? {
        let deadline = ContinuousClock.now + limit
        while true {
            if let status = ended() { return status }
            guard ContinuousClock.now < deadline else { return nil }
            try? await Task.sleep(for: .milliseconds(10))
        }
    }

    /// Ends it and what it started, and takes its status, so that no zombie stays; by force when it does not go within two
    /// seconds.
    func stop() async {
        kill(-pid, SIGTERM)
        if await status(within: .seconds(2)) != nil { return }
        kill(-pid, SIGKILL)
        var status: Int32 = 0
        waitpid(pid, &status, 0)
    }

    private func ended() -> Int32? {
        var raw: Int32 = 0
        guard waitpid(pid, &raw, WNOHANG) != 0 else { return nil }
        return raw & 0x7F == 0 ? (raw >> 8) & 0xFF : -(raw & 0x7F)
    }
}
