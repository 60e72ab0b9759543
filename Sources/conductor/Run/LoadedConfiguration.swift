/// The configuration as `run` and the client commands need it.
struct LoadedConfiguration: Sendable {
    var stateFolder: String
    static func read(_ path: String) throws(CommandFailure) -> LoadedConfiguration { LoadedConfiguration(stateFolder: path) }
}
