import ArgumentParser
import PluginKit
import Settings

struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Is the configuration right, and what does it come to?",
        subcommands: [Check.self, Show.self, ConfigConvertCommand.self])

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Read the configuration as `run` would, and say what is wrong.")

        @Argument(help: "The file; without it, the one `run` would use.")
        var file: String?

        func run() throws {
            let loaded = try LoadedConfiguration.load(file)
            for modem in loaded.settings.modems {
                guard let pinFile = modem.pinFile else { continue }
                do {
                    _ = try SecretFile.read(pinFile)
                } catch {
                    throw CommandFailure(.failed, error.description)
                }
            }
            Terminal.output.line("\(loaded.settings.file ?? "no configuration file: the built-in defaults"): all right")
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "The configuration with every default; secrets stay in their files.")

        @Argument(help: "The file; without it, the one `run` would use.")
        var file: String?

        @OptionGroup var output: JSONOption

        func run() throws {
            let effective = EffectiveConfiguration(try LoadedConfiguration.load(file))
            let terminal = Terminal.output
            if output.json { return try terminal.json(effective) }
            effective.yaml().forEach { terminal.line($0) }
        }
    }
}
