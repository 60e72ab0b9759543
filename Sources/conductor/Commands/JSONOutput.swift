import ArgumentParser
import ConsoleServer

/// `--json`, as every listing has it.
struct JSONOption: ParsableArguments {
    @Flag(help: "Print JSON instead of a table.")
    var json = false
}

extension Terminal {
    /// Prints a value as JSON: indented on a terminal, on one line otherwise.
    func json(_ value: some Encodable) throws(CommandFailure) {
        do {
            write(bytes: try APICoding.encode(value, pretty: isTerminal) + [0x0A])
        } catch {
            throw CommandFailure(.failed, "the answer cannot be written as JSON: \(error)")
        }
    }
}
