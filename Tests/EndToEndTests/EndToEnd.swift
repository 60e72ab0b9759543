import Foundation
import Testing

/// The gateway as a whole: real processes, real files, simulated modems that remember the truth. One after the other,
/// because each looks at the clock.
@Suite("End to end", .serialized, .timeLimit(.minutes(TestTime.minutes)))
struct EndToEnd {}

/// How long one test may take. `make torture`, `kills`, `soak` and `fleet` say how much they do, and take as long as
/// that is: a limit of a suite binds every test in it.
enum TestTime {
    static var minutes: Int {
        let long = [
            "CONDUCTOR_SEEDS", "CONDUCTOR_ROW", "CONDUCTOR_HOURS", "CONDUCTOR_FLEET_ROWS", "CONDUCTOR_BOT_TEXTS",
            "CONDUCTOR_OUTAGE_TEXTS", "CONDUCTOR_MANY_ROWS", "CONDUCTOR_MONTH", "CONDUCTOR_FAULTS",
        ]
        return long.contains { ProcessInfo.processInfo.environment[$0] != nil } ? 24 * 60 : 20
    }

    /// How much of something a test does: what the environment says, at least 20.
    static func number(_ variable: String, or usual: Int) -> Int {
        max(20, TortureBuild.number(variable) ?? usual)
    }
}
