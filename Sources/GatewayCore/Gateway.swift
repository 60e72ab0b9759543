internal import CurlClient
internal import GRDB
internal import Logging
internal import ModemKit
internal import PluginHost
internal import PluginKit
internal import Synchronization

/// The gateway: modems on one side, plugins on the other, the journal between them.
///
/// Order of start: journal, plugins, what an earlier run left, modems. Order of stop: the reverse.
public final class Gateway: Sendable {
    let options: GatewayOptions
    let clock: any GatewayClock
    let journal: Journal
    let hub: EventHub
    let alarms: Alarms
    let counters: Counters
    let host: PluginHost
    let fleet: Fleet
    let inbound: InboundPath
    let outbound: OutboundPath
    let deadLetters: DeadLetters
    let storageState: StorageState
    let quotaWatch: QuotaWatch
    let console: ConsoleStore
    let customerImports: CustomerImports
    let figures = PluginFigures()
    private let http = CurlClient()
    let startedAt: Timestamp
    private let link: FleetLink
    private let services: HostLink
    private let relay: IntakeRelay
    private let outcomes: Signal
    private let housekeeping: Housekeeping
    private let running = Mutex<Running?>(nil)
    /// One backup at a time.
    let isBackingUp = Mutex(false)
    /// Who has the storages for a while: one at a time.
    let storageWork = Mutex<StorageWork?>(nil)
    /// How far a switch of the storage is.
    let switching = SwitchProgress()

    /// What `start` made and `stop` ends.
    struct Running: Sendable {
        var storages: StorageRoster
        var owner: String
        var inbox: InboxFeed
        var consent: ConsentFeed
        var queue: QueueFeed
        var heartbeat: Heartbeat
        var notifiers: NotifierFeeds
        var responders: ResponderFeed
        var erasures: Erasures
        var tasks: Task<Void, Never>
    }

    /// Opens the journal and prepares everything; nothing runs yet.
    ///
    /// - Throws: `GatewayError` with a sentence when the state folder is in use, damaged or not writable.
    public convenience init(_ options: GatewayOptions) throws(GatewayError) {
        try self.init(options, clock: SystemGatewayClock())
    }

    init(_ options: GatewayOptions, clock: any GatewayClock) throws(GatewayError) {
        self.options = options
        self.clock = clock
        let counters = Counters()
        let hub = EventHub(clock: clock, counters: counters)
        let alarms = Alarms(events: hub, clock: clock)
        self.hub = hub
        self.alarms = alarms
        startedAt = clock.now
        do {
            journal = try Journal(folder: options.stateFolder, now: startedAt) { problem in
                if let problem {
                    alarms.raise("journal", problem.description)
                } else {
                    alarms.clear("journal")
                }
            }
        } catch {
            throw GatewayError(.unavailable, "\(error)")
        }
        do {
            console = try ConsoleStore(folder: options.stateFolder, now: startedAt)
        } catch {
            journal.close()
            throw error
        }
        if let finding = journal.finding { alarms.raise(finding.alarm, finding.sentence) }
        if let problem = console.problem { alarms.raise("console.damaged", problem) }
        self.counters = counters
        storageState = StorageState(events: hub, alarms: alarms)
        inbound = InboundPath(
            journal: journal, policy: options.policy, events: hub, alarms: alarms, clock: clock)
        let logs = PluginLogs()
        services = HostLink(logger: options.logger, logs: logs, metrics: figures)
        host = PluginHost(configuration: options.plugins, services: services, logger: options.logger, logs: logs)
        customerImports = CustomerImports(
            stateFolder: options.stateFolder, policy: options.policy, clock: clock, logger: options.logger
        ) { [host] in host.customers }
        quotaWatch = QuotaWatch(alarms: alarms, clock: clock) { [host] in try? await host.storage?.health() }
        let intake = IntakeRelay()
        let sims = SIMWatch(journal: journal, alarms: alarms, clock: clock)
        link = FleetLink(inbound: inbound, sims: sims, alarms: alarms, events: hub) { await intake.pass($0) }
        fleet = Fleet(configuration: options.fleet, delegate: link, logger: options.logger)
        let outcomes = Signal()
        outbound = OutboundPath(
            journal: journal, policy: options.policy, radio: fleet, events: hub, alarms: alarms, clock: clock,
            logger: options.logger, onOutcome: { outcomes.fire() })
        deadLetters = DeadLetters(journal: journal, policy: options.policy, alarms: alarms, clock: clock)
        housekeeping = Housekeeping(inbound: inbound, clock: clock, deadLetters: deadLetters)
        relay = intake
        self.outcomes = outcomes
    }

