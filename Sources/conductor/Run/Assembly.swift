import GatewayCore
import Logging
import ModemKit
import PluginHost
import Settings

/// Makes the gateway of a plan: the one place where configuration, command line and `GatewayCore.Gateway` meet.
enum Assembly {
    static func gateway(for plan: RunPlan) throws(CommandFailure) -> any RunnableGateway {
        let options = GatewayOptions(
            gateway: plan.gatewayID, stateFolder: plan.stateFolder, version: Version.text,
            policy: policy(plan.configuration.policy, country: plan.configuration.defaultCountry),
            plugins: PluginHost.Configuration(
                pluginsFolder: plan.pluginsFolder, copiesFolder: plan.stateFolder + "/plugins",
                searchPath: plan.pluginSearchPath, baseFolder: plan.stateFolder),
            fleet: fleet(plan), logger: plan.logger)
        do {
            return try Gateway(options)
        } catch {
            throw CommandFailure(.failed, error.message)
        }
    }

    private static func policy(_ settings: GatewayConfiguration.Policy, country: String?) -> Policy {
        var policy = Policy()
        if let country { policy.defaultCountry = country }
        policy.maxAgeMilliseconds = settings.maxAge.components.seconds * 1000
        policy.reportMilliseconds = settings.reportDeadline.components.seconds * 1000
        policy.maxAttempts = settings.maxAttempts
        policy.stopConfirmation = settings.stopConfirmation
        policy.startConfirmation = settings.startConfirmation
        policy.helpAnswer = settings.helpText
        return policy
    }

    /// Simulated modems and real ones never meet: with the former, udev is not asked.
    private static func fleet(_ plan: RunPlan) -> FleetConfiguration {
        if plan.isSimulated {
            return FleetConfiguration(useUdev: false, modems: plan.simulatedPorts.map { ModemMatch(port: $0) })
        }
        return FleetConfiguration(
            useUdev: plan.configuration.discovers,
            modems: plan.configuration.modems.map { modem in
                let pinFile = modem.pinFile
                let logger = plan.logger
                return ModemMatch(imei: modem.imei, port: modem.port, usb: modem.usb, sim: modem.sim) {
                    guard let pinFile else { return nil }
                    do {
                        return try SecretFile.read(pinFile)
                    } catch {
                        logger.error("the PIN file cannot be used: \(error)")
                        return nil
                    }
                }
            })
    }
}

extension Gateway: RunnableGateway {}
