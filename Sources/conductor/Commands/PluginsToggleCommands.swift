import ArgumentParser
import GatewayCore
import Glibc
import PluginHost

/// Which plugins.d is meant.
struct DropInOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The folder with the drop-ins; the running gateway's unless said.", valueName: "folder"))
    var plugins: String?

    /// The folder, and the gateway that reads it, where one runs.
    func place(_ options: ClientOptions) throws(CommandFailure) -> (folder: String, gateway: GatewayClient?) {
        var gateway: GatewayClient?
        var folder: String?
        do {
            let client = try options.client()
            folder = try client.status().pluginsFolder
            gateway = client
        } catch {
            guard error.status == .notRunning else { throw error }
        }
        if let plugins {
            let wanted = try StateFolder.absolute(plugins)
            return (wanted, Self.isSame(wanted, folder) ? gateway : nil)
        }
        if let folder { return (folder, gateway) }
        if options.config == nil, access(".state/plugins.d", R_OK | X_OK) == 0 {
            return (try StateFolder.absolute(".state/plugins.d"), nil)
        }
        return (try StateFolder.absolute(LoadedConfiguration.load(options.config).pluginsFolder), nil)
    }

    private static func isSame(_ one: String, _ other: String?) -> Bool {
        guard let other else { return false }
        var (first, second) = (stat(), stat())
        return stat(one, &first) == 0 && stat(other, &second) == 0 && first.st_ino == second.st_ino
            && first.st_dev == second.st_dev
    }
}

extension PluginsCommand {
    struct Enable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Switch a drop-in on: checks it first, then changes its file.",
            discussion: "Only the value of `enabled` changes. Works with the gateway running or not.")

        @Argument(help: "The drop-in, as 50-auto-reply.yaml or auto-reply.")
        var name: String

        @OptionGroup var dropIns: DropInOptions
        @OptionGroup var options: ClientOptions

        func run() async throws {
            let (folder, gateway) = try dropIns.place(options)
            try await Toggle(folder: folder, gateway: gateway, terminal: .output).enable(name)
        }
    }

    struct Disable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Switch a drop-in off, and say what that changes.",
            discussion: "Only the value of `enabled` changes. Works with the gateway running or not.")

        @Argument(help: "The drop-in, as 50-auto-reply.yaml or auto-reply.")
        var name: String

        @OptionGroup var dropIns: DropInOptions
        @OptionGroup var options: ClientOptions

        func run() async throws {
            let (folder, gateway) = try dropIns.place(options)
            try await Toggle(folder: folder, gateway: gateway, terminal: .output).disable(name)
        }
    }
}

/// Switches drop-ins by their files.
private struct Toggle {
    let folder: String
    let gateway: GatewayClient?
    let terminal: Terminal

    func enable(_ name: String) async throws {
        let file = try sentence { () throws(DropInFile.Failure) in try DropInFile.find(name, in: folder) }
        let check: PluginCheck
        do {
            check = try await file.check(searchPath: BundledPlugins.folders)
        } catch {
            throw CommandFailure(.failed, error.description)
        }
        if check.roles.contains("storage") {
            let others = await file.others(being: "storage", searchPath: BundledPlugins.folders)
            if let other = others.first {
                terminal.line(
                    "\(other) is enabled as storage, and only one can serve: the one that serves now stays, and with "
                        + "two enabled the next start has none; disable one of them")
            }
        }
        let was = try sentence { () throws(DropInFile.Failure) in try file.isEnabled() }
        try sentence { () throws(DropInFile.Failure) in try file.set(enabled: true) }
        let plugin = [check.name ?? check.id, check.version].compactMap { $0 }.joined(separator: " ")
        terminal.line("\(file.liveName) \(was ? "is enabled already" : "is enabled"): \(plugin)")
        try follow(file.liveName, wanted: "running")
    }

    func disable(_ name: String) async throws {
        let file = try sentence { () throws(DropInFile.Failure) in try DropInFile.find(name, in: folder) }
        guard (try? file.isEnabled()) ?? true else {
            return terminal.line("\(file.liveName) is disabled already")
        }
        // One that is broken may be switched off as well; what it was is not known then.
        let check = try? await file.check(searchPath: BundledPlugins.folders)
        var roles = check?.roles ?? []
        // A program says what it serves when it is started, which a check does not; few are notifiers.
        if check?.program != nil { roles.removeAll { $0 == "notifier" } }
        try sentence { () throws(DropInFile.Failure) in try file.set(enabled: false) }
        terminal.line("\(file.liveName) is disabled")
        for (role, what) in [
            ("responder", "no responder is enabled any more: texts are stored, and nothing answers them"),
            ("notifier", "no notifier is enabled any more: nobody is told of events"),
            (
                "storage",
                "no storage is enabled any more: while the gateway runs this one serves on; after the next start texts "
                    + "are received and answered, and wait in the journal"
            ),
        ] where roles.contains(role) {
            if await file.others(being: role, searchPath: BundledPlugins.folders).isEmpty { terminal.line(what) }
        }
        try follow(file.liveName, wanted: "disabled")
    }

    /// Waits until the gateway has taken the file, and says what came of it.
    private func follow(_ file: String, wanted: String) throws {
        guard let gateway else {
            return terminal.line("the gateway does not run with this folder: it takes effect at the next start")
        }
        let reload = try gateway.reloadPlugins(nil)
        guard let report = reload.plugins.first(where: { $0.dropIn == file }) else {
            throw CommandFailure(.failed, "the gateway does not see \(file) in its plugins.d")
        }
        if let problem = report.problem {
            guard report.state == "running" || wanted == "disabled" else { throw CommandFailure(.failed, problem) }
            return terminal.line(problem)
        }
        guard report.state == wanted else {
            throw CommandFailure(.failed, "the gateway has it as \(report.state): see conductor plugins logs \(file)")
        }
        terminal.line(wanted == "running" ? "it serves" : "the gateway does not use it any more")
    }

    private func sentence<Value>(_ body: () throws(DropInFile.Failure) -> Value) throws(CommandFailure) -> Value {
        do {
            return try body()
        } catch {
            throw CommandFailure(.failed, error.description)
        }
    }
}
