import GatewayCore
import Logging
import ModemKit
import PluginHost
import SMSCodec
import Settings

/// Makes the gateway of a plan: the one place where configuration, command line and `GatewayCore.Gateway` meet.
enum Assembly {
    static func gateway(for plan: RunPlan) throws(CommandFailure) -> any RunnableGateway {
        do {
            return try Gateway(options(for: plan))
        } catch {
            throw CommandFailure(.failed, error.message)
        }
    }

    /// What a gateway of this plan is made from.
    static func options(for plan: RunPlan) -> GatewayOptions {
        var policy = policy(plan.configuration)
        policy.observes = plan.observes
        return GatewayOptions(
            gateway: plan.gatewayID, stateFolder: plan.stateFolder, version: Version.text, policy: policy,
            plugins: PluginHost.Configuration(
                pluginsFolder: plan.pluginsFolder, copiesFolder: plan.stateFolder + "/plugins",
                searchPath: plan.pluginSearchPath, baseFolder: plan.stateFolder),
            fleet: fleet(plan), logger: plan.logger, retention: retention(plan.configuration),
            canary: canary(plan.configuration))
    }

    static func canary(_ settings: GatewayConfiguration) -> CanarySettings? {
        settings.canary.map {
            CanarySettings(
                everyMilliseconds: $0.every.components.seconds * 1_000,
                withinMilliseconds: $0.within.components.seconds * 1_000)
        }
    }

    /// The core's defaults with what the configuration says.
    static func policy(_ settings: GatewayConfiguration) -> Policy {
        var policy = Policy()
        if let country = settings.defaultCountry { policy.defaultCountry = country }
        if let age = settings.policy.maxAge { policy.maxAgeMilliseconds = age.components.seconds * 1_000 }
        if let wait = settings.policy.reportDeadline { policy.reportMilliseconds = wait.components.seconds * 1_000 }
        if let lease = settings.policy.lease {
            let parts = lease.components
            policy.leaseMilliseconds = parts.seconds * 1_000 + parts.attoseconds / 1_000_000_000_000_000
        }
        if let wait = settings.policy.incompleteAfter { policy.assemblyMilliseconds = wait.components.seconds * 1_000 }
        if let attempts = settings.policy.maxAttempts { policy.maxAttempts = attempts }
        if let tables = settings.policy.language.flatMap({ ShiftTables(named: $0) }) { policy.tables = tables }
        if let words = settings.policy.stopConfirmation { policy.stopConfirmation = words }
        if let words = settings.policy.startConfirmation { policy.startConfirmation = words }
        if let words = settings.policy.helpText { policy.helpAnswer = words }
        loops(settings.policy.loopGuard, &policy.loopGuard)
        if let theirs = settings.policy.externalBots {
            var bots = ExternalBots()
            bots.all = theirs.all
            bots.numbers = Set(theirs.numbers.map { policy.number($0)?.text ?? $0 })
            bots.sims = Set(theirs.sims)
            bots.words = Set(theirs.words)
            policy.externalBots = bots
        }
        letters(settings.policy, &policy)
        policy.timeZone = settings.timeZone
        policy.preferences = settings.modems.flatMap(\.preferFor)
        sending(settings.policy.sending, &policy)
        return policy
    }

    private static func letters(_ settings: GatewayConfiguration.Policy, _ policy: inout Policy) {
        func action(_ word: String?) -> OnUnknown.Action? { word.flatMap(OnUnknown.Action.init(rawValue:)) }
        if let action = action(settings.onUnknown.conversation) { policy.onUnknown.conversation = action }
        if let action = action(settings.onUnknown.notice) { policy.onUnknown.notice = action }
        if let action = action(settings.onUnknown.promotion) { policy.onUnknown.promotion = action }
        if let warns = settings.content.warn { policy.content.warns = warns }
        if let codes = settings.content.refusePromotions {
            policy.content.refusedPromotions = Set(codes.compactMap(ContentWarning.Code.init(rawValue:)))
        }
        if let number = settings.deadLetters.alarm { policy.deadLetterAlarm = number }
        if let within = settings.deadLetters.within {
            policy.deadLetterMilliseconds = within.components.seconds * 1_000
        }
    }

    private static func sending(_ settings: SendingPolicy, _ policy: inout Policy) {
        let limits = settings.limits
        if let cap = limits.simMinute { policy.limits.sim.perMinute = cap.number }
        if let cap = limits.simDay { policy.limits.sim.perDay = cap.number }
        if let cap = limits.simRecipients { policy.limits.sim.recipientsPerDay = cap.number }
        if let cap = limits.recipientMinute { policy.limits.recipient.perMinute = cap.number }
        if let cap = limits.recipientDay { policy.limits.recipient.perDay = cap.number }
        if let cap = limits.pluginMinute { policy.limits.plugin.perMinute = cap.number }
        if let cap = limits.pluginDay { policy.limits.plugin.perDay = cap.number }
        if let cap = settings.budget { policy.budget.perDay = cap.number }
        if let percent = settings.budgetAlarm { policy.budget.alarmAt = percent }
        if let cap = settings.deliveredShare.least { policy.deliveredShare.least = cap.number }
        if let parts = settings.deliveredShare.parts { policy.deliveredShare.parts = parts }
        if let after = settings.deliveredShare.after {
            policy.deliveredShare.afterMilliseconds = after.components.seconds * 1_000
        }
        switch settings.maxWait {
        case .off: policy.maxWaitMilliseconds = nil
        case .most(let wait): policy.maxWaitMilliseconds = wait.components.seconds * 1_000
        case nil: break
        }
        let windows = settings.windows
        if let zone = windows.zone { policy.windows.isRecipients = zone == "recipient" }
        if let window = windows.conversation { policy.windows.conversation = self.window(window) }
        if let window = windows.notice { policy.windows.notice = self.window(window) }
        if let window = windows.promotion { policy.windows.promotion = self.window(window) }
        if let grace = windows.afterContact { policy.windows.graceMilliseconds = grace.components.seconds * 1_000 }
    }

    private static func window(_ window: SendingPolicy.Window) -> SendingWindow? {
        guard case .hours(let hours) = window else { return nil }
        return SendingWindow(spans: hours.map { .init(days: $0.days, start: $0.start, end: $0.end) })
    }

    private static func loops(_ settings: GatewayConfiguration.LoopGuard, _ guarding: inout LoopGuard) {
        if let isOn = settings.enabled { guarding.isOn = isOn }
        if let answers = settings.answers { guarding.answers = answers }
        if let within = settings.within { guarding.windowMilliseconds = within.components.seconds * 1_000 }
        if let texts = settings.sameText { guarding.sameTexts = texts }
        if let texts = settings.texts { guarding.texts = texts }
        if let rest = settings.rest { guarding.restMilliseconds = rest.components.seconds * 1_000 }
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
        var fleet = FleetConfiguration(
            useUdev: plan.configuration.discovers,
            modems: plan.configuration.modems.map { modem in
                let pinFile = modem.pinFile
                let logger = plan.logger
                return ModemMatch(
                    imei: modem.imei, port: modem.port, usb: modem.usb, sim: modem.sim, smsc: modem.smsc,
                    preferFor: modem.preferFor
                ) {
                    guard let pinFile else { return nil }
                    do {
                        return try SecretFile.read(pinFile)
                    } catch {
                        logger.error("the PIN file cannot be used: \(error)")
                        return nil
                    }
                }
            })
        if let program = plan.configuration.powerCommand {
            fleet.cyclePower = { hub, port in await PowerCommand.run(program, [hub, port]) }
        }
        return fleet
    }
}

extension Gateway: RunnableGateway {}
