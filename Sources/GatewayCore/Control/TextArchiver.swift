internal import PluginHost
internal import PluginKit

/// Takes old texts out of a storage, whether a gateway runs or not.
struct TextArchiver: Sendable {
    private static let page: Int32 = 500
    /// Rows removed at once.
    private static let width = 8

    let storage: StorageHandle
    let retention: Retention

    /// A part of the old texts that nobody waits for any more.
    func page(_ request: ArchivePageRequest, now: Timestamp) async throws(GatewayError) -> ArchivePage {
        // What the journal has is put again where another storage serves.
        let reach = max(retention.journalMilliseconds, Retention.day)
        guard request.before.milliseconds <= now.milliseconds - reach else {
            throw GatewayError(
                .refused,
                "texts of the last \(reach / Retention.day) days are the journal's, too, and would come back: name an earlier "
                    + "day")
        }
        do {
            let health = try await storage.health()
            let rows = try await storage.messages(
                MessageQuery(cursor: request.cursor ?? 0, oldestFirst: true, limit: Self.page))
            let old = rows.filter { $0.timestamp < request.before }
            let settled = old.filter(\.isSettled)
            return ArchivePage(
                identity: health.name, location: health.location, messages: settled,
                staying: old.count - settled.count,
                nextCursor: rows.count == Int(Self.page) ? rows.last?.storageID : nil)
        } catch {
            throw GatewayError(.unavailable, "storage: \(error.message)")
        }
    }

    /// Takes texts out that are in a file; repeating it changes nothing.
    func remove(_ removal: ArchiveRemoval) async throws(GatewayError) -> ArchiveRemovalReport {
        guard removal.storageIDs.count <= ArchiveRemoval.largest else {
            throw GatewayError(
                .invalid, "\(removal.storageIDs.count) rows at once: \(ArchiveRemoval.largest) are the most")
        }
        do {
            guard try await storage.health().name == removal.identity else {
                throw GatewayError(
                    .refused, "another storage serves now than the one that was archived: nothing was removed")
            }
            let removed = try await remove(removal.storageIDs)
            return ArchiveRemovalReport(removed: removed, kept: removal.storageIDs.count - removed)
        } catch let error as GatewayError {
            throw error
        } catch {
            throw GatewayError(.unavailable, "storage: \((error as? PluginError)?.message ?? "\(error)")")
        }
    }

    /// - Returns: how many are gone.
    private func remove(_ ids: [Int64]) async throws -> Int {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            var rest = ids[...]
            func next() {
                guard let id = rest.popFirst() else { return }
                group.addTask { try await storage.change(MessageChange(storageID: id, kind: .remove)) }
            }
            for _ in 0..<Self.width { next() }
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
