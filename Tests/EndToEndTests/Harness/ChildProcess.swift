import Foundation
import Glibc
import Synchronization

/// A program in a process of its own. Whoever starts one ends it with `end`; what is left is killed when the tests end.
final class ChildProcess {
    let pid: pid_t
    /// Minus the signal's number where one ended it; nil while it runs.
    private(set) var status: Int32?
    private let output: String
    private var input: Int32?

    /// - Parameters:
    ///   - output: file that standard output and error are appended to.
    ///   - speaks: whether `say` is to work.
    ///   - environment: variables beside the few that every program gets, as `NAME=VALUE`.
    init(
        _ path: String, _ arguments: [String], output: String, speaks: Bool = false, environment more: [String] = []
    ) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        var ends: [Int32] = [-1, -1]
        if speaks {
            guard pipe(&ends) == 0 else { throw Failure("no pipe") }
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            posix_spawn_file_actions_adddup2(&actions, ends[0], 0)
        } else {
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // A group of its own: what the child started itself ends with it.
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        let variables =
            ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "TZ=UTC", "LANG=C.UTF-8", "SWIFT_BACKTRACE=enable=no"] + more
        var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
        var environment: [UnsafeMutablePointer<CChar>?] = variables.map { strdup($0) } + [nil]
        defer { for word in words + environment { free(word) } }
        var process = pid_t()
        let result = posix_spawnp(&process, path, &actions, &attributes, &words, &environment)
        if speaks { close(ends[0]) }
        guard result == 0 else {
            if speaks { close(ends[1]) }
            throw Failure("\(path) cannot be started: \(String(cString: strerror(result)))")
        }
        pid = process
        self.output = output
        input = speaks ? ends[1] : nil
        Self.register(process)
    }

    /// Writes one line to its standard input.
    func say(_ line: String) throws {
        guard let input else { throw Failure("this process does not listen") }
        let bytes = Array((line + "\n").utf8)
        guard write(input, bytes, bytes.count) == bytes.count else {
            throw Failure("the process does not listen to `\(line)`; its last words:\n\(printed.suffix(1_000))")
        }
    }

    func signal(_ number: Int32) {
        if isRunning { _ = kill(pid, number) }
    }

    var isRunning: Bool {
        if status != nil { return false }
        var raw: Int32 = 0
        guard waitpid(pid, &raw, WNOHANG) == pid else { return true }
        status = raw & 0x7F == 0 ? (raw >> 8) & 0xFF : -(raw & 0x7F)
        Self.forget(pid)
        return false
    }

    /// What it has printed so far.
    var printed: String { (try? String(contentsOfFile: output, encoding: .utf8)) ?? "" }

    /// Kills it and its group, where it still runs, and waits for its end.
    func end() {
        if let input { close(input) }
        input = nil
        guard isRunning else { return }
        _ = kill(-pid, SIGKILL)
        var raw: Int32 = 0
        waitpid(pid, &raw, 0)
        status = raw & 0x7F == 0 ? (raw >> 8) & 0xFF : -(raw & 0x7F)
        Self.forget(pid)
    }

    /// Runs a program to its end, which comes within `seconds`, and returns what it printed and its status.
    static func run(
        _ path: String, _ arguments: [String], in folder: String, within seconds: Double = 60
    ) async throws -> (Int32, String) {
        let output = "\(folder)/run-\(UInt32.random(in: 0 ... .max)).out"
        let child = try ChildProcess(path, arguments, output: output)
        defer {
            child.end()
            unlink(output)
        }
        try await eventually("\(path) ends", within: seconds) { !child.isRunning }
        return (child.status ?? -1, child.printed)
    }

    // MARK: Those that run

    private static let running = Mutex<Set<pid_t>>([])
    private static let sweep: Void = {
        // A test that cannot come to its end leaves nothing behind either.
        atexit { ChildProcess.killAll() }
        _ = Glibc.signal(SIGPIPE, SIG_IGN)
    }()

    private static func register(_ pid: pid_t) {
        _ = sweep
        running.withLock { _ = $0.insert(pid) }
    }

    private static func forget(_ pid: pid_t) {
        running.withLock { _ = $0.remove(pid) }
    }

    private static func killAll() {
        for pid in running.withLock({ $0 }) { _ = kill(-pid, SIGKILL) }
    }
}
