internal import Logging
internal import PluginHost
internal import PluginKit

/// The storage of a gateway that does not run, for work on its texts. As long as it is open no gateway can start, no modem
/// is opened, and nothing is sent or answered: of plugins.d, only the one storage runs.
public final class OfflineStorage: Sendable {
    private let lock: FileLock
    private let host: PluginHost
    private let standby: StandbyStorage
    private let options: GatewayOptions
    private let clock = SystemGatewayClock()

    /// Takes the state folder's lock and opens the storage that would serve, as the gateway would.
    ///
    /// - Throws: `.refused`, naming the process that has the folder; `.unavailable` when the storage cannot be opened, or
    ///   not exactly one is enabled.
    public init(_ options: GatewayOptions) async throws(GatewayError) {
        let lock = try KeepingLock.take(options.stateFolder)
        do throws(GatewayError) {
            guard !Files.exists("\(options.stateFolder)/\(Restore.mark)") else {
                throw GatewayError(
                    .refused,
                    "a restore in \(options.stateFolder) did not come to its end: run `conductor storage restore` again"
                )
            }
            host = PluginHost(
                configuration: options.plugins, services: NoGateway(logger: options.logger), logger: options.logger)
            standby = try await Self.open(host, options.plugins.pluginsFolder)
        } catch {
            lock.release()
            throw error
        }
        self.lock = lock
        self.options = options
    }

    private static func open(_ host: PluginHost, _ folder: String) async throws(GatewayError) -> StandbyStorage {
        let enabled = await host.idleStorages().filter(\.isEnabled)
        guard let only = enabled.first, enabled.count == 1 else {
            let names = enabled.map(\.file.liveName).joined(separator: " and ")
            throw GatewayError(
                .unavailable,
                enabled.isEmpty
                    ? "no drop-in in \(folder) enables a storage; name another folder with --plugins"
                    : "\(enabled.count) storages are enabled in \(folder) (\(names)): disable all but one")
        }
        let standby: StandbyStorage
        do {
            standby = try await host.standby(only.file)
        } catch {
            throw GatewayError(.unavailable, error.description)
        }
        do {
            _ = try await standby.handle.health()
        } catch {
            await standby.end()
            throw GatewayError(.unavailable, "\(only.file.liveName) does not take texts now: \(error.message)")
        }
        return standby
    }

    /// As the running gateway's.
    public func importTexts(_ part: TextImport) async throws(GatewayError) -> TextImportReport {
        try await TextImporter(storage: standby.handle, policy: options.policy).take(part)
    }

    /// As the running gateway's.
    public func archivePage(_ request: ArchivePageRequest) async throws(GatewayError) -> ArchivePage {
        try await TextArchiver(storage: standby.handle, retention: options.retention).page(request, now: clock.now)
    }

    /// As the running gateway's.
    public func removeArchived(_ removal: ArchiveRemoval) async throws(GatewayError) -> ArchiveRemovalReport {
        try await TextArchiver(storage: standby.handle, retention: options.retention).remove(removal)
    }

    /// Closes the storage and lets a gateway start. Call it once, at the end.
    public func close() async {
        await standby.end()
        lock.release()
    }
}

/// What a storage may ask of a gateway that does not run: nothing, and its words go to the log.
private struct NoGateway: HostServices {
    let logger: Logger

    func log(plugin: String, level: PluginLogLevel, message: String) {
        logger.log(
            level: level == .error ? .error : level == .warning ? .warning : .info, "\(message)",
            metadata: ["plugin": "\(plugin)"])
    }

    func storageChanged(plugin: String) {}

    func metric(plugin: String, sample: MetricSample) {}

    @concurrent
    func serve(_ request: ServiceRequest, plugin: String) async throws(PluginError) -> ServiceReply {
        throw PluginError(.unavailable, "the gateway does not run")
    }
}
