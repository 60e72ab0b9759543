internal import PluginHost
internal import PluginKit

extension Gateway {
    public func archivePage(_ request: ArchivePageRequest) async throws(GatewayError) -> ArchivePage {
        try await archiver().page(request, now: clock.now)
    }

    public func removeArchived(_ removal: ArchiveRemoval) async throws(GatewayError) -> ArchiveRemovalReport {
        try refuseWhileObserving()
        let report = try await archiver().remove(removal)
        await storageWasChanged()
        return report
    }

    /// Of the storage that serves now.
    private func archiver() throws(GatewayError) -> TextArchiver {
        guard let storage = host.servingStorage?.handle else {
            throw GatewayError(.unavailable, host.storageProblem ?? "no storage serves")
        }
        return TextArchiver(storage: storage, retention: options.retention)
    }
}
