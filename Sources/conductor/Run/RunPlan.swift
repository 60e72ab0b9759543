import GatewayCore
import Logging

/// Everything the gateway is made from, decided before it is made.
struct RunPlan: Sendable {
    var configuration: LoadedConfiguration
    /// Absolute.
    var stateFolder: String
    /// Absolute; need not exist.
    var pluginsFolder: String
    /// Ports of simulated modems; while there are any, udev's are left alone.
    var simulatedPorts: [String] = []
    var logger: Logger

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
