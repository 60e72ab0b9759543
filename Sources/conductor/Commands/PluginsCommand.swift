import ArgumentParser

struct PluginsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plugins", abstract: "The plugins: how they fare, switching them on and off, loading them anew.",
        subcommands: [List.self, Check.self, New.self, Enable.self, Disable.self, Reload.self, Logs.self],
        defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Each drop-in, the plugin behind it, and how it fares.")

        @OptionGroup var output: JSONOption
        @OptionGroup var options: ClientOptions

        func run() throws {
            let plugins = try options.client().plugins()
            let terminal = Terminal.output
            if output.json { return try terminal.json(plugins) }
            guard !plugins.isEmpty else { return Terminal.errors.line("no drop-in in plugins.d") }
            PluginList(plugins: plugins, terminal: terminal).lines(hasTitles: true).forEach { terminal.line($0) }
        }
    }
}
