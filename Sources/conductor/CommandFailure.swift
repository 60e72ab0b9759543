import PluginKit

/// The exit codes people and scripts rely on.
enum ExitStatus: Int32, Sendable {
    case failed = 1
    case usage = 2
    case notRunning = 3
    case refused = 4
}

/// Why a command ends without having done its work.
struct CommandFailure: Error, Sendable, Equatable {
    var status: ExitStatus
    /// One sentence, with the cure where there is one; empty when everything has been said already. Keys that are known by
    /// their look are masked.
    var message: String

    init(_ status: ExitStatus, _ message: String) {
        self.status = status
        self.message = SecretShapes.masked(message)
    }
}
