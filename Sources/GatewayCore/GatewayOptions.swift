public import Logging
public import ModemKit
public import PluginHost

/// What a gateway is made from.
public struct GatewayOptions: Sendable {
    /// Names this gateway among several on one storage.
    public var gateway: String
    /// Holds the journal; must exist.
    public var stateFolder: String
    public var version: String
    public var policy: Policy
    public var plugins: PluginHost.Configuration
    public var fleet: FleetConfiguration
    public var logger: Logger
    public var retention: Retention
    /// Nil: no texts are sent between our own SIMs.
    public var canary: CanarySettings?

    public init(
        gateway: String, stateFolder: String, version: String, policy: Policy, plugins: PluginHost.Configuration,
        fleet: FleetConfiguration, logger: Logger, retention: Retention = Retention(), canary: CanarySettings? = nil
    ) {
        self.gateway = gateway
        self.stateFolder = stateFolder
        self.version = version
        self.policy = policy
        self.plugins = plugins
        self.fleet = fleet
        self.logger = logger
        self.retention = retention
        self.canary = canary
    }
}
