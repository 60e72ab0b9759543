import PluginKit
import Synchronization

/// The people whose texts each plugin is being asked about right now: about nobody else may it ask, unless its drop-in
/// says `numbers: any` (C2).
final class NumbersInHand: Sendable {
    private let counts = Mutex<[String: [String: Int]]>([:])

    /// Asks a responder about a text of `phone`, which is in its hand meanwhile.
    func holding<Reply>(
        _ phone: String, for plugin: String, _ body: () async throws(PluginError) -> Reply
    ) async throws(PluginError) -> Reply {
        counts.withLock { $0[plugin, default: [:]][phone, default: 0] += 1 }
        defer {
            counts.withLock { counts in
                let left = (counts[plugin]?[phone] ?? 1) - 1
                counts[plugin]?[phone] = left == 0 ? nil : left
                if counts[plugin]?.isEmpty == true { counts[plugin] = nil }
            }
        }
        return try await body()
    }

    func holds(_ phone: String, for plugin: String) -> Bool {
        counts.withLock { $0[plugin]?[phone] != nil }
    }
}
