import ArgumentParser
import GatewayCore
import Logging

/// Who does a command's work on the texts of storage: the gateway that runs, or, where none does, this process.
protocol TextKeeper: Sendable {
    func importTexts(_ part: TextImport) async throws(CommandFailure) -> TextImportReport
    func archivePage(_ request: ArchivePageRequest) async throws(CommandFailure) -> ArchivePage
    func removeArchived(_ removal: ArchiveRemoval) async throws(CommandFailure) -> ArchiveRemovalReport
}

extension GatewayClient: TextKeeper {}

/// This process, with the state folder's lock.
private struct LocalKeeper: TextKeeper {
    let storage: OfflineStorage

    func importTexts(_ part: TextImport) async throws(CommandFailure) -> TextImportReport {
        do { return try await storage.importTexts(part) } catch { throw error.failure }
    }

    func archivePage(_ request: ArchivePageRequest) async throws(CommandFailure) -> ArchivePage {
        do { return try await storage.archivePage(request) } catch { throw error.failure }
    }

    func removeArchived(_ removal: ArchiveRemoval) async throws(CommandFailure) -> ArchiveRemovalReport {
        do { return try await storage.removeArchived(removal) } catch { throw error.failure }
    }
}

/// Where the work is done: of commands that need no running gateway.
struct TextKeeperOptions: ParsableArguments {
    @OptionGroup var folder: StateOption
    @OptionGroup var client: ClientOptions

    @Option(help: ArgumentHelp("The folder with the drop-ins, when no gateway runs.", valueName: "folder"))
    var plugins: String?

    /// Runs `body` with the gateway that answers; without one, with the storage itself, which no gateway gets until the
    /// end. `--state` or `--plugins` says that none runs.
    func keeping<Value>(_ body: (any TextKeeper) async throws -> Value) async throws -> Value {
        if folder.state == nil, plugins == nil, let client = try running() { return try await body(client) }
        let storage: OfflineStorage
        do {
            storage = try await OfflineStorage(Assembly.options(for: try plan()))
        } catch let error as GatewayError {
            throw error.failure
        }
        do {
            let value = try await body(LocalKeeper(storage: storage))
            await storage.close()
            return value
        } catch {
            await storage.close()
            throw error
        }
    }

    /// nil when none runs.
    private func running() throws(CommandFailure) -> GatewayClient? {
        do {
            let client = try self.client.client()
            _ = try client.status()
            return client
        } catch {
            guard error.status == .notRunning else { throw error }
            return nil
        }
    }

    /// As the gateway's own, had it been started; a socket that is named says which folder is meant.
    private func plan() throws(CommandFailure) -> RunPlan {
        var state = folder.state
        if state == nil, client.config == nil, let socket = Terminal.variable("CONDUCTOR_SOCKET"),
            socket.hasSuffix("/control.sock")
        {
            state = String(socket.dropLast("/control.sock".count))
        }
        let files = try KeepingFiles(config: client.config, state: state)
        var plan = try RunPlan(config: client.config, state: files.folder, plugins: plugins ?? files.pluginsFolder)
        plan.logger.logLevel = max(plan.logger.logLevel, .warning)
        return plan
    }
}

extension GatewayError {
    /// As the same answer of a running gateway.
    fileprivate var failure: CommandFailure {
        let status: ExitStatus =
            switch code {
            case .invalid: .usage
            case .refused: .refused
            case .notFound, .unavailable: .failed
            }
        return CommandFailure(status, message)
    }
}
