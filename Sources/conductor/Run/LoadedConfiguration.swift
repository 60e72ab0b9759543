import Settings

/// The configuration file together with what stands in for what it does not say.
struct LoadedConfiguration: Sendable {
    var settings: GatewayConfiguration

    /// - Parameter path: of `--config`; nil looks at `$CONDUCTOR_CONFIG` and `/etc/conductor/conductor.yaml`.
    /// - Throws: exit status 1 with `FILE:LINE:COLUMN: REASON`.
    static func load(_ path: String?) throws(CommandFailure) -> LoadedConfiguration {
        do {
            return LoadedConfiguration(settings: try GatewayConfiguration.load(path: path, environment: environment))
        } catch {
            throw CommandFailure(.failed, error.description)
        }
    }

    /// Absolute or as the environment has it.
    var stateFolder: String {
        settings.stateFolder ?? GatewayConfiguration.defaultStateFolder(environment: Self.environment)
    }

    var pluginsFolder: String { settings.pluginsFolder ?? "/etc/conductor/plugins.d" }

    /// The variables that `Settings` looks at.
    private static var environment: [String: String] {
        let names = ["CONDUCTOR_CONFIG", "STATE_DIRECTORY", "XDG_STATE_HOME", "HOME"]
        return names.reduce(into: [:]) { $0[$1] = Terminal.variable($1) }
    }
}
