import ArgumentParser
import PluginKit

struct CancelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "Take queued texts back.",
        discussion: """
            A text that is cancelled is never sent. One of which a part is on its way, or may have left, cannot be \
            cancelled: the exit code is 4 then.
            """)

    @Argument(help: ArgumentHelp("The texts' ids; row:N for a row of the table that has none yet.", valueName: "id"))
    var ids: [String]

    @OptionGroup var output: JSONOption
    @OptionGroup var options: ClientOptions

    func run() throws {
        let client = try options.client()
        try EachMessage.perform(ids, json: output.json) { id throws(CommandFailure) in try client.cancel(id) }
    }
}
