import PluginKit
import Synchronization

/// The people whose texts each plugin is being asked about right now: about nobody else may it ask, unless its drop-in
/// says `numbers: any` (C2).
final class NumbersInHand: Sendable {
    private struct Held {
        let phone: String
        let plugin: String
    }

    /// One for each call: few at a time, so that looking through them costs less than a dictionary.
    private let held = Mutex<[Held]>([])

    /// Asks a responder about a text of `phone`, which is in its hand meanwhile.
    func holding<Reply>(
        _ phone: String, for plugin: String, _ body: () async throws(PluginError) -> Reply
    ) async throws(PluginError) -> Reply {
        held.withLock { $0.append(Held(phone: phone, plugin: plugin)) }
        defer {
            held.withLock { held in
                if let index = held.lastIndex(where: { $0.phone == phone && $0.plugin == plugin }) {
                    held.swapAt(index, held.count - 1)
                    held.removeLast()
                }
            }
        }
        return try await body()
    }

    func holds(_ phone: String, for plugin: String) -> Bool {
        held.withLock { $0.contains { $0.phone == phone && $0.plugin == plugin } }
    }
}
