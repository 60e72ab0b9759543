internal import Synchronization

/// The one switch of the storage that may be under way, and how far it is.
final class SwitchProgress: Sendable {
    private let state = Mutex<GatewayStatus.StorageState.Switching?>(nil)

    /// nil while none is under way.
    var now: GatewayStatus.StorageState.Switching? { state.withLock { $0 } }

    /// - Returns: false when one is under way.
    func begin(_ name: String) -> Bool {
        state.withLock { state in
            guard state == nil else { return false }
            state = .init(to: name, table: nil, rows: 0)
            return true
        }
    }

    func end() { state.withLock { $0 = nil } }

    /// So many rows more of a table were read, in one of both storages.
    func read(_ count: Int, of table: String) {
        state.withLock { state in
            guard let now = state else { return }
            state = .init(to: now.to, table: table, rows: (now.table == table ? now.rows : 0) + count)
        }
    }
}
