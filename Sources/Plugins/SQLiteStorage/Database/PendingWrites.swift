internal import GRDB
internal import PluginKit
internal import Synchronization

/// A write that waits for its turn.
struct PendingWrite: Sendable {
    /// Makes the changes, and gives what is to be called when they are durable.
    let run: @Sendable (Database) throws -> @Sendable () -> Void
    let fail: @Sendable (PluginError) -> Void
}

/// Writes in the order in which they came. Those that wait together are one transaction: to make it durable takes longer
/// than the changes.
final class PendingWrites: Sendable {
    /// In one transaction, so that none waits long for the others.
    private static let most = 16

    private let waiting = Mutex<[PendingWrite]>([])

    /// - Returns: whether nobody has been asked yet to `take` it.
    func add(_ write: PendingWrite) -> Bool {
        waiting.withLock {
            $0.append(write)
            return $0.count == 1
        }
    }

    /// The next ones; more may be left.
    func take() -> [PendingWrite] {
        waiting.withLock { waiting in
            defer { waiting.removeFirst(min(Self.most, waiting.count)) }
            return Array(waiting.prefix(Self.most))
        }
    }

    var count: Int { waiting.withLock { $0.count } }
}
