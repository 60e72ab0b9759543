import GatewayCore
import Glibc
import Logging
import Settings

/// Everything the gateway is made from, decided before it is made.
struct RunPlan: Sendable {
    var configuration: GatewayConfiguration
    /// Absolute.
    var stateFolder: String
    /// Absolute; need not exist.
    var pluginsFolder: String
    /// Ports of simulated modems; while there are any, udev's are left alone.
    var simulatedPorts: [String] = []
    /// Nothing is sent, answered or written into storage.
    var observes = false
    var logger: Logger

    /// Reads the configuration and lets the options of the command line stand above it.
    init(config: String?, state: String?, plugins: String?) throws(CommandFailure) {
        let loaded = try LoadedConfiguration.load(config)
        configuration = loaded.settings
        stateFolder = try StateFolder.absolute(state ?? loaded.stateFolder)
        pluginsFolder = try StateFolder.absolute(plugins ?? loaded.pluginsFolder)
        let log = configuration.log
        let format = GatewayLogHandler.Format(rawValue: log.format) ?? .text
        let level = Logger.Level(rawValue: log.level) ?? .info
        logger = Logger(label: "conductor") { label in
            GatewayLogHandler(logLevel: level, label: label, format: format, terminal: .errors)
        }
    }

    /// The gateway's id towards storage: configured, else the machine's name.
    var gatewayID: String {
        if let id = configuration.id { return id }
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, 255) == 0 else { return "conductor" }
        return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    var pluginSearchPath: [String] { BundledPlugins.folders }

    var socket: String { stateFolder + "/control.sock" }
    var isSimulated: Bool { !simulatedPorts.isEmpty }
}

/// What `run` needs of a gateway beside its control: the seam to `GatewayCore.Gateway`.
protocol RunnableGateway: GatewayControl {
    /// Opens the journal, loads the plugins, looks for modems. Returns when texts can come and go.
    func start() async throws
    /// Drains: what is in flight ends, nothing new begins.
    func stop() async
}
