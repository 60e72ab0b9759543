internal import Synchronization

/// How far the switch of the storage is that is under way.
final class SwitchProgress: Sendable {
    private let state = Mutex<GatewayStatus.StorageState.Switching?>(nil)

    /// nil while none is under way.
    var now: GatewayStatus.StorageState.Switching? { state.withLock { $0 } }

    func begin(_ name: String) {
        state.withLock { $0 = .init(to: name, table: nil, rows: 0) }
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
