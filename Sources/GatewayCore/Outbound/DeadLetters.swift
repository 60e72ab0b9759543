internal import GRDB
internal import PluginKit

/// Texts that were given up: `failed` with reason and class, until a person sends them again (B4).
struct DeadLetters: Sendable {
    static let alarm = "messages.failed"

    let journal: Journal
    let policy: Policy
    let alarms: Alarms
    let clock: any GatewayClock

    /// How many there are in the journal, by class.
    func counts() throws -> [FailureClass: Int] {
        try count(since: .min)
    }

    /// Raises the alarm when they pile up, and takes it back when they were sent again or are old.
    func look() throws {
        guard policy.deadLetterAlarm > 0 else { return }
        let counts = try count(since: clock.now.milliseconds - policy.deadLetterMilliseconds)
        // What a rule forbids is as it should be.
        let number = counts.filter { $0.key != .policy }.values.reduce(0, +)
        guard number >= policy.deadLetterAlarm else { return alarms.clear(Self.alarm) }
        let kinds = FailureClass.allCases.compactMap { kind -> String? in
            kind != .policy && counts[kind] != nil ? kind.rawValue : nil
        }
        alarms.raise(
            Self.alarm,
            "\(Self.atLeast(number, policy.deadLetterAlarm)) texts failed lately (\(kinds.joined(separator: ", "))): see "
                + "`conductor messages list --failed`; `conductor messages retry --failed` sends them again")
    }

    /// The alarm changes its words, and is told again, only when there are twice as many.
    private static func atLeast(_ number: Int, _ alarm: Int) -> String {
        var bound = alarm
        while bound * 2 <= number { bound *= 2 }
        return "\(bound) or more"
    }

    private func count(since: Int64) throws -> [FailureClass: Int] {
        try journal.read { database in
            let rows = try database.all(
                """
                SELECT error_code, count(*) AS n FROM outbound
                WHERE state IN ('failed', 'undelivered') AND settled_at >= ? GROUP BY error_code
                """, [since])
            return rows.reduce(into: [:]) { counts, row in
                guard let kind = FailureClass(errorCode: row["error_code"]) else { return }
                counts[kind, default: 0] += row["n"] as Int
            }
        }
    }
}
