internal import PluginHost
internal import PluginKit

/// Puts batches of texts while the next are read: several are on their way, so that storage makes them durable together.
enum PutWindow {
    /// On their way at once.
    private static let width = 4

    /// - Parameter body: reads, and calls what it is given for each batch; that waits only while too many are on their way.
    /// - Returns: what `body` does, once all is stored.
    static func run<T>(
        into storage: StorageHandle, _ body: ((_ batch: [Message]) async throws -> Void) async throws -> T
    ) async throws -> T {
        try await withThrowingTaskGroup(of: Void.self) { group in
            var open = 0
            let value = try await body { batch in
                if batch.isEmpty { return }
                if open == width {
                    try await group.next()
                    open -= 1
                }
                group.addTask { try await storage.put(batch) }
                open += 1
            }
            try await group.waitForAll()
            return value
        }
    }
}