    /// Loads the plugins, takes up what an earlier run left, and opens the modems.
    public func start() async throws(GatewayError) {
        services.connect(server: PluginServices(gateway: self, http: http, maySend: false))
        do {
            try await finishToggle()
        } catch {
            throw GatewayError(.unavailable, "the journal could not be read: \(error)")
        }
        // Plugins are loaded while the journal is read: what is recovered needs none of them.
        async let plugins: Void = host.start()
        do {
            try await Erasures.resume(journal, policy: options.policy, now: clock.now)
            try await outbound.recover()
            try inbound.announceRests()
        } catch {
            guard DatabaseFile.isDamage(error) || (error as? JournalError)?.code == .damaged else {
                throw GatewayError(.unavailable, "the journal could not be read: \(error)")
            }
            journal.suspect()
            throw GatewayError(
                .unavailable, "the journal is damaged (\(DatabaseFile.words(error))): \(Suspicion.cure)")
        }
        await plugins
        // Not before: what recovery reads from the journal it puts into the queue itself.
        services.connect(server: PluginServices(gateway: self, http: http, maySend: true))

        let owner = "\(options.gateway)/\(journal.id)"
        // Who only observes brings nothing into storage and claims nothing of it.
        let observes = options.policy.observes
        let storages = StorageRoster(
            journal: journal, events: hub, alarms: alarms, clock: clock,
            erasures: observes ? nil : ErasureElsewhere(journal: journal, host: host)
        ) { [host] in host.servingStorage }
        let isServed: @Sendable () -> Bool = { [host] in !observes && host.storage != nil }
        let consent = ConsentFeed(
            journal: journal, policy: options.policy, events: hub, alarms: alarms, clock: clock)
        let others = OtherSenders(journal: journal, storages: storages, alarms: alarms, clock: clock)
        let queue = QueueFeed(
            journal: journal, storages: storages, state: storageState, policy: options.policy, outbound: outbound,
            owner: owner, events: hub, clock: clock, alarms: alarms, consent: consent, others: others,
            isServed: isServed)
        let inbox = InboxFeed(
            journal: journal, storages: storages, state: storageState, clock: clock, alarms: alarms, isServed: isServed,
            onEnded: { await queue.freed() })
        let chain = ResponderChain(responders: { [host] in host.responders }) { [logger = options.logger] name, error in
            logger.warning("a responder failed", metadata: ["plugin": "\(name)", "reason": "\(error.message)"])
        }
        let responders = ResponderFeed(inbound: inbound, chain: chain, console: console, logger: options.logger) {
            [outbound] reply in
            await outbound.add([reply])
            inbox.wake()
        }
        relay.connect { [outbound] intake in
            if !intake.texts.isEmpty { responders.wake() }
            inbox.wake()
            if !intake.outgoing.isEmpty { await outbound.add(intake.outgoing) }
            if !intake.reported.isEmpty { await outbound.reported(intake.reported) }
        }
        outcomes.connect {
            inbox.wake()
            queue.wake()
        }
        services.connect { await queue.storageChanged() }
        let heartbeat = Heartbeat(
            owner: owner, version: options.version, alarms: alarms, clock: clock, storage: { [host] in host.storage },
            modems: { [fleet] in fleet.modems }, onRows: { await queue.storageChanged() },
            onOthers: { [outbound] in await outbound.share(withOthers: $0) })

        let inspection = Inspection(
            journal: journal, journalFile: options.stateFolder + "/journal.db", alarms: alarms, clock: clock,
            storage: { [host] in try? await host.storage?.health() },
            heldRows: { [host] in
                let rows = try? await host.storage?.messages(
                    MessageQuery(deliveryStatus: .held, limit: HeldTexts.page))
                return rows?.filter { $0.errorCode == HeldTexts.code }.count
            })
        let notifiers = NotifierFeeds(host: host, hub: hub)
        pluginsChanged(notifiers, inbox, queue)
        host.onChange { [weak self] in
            self?.pluginsChanged(notifiers, inbox, queue)
            heartbeat.wake()
            Task { [weak self] in
                await consent.reset()
                await queue.storageChanged()
                await self?.erasures?.storagesChanged()
            }
        }
        if !journal.erasedKey.exists, (try? journal.read(ErasedNumbers.count)) ?? 0 > 0 {
            alarms.raise(
                "contact.key",
                "erased.key is missing from the state folder: erased people who had said STOP are not known any more; "
                    + "bring it back from a backup and start again")
        }
        let erasures = Erasures(
            journal: journal, console: console, host: host, outbound: outbound, policy: options.policy,
            alarms: alarms, clock: clock, logger: options.logger,
            holdStorages: { [weak self] isHeld in self?.holdStorages(isHeld) ?? false },
            settleFeeds: {
                await inbox.settled()
                await queue.settled()
            },
            eraseCopies: { [weak self] in try await self?.eraseCopies(of: $0, countsOnly: $1) ?? .init() },
            tellPlugins: { [weak self] phone in try await self?.havePluginsForget(phone, notifiers) })
        let sweep = Sweep(
            journal: journal, retention: options.retention, console: console, storage: { [host] in host.storage },
            clock: clock, logger: options.logger)
        let outlook = Outlook(
            journal: journal, policy: options.policy, state: storageState, alarms: alarms, clock: clock
        ) { [host] in host.storage }
        let canary = options.canary.map { settings in
            Canary(
                settings: settings, policy: options.policy, journal: journal, alarms: alarms, events: hub, clock: clock,
                logger: options.logger, modems: { [fleet] in fleet.modems },
                send: { [outbound] in await outbound.add([$0]) })
        }
        if observes { alarms.raise("observing", Self.observing) }
        let tasks = Task { [outbound, link, housekeeping, relay, host, quotaWatch, clock] in
            await withDiscardingTaskGroup { group in
                group.addTask { await inbox.run() }
                group.addTask { await queue.run() }
                group.addTask { await others.run() }
                group.addTask { await host.watch() }
                group.addTask { await responders.run() }
                group.addTask { await outbound.run() }
                group.addTask {
                    for await modem in link.modems.stream {
                        await outbound.changed(modem)
                        await heartbeat.modemsChanged()
                        queue.wake()
                    }
                }
                if observes {
                    group.addTask { await outlook.run() }
                } else {
                    // They write into storage, or delete there.
                    group.addTask { await heartbeat.run() }
                    group.addTask { await sweep.run() }
                    group.addTask { await erasures.run() }
                    if let canary { group.addTask { await canary.run() } }
                }
                group.addTask { await housekeeping.run { await relay.pass($0) } }
                group.addTask { await inspection.run() }
                group.addTask { await quotaWatch.run() }
                group.addTask { await HeapCare.run(clock) }
            }
        }
        running.withLock {
            $0 = Running(
                storages: storages, owner: owner, inbox: inbox, consent: consent, queue: queue, heartbeat: heartbeat,
                notifiers: notifiers, responders: responders, erasures: erasures, tasks: tasks)
        }
        do {
            try fleet.start()
        } catch {
            throw GatewayError(.unavailable, "the modems could not be opened: \(error)")
        }
        if !observes { await customerImports.resume() }
    }

