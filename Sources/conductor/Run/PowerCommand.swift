/// The admin's command that switches the power of a USB port off and on: that takes rights which the gateway does not have.
enum PowerCommand {
    /// How long it may take.
    private static let limit: Duration = .seconds(30)

    /// Nil when it was done, else what went wrong, in words.
    static func run(_ program: String, _ words: [String], limit: Duration = limit) async -> String? {
        let process: SpawnedProcess
        do {
            process = try SpawnedProcess(program, [program] + words)
        } catch {
            return "power_command: \(program) cannot be run: \(error.reason)"
        }
        let call = "power_command: \(([program] + words).joined(separator: " "))"
        switch await process.status(within: limit) {
        case 0: return nil
        case nil:
            await process.stop()
            return "\(call) took longer than \(limit.components.seconds) s and was ended"
        case let status?:
            return
                "\(call) failed (\(status < 0 ? "signal \(-status)" : "exit code \(status)")): run it by hand to see why"
        }
    }
}
