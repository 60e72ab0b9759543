internal import PluginHost
internal import PluginKit

extension Gateway {
    /// What `status`, the console and refusals say while nothing is to be touched.
    static let observing =
        "the gateway only observes (run --observe): nothing is sent or answered, and nothing is written into storage; what "
        + "comes waits in the journal. Start it without --observe to begin"

    /// Before anything that would send a text or change storage.
    func refuseWhileObserving() throws(GatewayError) {
        if options.policy.observes { throw GatewayError(.refused, Self.observing) }
    }

    /// A page of storage's texts; while nothing is touched, those that wait as they would stand otherwise.
    func page(_ query: MessageQuery, of storage: StorageHandle) async throws(PluginError) -> [Message] {
        let rows = try await storage.messages(query)
        guard options.policy.observes else { return rows }
        guard query.deliveryStatus == .held else { return foresee(rows) }
        // None is held yet of those that would be: they are looked for among all that wait.
        guard query.status ?? .queued == .queued, query.direction != .inbound else { return rows }
        let all = rows + (try await wouldBeHeld(query, in: storage))
        let sorted = all.sorted { first, second in
            let (first, second) = (first.storageID ?? 0, second.storageID ?? 0)
            return query.oldestFirst ? first < second : first > second
        }
        return Array(sorted.prefix(Int(query.limit)))
    }

    private func wouldBeHeld(
        _ query: MessageQuery, in storage: StorageHandle
    ) async throws(PluginError) -> [Message] {
        var query = query
        (query.deliveryStatus, query.status, query.direction) = (nil, .queued, .outbound)
        var found: [Message] = []
        while true {
            let rows = try await storage.messages(query)
            found += foresee(rows.filter { $0.deliveryStatus == nil }).filter { $0.deliveryStatus == .held }
            guard found.count < Int(query.limit), rows.count == Int(query.limit), let last = rows.last?.storageID else {
                return found
            }
            query.cursor = last
        }
    }

    private func foresee(_ rows: [Message]) -> [Message] {
        let foresight = Foresight(policy: options.policy, now: clock.now)
        return (try? journal.read { database in try rows.map { try foresight.foreseen($0, database) } }) ?? rows
    }
}
