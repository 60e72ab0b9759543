import GatewayCore
import Logging
import ModemKit
import PluginHost
import SMSCodec
import Settings

/// Makes the gateway of a plan: the one place where configuration, command line and `GatewayCore.Gateway` meet.
enum Assembly {
    static func gateway(for plan: RunPlan) throws(CommandFailure) -> any RunnableGateway {
        let options = GatewayOptions(
            gateway: plan.gatewayID, stateFolder: plan.stateFolder, version: Version.text,
            policy: policy(plan.configuration),
            plugins: PluginHost.Configuration(
                pluginsFolder: plan.pluginsFolder, copiesFolder: plan.stateFolder + "/plugins",
                searchPath: plan.pluginSearchPath, baseFolder: plan.stateFolder),
            fleet: fleet(plan), logger: plan.logger, retention: retention(plan.configuration))
        do {
            return try Gateway(options)
        } catch {
            throw CommandFailure(.failed, error.message)
        }
    }

    /// The core's defaults with what the configuration says.
    static func policy(_ settings: GatewayConfiguration) -> Policy {
        var policy = Policy()
        if let country = settings.defaultCountry { policy.defaultCountry = country }
        if let age = settings.policy.maxAge { policy.maxAgeMilliseconds = age.components.seconds * 1_000 }
        if let wait = settings.policy.reportDeadline { policy.reportMilliseconds = wait.components.seconds * 1_000 }
        if let wait = settings.policy.incompleteAfter { policy.assemblyMilliseconds = wait.components.seconds * 1_000 }
        if let attempts = settings.policy.maxAttempts { policy.maxAttempts = attempts }
        if let tables = settings.policy.language.flatMap({ ShiftTables(named: $0) }) { policy.tables = tables }
        if let words = settings.policy.stopConfirmation { policy.stopConfirmation = words }
        if let words = settings.policy.startConfirmation { policy.startConfirmation = words }
        if let words = settings.policy.helpText { policy.helpAnswer = words }
        return policy
    }

    /// The core's defaults with what the configuration says.
    static func retention(_ settings: GatewayConfiguration) -> Retention {
        var retention = Retention()
        func milliseconds(_ span: GatewayConfiguration.Retention.Span) -> Int64? {
            switch span {
            case .forever: nil
            case .time(let time): time.components.seconds * 1_000
            }
        }
        if let texts = settings.retention.texts { retention.textsMilliseconds = milliseconds(texts) }
        if let journal = settings.retention.journal {
            retention.journalMilliseconds = journal.components.seconds * 1_000
        }
        if let span = settings.retention.transcripts { retention.transcriptsMilliseconds = milliseconds(span) }
        return retention
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
