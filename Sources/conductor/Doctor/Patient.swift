import ConsoleServer
import GatewayCore
import PluginHost
import Settings

/// What the doctor looks at: the machine, and what is known of the gateway.
struct Patient: Sendable {
    var machine: Machine
    /// What the running gateway says; nil when none answers.
    var status: GatewayStatus?
    /// Why none answers.
    var absence: CommandFailure?
    /// What conductor.yaml says, or why it cannot be read.
    var configuration: Result<GatewayConfiguration, ConfigurationError>
    var stateFolder: String
    var pluginsFolder: String
    var dropIns: [DropInSummary]
    /// Why plugins would not be loaded, by drop-in.
    var refused: [String: String] = [:]
    var databases: [DatabaseFacts] = []
    /// What anybody may read of Supabase projects.
    var publicReach: [PublicReach] = []
    /// Who answers on the socket.
    var socketHolder = ControlSocket.Holder.nobody
    /// The zone by which customers' days are counted; nil where nobody knows customers.
    var customersZone: String?
    /// `conductor-worker`; nil when it is not found.
    var worker: String?
    var version = Version.text

    var socket: String { stateFolder + "/control.sock" }
}
