internal import Dispatch
internal import GRDB
internal import PluginHost
internal import PluginKit
internal import Synchronization

extension Gateway {
    public func backup(_ request: BackupRequest) async throws(GatewayError) -> BackupReport {
        guard
            isBackingUp.withLock({ isRunning in
                defer { isRunning = true }
                return !isRunning
            })
        else { throw GatewayError(.refused, "a backup is being taken: wait for its end") }
        defer { isBackingUp.withLock { $0 = false } }

        let (plugin, file, note) = try await storageFile(request)
        let folder = options.stateFolder
        var sources = [Backup.journal, Backup.console].map { Backup.Source(name: $0, path: "\(folder)/\($0)") }
        if let file { sources.append(.init(name: Backup.messages, path: file)) }
        let backup = Backup(
            version: options.version, gateway: options.gateway, stateFolder: folder,
            sources: sources.filter { Files.exists($0.path) || $0.name != Backup.console }, storage: plugin,
            storageNote: note)
        let (now, journal) = (clock.now, journal)
        let result: Result<BackupReport, GatewayError> = await withCheckedContinuation { continuation in
            // Blocks for long: not on a thread that others wait for.
            DispatchQueue.global(qos: .utility).async {
                continuation.resume(
                    returning: Result {
                        try backup.take(request, now: now) { body in try journal.writer.pause(body) }
                    }.mapError { $0 as? GatewayError ?? GatewayError(.unavailable, DatabaseFile.words($0)) })
            }
        }
        return try result.get()
    }

    /// Of the storage that is meant: its plugin, and the file that it keeps everything in, or why there is none to copy.
    private func storageFile(
        _ request: BackupRequest
    ) async throws(GatewayError) -> (plugin: String?, file: String?, note: String?) {
        if let name = request.storage {
            let target: DropInFile
            do {
                target = try DropInFile.find(name, in: options.plugins.pluginsFolder)
            } catch {
                throw GatewayError(.invalid, error.description)
            }
            if target.liveName != host.storageFile {
                let (plugin, file) = try await idleFile(target)
                return (plugin, file, nil)
            }
        }
        let plugin = host.reports.first { $0.state == .running && $0.capabilities.contains("storage") }?.plugin
        let (file, note) = try await storageFile(plugin, isOptional: request.withoutStorage == true)
        return (plugin, file, note)
    }

    /// Of a storage that does not serve: what it says itself, as its plugin is opened for a moment.
    private func idleFile(_ target: DropInFile) async throws(GatewayError) -> (plugin: String, file: String) {
        guard let idle = await host.idleStorages().first(where: { $0.file.liveName == target.liveName }) else {
            throw GatewayError(.invalid, "\(target.liveName) is no storage")
        }
        if let file = idle.databaseFile, !Files.exists(file) {
            throw GatewayError(.notFound, "\(file) is not there: nothing was backed up")
        }
        let health: StorageHealth
        do {
            let standby = try await host.standby(idle.file)
            let answer: Result<StorageHealth, PluginError>
            do throws(PluginError) {
                answer = .success(try await standby.handle.health())
            } catch {
                answer = .failure(error)
            }
            await standby.end()
            health = try answer.get()
        } catch let error as DropInFile.Failure {
            throw GatewayError(.unavailable, "\(error.description): nothing was backed up")
        } catch {
            let reason = (error as? PluginError)?.message ?? "\(error)"
            throw GatewayError(.unavailable, "\(target.liveName) does not answer (\(reason)): nothing was backed up")
        }
        guard let file = health.databaseFile else {
            throw GatewayError(
                .refused,
                "\(target.liveName) keeps its texts in \(health.location), which is no file of this machine: back it up by "
                    + "its own means; nothing was backed up")
        }
        return (idle.plugin, file)
    }

    /// The file that storage keeps everything in; or why there is none to copy.
    private func storageFile(_ plugin: String?, isOptional: Bool) async throws(GatewayError) -> (String?, String?) {
        guard let plugin, let storage = host.storage else { return (nil, "no storage served") }
        do {
            if let file = try await storage.health().databaseFile { return (file, nil) }
            return (nil, "\(plugin) does not keep its texts in a file of this machine: back it up by its own means")
        } catch {
            let reason = "storage does not answer (\(error.message))"
            if isOptional { return (nil, reason) }
            throw GatewayError(
                .unavailable, "\(reason): nothing was backed up; --without-storage backs up the rest alone")
        }
    }
}

extension JournalWriter {
    /// Runs `body` on the writer's thread while nothing is committed. Blocks the calling thread; never to be called
    /// from the writer's own.
    func pause(_ body: @escaping @Sendable () throws -> Void) throws {
        let done = DispatchSemaphore(value: 0)
        let failure = Mutex<(any Error)?>(nil)
        Task.detached { [self] in
            do {
                try await write { _ in try body() }
            } catch {
                failure.withLock { $0 = error }
            }
            done.signal()
        }
        done.wait()
        if let error = failure.withLock({ $0 }) { throw error }
    }
}
