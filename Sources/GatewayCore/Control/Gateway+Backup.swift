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

        let plugin = host.reports.first { $0.state == .running && $0.capabilities.contains("storage") }?.plugin
        let (file, note) = try await storageFile(plugin, isOptional: request.withoutStorage == true)
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
