import ArgumentParser
import GatewayCore
import PluginKit

extension PluginsCommand {
    struct Reload: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Read plugins.d again; with NAME, load that one anew though nothing changed.",
            discussion: "The gateway watches plugins.d, so that this is needed only where files cannot be watched, or "
                + "when something changed that a drop-in merely points to.")

        @Argument(help: "The drop-in, as 50-auto-reply.yaml or auto-reply.")
        var name: String?

        @OptionGroup var output: JSONOption
        @OptionGroup var options: ClientOptions

        func run() throws {
            let reload = try options.client().reloadPlugins(name)
            let terminal = Terminal.output
            if output.json { return try terminal.json(reload) }
            for change in reload.changes { terminal.line(change) }
            let broken = reload.plugins.filter { $0.problem != nil && $0.state != "unnamed" }
            for plugin in broken where !reload.changes.contains(where: { $0.hasPrefix(plugin.dropIn + ":") }) {
                terminal.line("\(plugin.dropIn): \(plugin.problem ?? "")")
            }
            if reload.changes.isEmpty, broken.isEmpty { terminal.line("nothing has changed") }
            guard broken.isEmpty else { throw CommandFailure(.failed, "") }
        }
    }

    struct Logs: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "The last lines of one plugin, and what the gateway did with it.")

        @Argument(help: "The drop-in, as 50-auto-reply.yaml or auto-reply.")
        var name: String

        @Flag(help: "Go on with what comes, until Ctrl-C.")
        var follow = false

        @OptionGroup var output: JSONOption
        @OptionGroup var options: ClientOptions

        func run() async throws {
            let client = try options.client()
            let terminal = Terminal.output
            var last = 0
            repeat {
                for line in try client.pluginLog(name, after: last) {
                    last = line.number
                    if output.json {
                        try terminal.json(line)
                    } else {
                        let time = terminal.style(HumanTime.clock(line.at), .dim)
                        terminal.line("\(time) \(line.level)  \(DisplayWidth.oneLine(line.message))")
                    }
                }
                if follow { try await Task.sleep(for: .milliseconds(300)) }
            } while follow
        }
    }
}
