import CSandbox
import Glibc
import PluginKit

/// How a worker ended, in words.
struct WorkerEnd: Sendable, Hashable, CustomStringConvertible {
    /// As `the plugin crashed (SIGSEGV)`.
    let description: String
    /// Somebody else ended it, as the system does for lack of memory: that says nothing about the plugin.
    var isFromOutside = false

    /// The host ended it, and says why.
    init(because reason: String) { description = reason }

    init(malformed what: String) { description = "its worker sent what no worker sends (\(what)) and was killed" }

    init(_ end: csandbox_end) {
        isFromOutside = end.signal == SIGKILL || end.signal == SIGTERM
        description =
            switch end.signal {
            case 0 where end.code == PluginWorker.refusal: "its worker could not be fenced or set up, and ended"
            case 0: "the plugin ended its process (exit code \(end.code))"
            case SIGKILL: "its worker was killed (SIGKILL), perhaps for lack of memory"
            case SIGSYS: "the plugin made a system call of another architecture, which its fence forbids (SIGSYS)"
            case let signal: "the plugin crashed (\(Self.name(of: signal)))"
            }
    }

    /// What those are told who wait for it.
    func error(_ prefix: String = "") -> PluginError {
        PluginError(
            .unavailable, prefix + description, retryAfterMilliseconds: isFromOutside ? FirstTries.soon : nil)
    }

    private static func name(of signal: Int32) -> String {
        let names: [Int32: String] = [
            SIGHUP: "SIGHUP", SIGINT: "SIGINT", SIGQUIT: "SIGQUIT", SIGILL: "SIGILL", SIGTRAP: "SIGTRAP",
            SIGABRT: "SIGABRT", SIGBUS: "SIGBUS", SIGFPE: "SIGFPE", SIGSEGV: "SIGSEGV", SIGPIPE: "SIGPIPE",
            SIGALRM: "SIGALRM", SIGTERM: "SIGTERM", SIGXCPU: "SIGXCPU", SIGXFSZ: "SIGXFSZ", SIGUSR1: "SIGUSR1",
            SIGUSR2: "SIGUSR2",
        ]
        return names[signal] ?? "signal \(signal)"
    }
}
