import PluginKit

/// One request for each of several ids: all are tried, what each came to is said, and the exit code is that of the
/// gravest failure.
enum EachMessage {
    static func perform(
        _ ids: [String], json: Bool, _ request: (String) throws(CommandFailure) -> Message
    ) throws {
        var messages: [Message] = []
        var worst: CommandFailure?
        for id in ids {
            do throws(CommandFailure) {
                let message = try request(id)
                messages.append(message)
                if !json { Terminal.output.line("\(message.uid ?? id)  \(word(message))") }
            } catch {
                // The gateway is not there for the others either.
                if error.status == .notRunning || ids.count == 1 { throw error }
                Terminal.errors.line("\(id): \(error.message)")
                if error.status.rawValue > worst?.status.rawValue ?? 0 { worst = CommandFailure(error.status, "") }
            }
        }
        if json {
            if ids.count == 1, let message = messages.first {
                try Terminal.output.json(message)
            } else {
                try Terminal.output.json(messages)
            }
        }
        if let worst { throw worst }
    }

    private static func word(_ message: Message) -> String {
        message.errorCode == "cancelled" ? "cancelled" : message.status.rawValue
    }
}
