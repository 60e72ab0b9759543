import ArgumentParser
import ConsoleServer
import GatewayCore
import Glibc
import Logging

/// `conductor run`: the composition of the gateway, and everything around it.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "The gateway, in the foreground.",
        discussion: """
            SIGTERM and SIGINT drain and end it, SIGHUP reads plugins.d again. Under systemd it reports readiness and feeds the watchdog \
            (Type=notify). Simulated modems work only with SQLite in a state folder that never held real texts.
            """)

    @Option(help: ArgumentHelp("The configuration file.", valueName: "file"))
    var config: String?

    @Option(
        help: ArgumentHelp(
            "Use N simulated modems instead of real ones; `auto`: one, when no modem is attached.", valueName: "n"))
    var simulate: Simulation?

    @Flag(help: "Look only: nothing is sent or answered, nothing is written into storage.")
    var observe = false

    @Option(help: ArgumentHelp("The folder for everything the gateway keeps.", valueName: "folder"))
    var state: String?

    @Option(help: ArgumentHelp("The folder with the drop-ins.", valueName: "folder"))
    var plugins: String?

    func run() async throws {
        HeapCare.begin()
        let signals = Signals()
        let terminal = Terminal.errors
        var plan = try RunPlan(config: config, state: state, plugins: plugins)
        plan.observes = observe
        let folder = try StateFolder(plan.stateFolder)
        try folder.make()
        let simulator = try simulation(in: folder)
        plan.simulatedPorts = simulator?.ports ?? []

        let gateway = try Assembly.gateway(for: plan)
        let server = GatewayServer(control: gateway, socket: plan.socket, logger: plan.logger)
        // The socket first: it says at once, and in words, when another gateway has this state folder.
        try await serving { try await server.start() }
        do {
            try await serving { try await gateway.start() }
            if simulator != nil { try await Simulation.checkStorage(of: gateway, state: plan.stateFolder) }
        } catch {
            await server.stop()
            await gateway.stop()
            throw error
        }
        let child = try simulator?.start()
        let notifier = SystemdNotifier.current
        notifier.send("READY=1")
        await welcome(plan, gateway: gateway, terminal: terminal)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await notifier.feedWatchdog() }
            if simulator != nil || Terminal.output.isTerminal {
                group.addTask { await Announcer(control: gateway, terminal: .output).run() }
            }
            await untilAsked(signals, gateway: gateway, logger: plan.logger)
            group.cancelAll()
        }
        notifier.send("STOPPING=1")
        plan.logger.notice("stopping: what is in flight ends first")
        await gateway.stop()
        await server.stop()
        await child?.stop()
        plan.logger.notice("stopped")
    }

    /// nil when real modems are used.
    private func simulation(in folder: StateFolder) throws(CommandFailure) -> SimulatorProcess? {
        let attached = AttachedModems.ports()
        var modems = 0
        switch simulate {
        case .modems(let count): modems = count
        case .whenNoneIsAttached where attached.isEmpty:
            modems = 1
            Terminal.errors.line("no modem attached: started a simulated one")
        case .whenNoneIsAttached, nil: break
        }
        guard modems > 0 else {
            guard !folder.isMarked else {
                throw CommandFailure(
                    .failed,
                    "\(folder.path) holds texts of simulated modems, and no real modem may meet them: "
                        + "remove it (rm -r \(folder.path)), or give another one with --state")
            }
            return nil
        }
        guard folder.isThrowaway else {
            throw CommandFailure(
                .failed,
                "simulated modems need a throw-away state folder, and \(folder.path) holds real data: "
                    + "give a new one with --state")
        }
        try folder.setMark()
        return SimulatorProcess(modems: modems, links: folder.path + "/sim")
    }

    /// Ends at SIGTERM or SIGINT; at SIGHUP, plugins.d is read again.
    private func untilAsked(_ signals: Signals, gateway: any RunnableGateway, logger: Logger) async {
        for await number in signals.stream {
            guard number == SIGHUP else { return }
            logger.notice("SIGHUP: plugins.d is read again; conductor.yaml is read at the start only")
            // What it did is in the log by then; without a name it does not fail.
            _ = try? await gateway.reloadPlugins(nil)
        }
    }

    /// Gives the sentences of the parts below an exit code.
    private func serving(_ step: () async throws -> Void) async throws {
        do {
            try await step()
        } catch let failure as CommandFailure {
            throw failure
        } catch {
            throw CommandFailure(.failed, "\(error)")
        }
    }

    /// Where things are.
    private func welcome(_ plan: RunPlan, gateway: any RunnableGateway, terminal: Terminal) async {
        let status = await gateway.status()
        let storage = status.storage.location ?? status.storage.problem ?? "none"
        terminal.line("\(terminal.style("Conductor \(Version.text)", .bold)) runs. Ctrl-C ends it.")
        if status.observes == true {
            terminal.line(
                terminal.style("OBSERVES ONLY: nothing is sent or answered, nothing is written into storage", .red))
        }
        for (name, value) in [
            ("state", plan.stateFolder), ("plugins", plan.pluginsFolder), ("storage", storage),
            ("socket", plan.socket),
        ] {
            terminal.line("  \(terminal.style(name.padded(to: 8), .dim)) \(value)")
        }
        terminal.line("  In a second terminal: conductor status · conductor inbox --follow")
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
