internal import PluginHost
internal import PluginKit

extension Gateway {
    private static let archivePage: Int32 = 500
    /// Rows removed at once.
    private static let archiveWidth = 8

    public func archivePage(_ request: ArchivePageRequest) async throws(GatewayError) -> ArchivePage {
        // What the journal has is put again where another storage serves.
        let reach = max(options.retention.journalMilliseconds, Retention.day)
        guard request.before.milliseconds <= clock.now.milliseconds - reach else {
            throw GatewayError(
                .refused,
                "texts of the last \(reach / Retention.day) days are the journal's, too, and would come back: name an earlier "
                    + "day")
        }
        guard let storage = host.servingStorage?.handle else {
            throw GatewayError(.unavailable, host.storageProblem ?? "no storage serves")
        }
        do {
            let health = try await storage.health()
            let rows = try await storage.messages(
                MessageQuery(cursor: request.cursor ?? 0, oldestFirst: true, limit: Self.archivePage))
            let old = rows.filter { $0.timestamp < request.before }
            let settled = old.filter(\.isSettled)
            return ArchivePage(
                identity: health.identity ?? health.location, location: health.location, messages: settled,
                staying: old.count - settled.count,
                nextCursor: rows.count == Int(Self.archivePage) ? rows.last?.storageID : nil)
        } catch {
            throw GatewayError(.unavailable, "storage: \(error.message)")
        }
    }

    public func removeArchived(_ removal: ArchiveRemoval) async throws(GatewayError) -> ArchiveRemovalReport {
        try refuseWhileObserving()
        guard removal.storageIDs.count <= ArchiveRemoval.largest else {
            throw GatewayError(
                .invalid, "\(removal.storageIDs.count) rows at once: \(ArchiveRemoval.largest) are the most")
        }
        guard let storage = host.servingStorage else {
            throw GatewayError(.unavailable, host.storageProblem ?? "no storage serves")
        }
        do {
            let health = try await storage.handle.health()
            guard health.identity ?? health.location == removal.identity else {
                throw GatewayError(
                    .refused, "another storage serves now than the one that was archived: nothing was removed")
            }
            let removed = try await Self.remove(removal.storageIDs, from: storage.handle)
            await storageWasChanged()
            return ArchiveRemovalReport(removed: removed, kept: removal.storageIDs.count - removed)
        } catch let error as GatewayError {
            throw error
        } catch {
            throw GatewayError(.unavailable, "storage: \((error as? PluginError)?.message ?? "\(error)")")
        }
    }

    /// - Returns: how many are gone.
    private static func remove(_ ids: [Int64], from storage: StorageHandle) async throws -> Int {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            var rest = ids[...]
            func next() {
                guard let id = rest.popFirst() else { return }
                group.addTask { try await storage.change(MessageChange(storageID: id, kind: .remove)) }
            }
            for _ in 0..<archiveWidth { next() }
            var removed = 0
            while let isGone = try await group.next() {
                if isGone { removed += 1 }
                next()
            }
            return removed
        }
    }
}

extension Message {
    /// Nobody waits for it any more: see `MessageChange.Kind.remove`, which asks again.
    fileprivate var isSettled: Bool {
        // How old a row without any time is, nobody knows.
        if timestamp.milliseconds <= 0 { return false }
        if let deliveryStatus, [.sending, .unknown, .held].contains(deliveryStatus) { return false }
        return status == .read && direction == .inbound || [.sent, .failed].contains(status) && direction == .outbound
    }
}
