import CSandbox
import Glibc
import Synchronization

/// One process of `conductor-worker`, from its start until it is reaped.
///
/// Safety: the pidfd is closed by `reap` under the Mutex, after which nothing uses it.
final class WorkerProcess: @unchecked Sendable {
    let pid: Int32
    /// Our end of its socket; belongs to whoever reads it.
    let socket: Int32
    /// What it writes to its standard output and error; belongs to whoever reads it.
    let output: Int32
    let pidfd: Int32
    private let isReaped = Mutex(false)

    private init(pid: Int32, pidfd: Int32, socket: Int32, output: Int32) {
        self.pid = pid
        self.pidfd = pidfd
        self.socket = socket
        self.output = output
    }

    /// Starts a worker on the calling thread, which must not end before the worker does.
    ///
    /// - Parameter environment: `NAME=VALUE`, all of it.
    static func spawn(_ program: String, environment: [String]) throws(LoadFailure) -> WorkerProcess {
        var pair: [Int32] = [-1, -1]
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, type, 0, &pair) == 0 else { throw failure("a socket", errno) }
        var pipe: [Int32] = [-1, -1]
        guard Glibc.pipe(&pipe) == 0 else {
            let error = errno
            pair.forEach { close($0) }
            throw failure("a pipe", error)
        }
        pipe.forEach { _ = fcntl($0, F_SETFD, FD_CLOEXEC) }
        let arguments = cStrings(["conductor-worker"])
        let variables = cStrings(environment)
        defer {
            for text in arguments + variables { free(text) }
            close(pair[1])
            close(pipe[1])
        }
        var (pid, pidfd): (pid_t, Int32) = (0, -1)
        let result = csandbox_spawn(program, arguments, variables, pair[1], pipe[1], &pid, &pidfd)
        guard result == 0 else {
            close(pair[0])
            close(pipe[0])
            throw failure("the program \(program)", -result)
        }
        return WorkerProcess(pid: pid, pidfd: pidfd, socket: pair[0], output: pipe[0])
    }

    /// Ends it and its children now. Any thread.
    func kill() {
        // Under the lock, so that the number is not another process's by then.
        isReaped.withLock { isReaped in
            if !isReaped { _ = csandbox_kill(pid, pidfd) }
        }
    }

    /// Kills what is left and waits for the end. Call it once, when the socket is closed.
    func reap() -> csandbox_end {
        // It may be ending by itself just now, and then says how.
        var request = pollfd(fd: pidfd, events: Int16(POLLIN), revents: 0)
        _ = poll(&request, 1, 200)
        kill()
        var end = csandbox_end(code: -1, signal: SIGKILL)
        _ = csandbox_reap(pidfd, &end)
        isReaped.withLock { isReaped in
            isReaped = true
            close(pidfd)
        }
        return end
    }

    /// Its share of memory in bytes: what it has alone, and its part of what is shared.
    var memoryBytes: Int64? {
        guard let file = fopen("/proc/\(pid)/smaps_rollup", "re") else { return nil }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        while fgets(&line, Int32(line.count), file) != nil {
            let words = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
                .split(whereSeparator: \.isWhitespace)
            if words.first == "Pss:", words.count > 1 { return Int64(words[1]).map { $0 * 1024 } }
        }
        return nil
    }

    private static func cStrings(_ texts: [String]) -> [UnsafeMutablePointer<CChar>?] {
        texts.map { strdup($0) } + [nil]
    }

    private static func failure(_ what: String, _ error: Int32) -> LoadFailure {
        LoadFailure("no worker can be started (\(what)): \(String(cString: strerror(error)))")
    }
}