    /// Ends in order: parts on their way get their result (bounded), what is known goes to storage, files are closed.
    public func stop() async {
        let running = self.running.withLock { running in
            defer { running = nil }
            return running
        }
        await outbound.drain()
        await customerImports.stop()
        await fleet.stop()
        if let running {
            running.responders.stop()
            link.modems.continuation.finish()
            await lastCarry(running)
            running.inbox.stop()
            running.queue.stop()
            hub.finish()
            running.tasks.cancel()
            await running.tasks.value
            await running.notifiers.stop()
        }
        await host.stop()
        services.connect(server: nil)
        http.stop()
        console.close()
        journal.close()
    }

    /// After every change of what plugins run.
    private func pluginsChanged(_ notifiers: NotifierFeeds, _ inbox: InboxFeed, _ queue: QueueFeed) {
        notifiers.update()
        let problem = host.storageProblem
        let kind = host.storage == nil ? "storage.none" : "storage.choice"
        for other in ["storage.none", "storage.choice"] where other != kind || problem == nil { alarms.clear(other) }
        if let problem { alarms.raise(kind, problem) }
        inbox.wake()
        queue.wake()
    }

    /// Gives storage up to two seconds to take what the journal has for it; the rest waits there for the next run.
    private func lastCarry(_ running: Running) async {
        if options.policy.observes { return }
        running.inbox.wake()
        running.queue.wake()
        let deadline = clock.monotonicMilliseconds + 2_000
        while host.storage != nil, storageState.problem == nil, (try? lag()) ?? 0 > 0,
            clock.monotonicMilliseconds < deadline
        {
            try? await clock.sleep(milliseconds: 10)
        }
    }

    /// Texts and outcomes that storage does not have yet.
    func lag() throws -> Int {
        try journal.read { database in
            let row = try database.first(
                """
                SELECT (SELECT count(*) FROM inbound WHERE visible = 1 AND stored < revision)
                    + (SELECT count(*) FROM outbound WHERE stored < revision) AS lag
                """)
            return row?["lag"] ?? 0
        }
    }

    var feeds: Running? { running.withLock { $0 } }

    var erasures: Erasures? { running.withLock { $0?.erasures } }

    /// The storage row was changed by a request of ours.
    func storageWasChanged() async {
        let queue = running.withLock { $0?.queue }
        await queue?.storageChanged()
    }

    /// Storage gets what was entered here; what waits for the number is asked about again before its PDU.
    func consentWasEntered() {
        running.withLock { $0?.inbox }?.wake()
    }

    /// Takes a text that a request of ours wrote into the journal.
    func wasBorn(_ text: OutgoingText) async {
        await outbound.add([text])
        running.withLock { $0?.inbox }?.wake()
    }
}
