import CSpawn
import Glibc
import PluginKit

/// One run of the program: a process in a group of its own, and the pipes to it. Used by one thread.
struct Program: ~Copyable {
    let pid: pid_t
    var input: Descriptor
    var output: Descriptor
    var errors: Descriptor
    private var isReaped = false

    /// - Throws: `.unavailable` with what cannot be started, and why.
    init(_ settings: ScriptSettings, name: String) throws(PluginError) {
        var words: [UnsafeMutablePointer<CChar>?] = settings.command.map { strdup($0) } + [nil]
        var environment: [UnsafeMutablePointer<CChar>?] = Self.environment(name).map { strdup($0) } + [nil]
        defer { for word in words + environment { free(word) } }
        var (pipes, process) = (cspawn_pipes(), pid_t())
        let status = cspawn_start(settings.command[0], &words, &environment, settings.folder, &pipes, &process)
        guard status == 0 else { throw PluginError(.unavailable, Self.explain(-status, settings)) }
        pid = process
        input = Descriptor(pipes.input)
        output = Descriptor(pipes.output)
        errors = Descriptor(pipes.errors)
    }

    deinit {
        guard !isReaped else { return }
        kill(-pid, SIGKILL)
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
    }

    /// To the program and all it has started.
    func signal(_ number: Int32) {
        if !isReaped { kill(-pid, number) }
    }

    /// How it ended, in words; nil while it runs. What it has started and left behind is ended too.
    mutating func reap() -> String? {
        guard !isReaped else { return "ended" }
        var info = siginfo_t()
        // Looked at, not taken: while it is a zombie, its group's number is nobody else's.
        let known = waitid(P_PID, id_t(pid), &info, WEXITED | WNOHANG | WNOWAIT)
        if known == 0, info.si_signo == 0 { return nil }
        if known != 0, errno == EINTR { return nil }
        kill(-pid, SIGKILL)
        var status: Int32 = 0
        var taken = waitpid(pid, &status, 0)
        while taken < 0, errno == EINTR { taken = waitpid(pid, &status, 0) }
        isReaped = true
        return taken == pid ? Self.words(status) : "ended"
    }

    /// `exited with status 3`, `was ended by signal 9 (Killed)`.
    static func words(_ status: Int32) -> String {
        let signal = status & 0x7F
        if signal == 0 { return "exited with status \((status >> 8) & 0xFF)" }
        return "was ended by signal \(signal) (\(strsignal(signal).map { String(cString: $0) } ?? "unknown"))"
    }

    private static func explain(_ failure: Int32, _ settings: ScriptSettings) -> String {
        let (program, folder) = (settings.command[0], settings.folder)
        if access(folder, X_OK) != 0 {
            return "its folder \(folder) cannot be entered: \(String(cString: strerror(errno)))"
        }
        var words = "\(program) cannot be started: \(String(cString: strerror(failure)))"
        if failure == ENOENT, !program.contains("/") {
            let isThere = access(folder + "/" + program, F_OK) == 0
            words = "there is no program \"\(program)\" on PATH"
            if isThere { words += "; write ./\(program) for the file in \(folder)" }
        } else if failure == EACCES, program.contains("/") {
            words += " (is it executable? chmod +x \(program))"
        } else if failure == ENOEXEC {
            words += " (a script begins with #! and its interpreter)"
        }
        return words
    }

    /// No secrets of ours: what a program needs to run at all, and what spares authors a surprise.
    private static func environment(_ name: String) -> [String] {
        let names = ["PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "USER"]
        let kept = names.compactMap { name in getenv(name).map { "\(name)=\(String(cString: $0))" } }
        // Python would keep its answers in a buffer, and read texts as ASCII where no language is set.
        return kept + ["CONDUCTOR_PLUGIN=\(name)", "PYTHONUNBUFFERED=1", "PYTHONUTF8=1"]
    }
}
