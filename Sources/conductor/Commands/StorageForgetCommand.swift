import ArgumentParser
import GatewayCore

/// `conductor storage forget`.
struct StorageForgetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forget", abstract: "Say that a storage which served once does not exist any more.",
        discussion: """
            Whoever is erased is erased in every storage that has served; where one cannot be reached, that waits until it \
            can. When its file was deleted, or its project is gone for good, this ends the wait. Nothing is deleted by it: \
            if the storage comes back, it has what it had, the people too who were erased meanwhile.
            """)

    @Argument(help: "Where it was, as `contacts erase` names it: a file's path, or a project.")
    var location: String

    @OptionGroup var output: JSONOption
    @OptionGroup var options: ClientOptions

    func run() throws {
        let report = try options.client().forgetStorage(StorageForgetRequest(location: location))
        let terminal = Terminal.output
        if output.json { return try terminal.json(report) }
        terminal.line(
            "\(report.location) is not looked into any more; \(HumanTime.count(Int64(report.erasures))) erasures waited for it"
        )
    }
}
