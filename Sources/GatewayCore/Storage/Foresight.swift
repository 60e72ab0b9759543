internal import GRDB
internal import PluginKit

/// What would become of a row of the table that waits, if the gateway began with it now: for `run --observe`, which touches
/// none. Limits are not in it: they depend on what is sent before.
struct Foresight {
    enum Fate: Hashable {
        case sent
        /// Planned, or outside the hours of its class.
        case later
        /// Too old (decision 7), or held already.
        case held
        /// With its `error_code` and the reason.
        case failed(String, String)
        /// A gateway has begun with it, or does not know what became of it.
        case begun
    }

    /// What storage says of a row that it holds.
    static let tooOld = "too-old"

    let policy: Policy
    let now: Timestamp

    func fate(of row: Message, _ database: Database) throws -> Fate {
        switch row.deliveryStatus {
        case nil: break
        case .held: return .held
        default: return .begun
        }
        let due = row.notBefore ?? row.timestamp
        if policy.maxAgeMilliseconds > 0, due.milliseconds < now.milliseconds - policy.maxAgeMilliseconds {
            return .held
        }
        if let planned = row.notBefore, planned > now { return .later }
        let text = OutgoingText(
            seq: 0, uid: row.uid ?? "", storageID: row.storageID, origin: "table", purpose: .conversation,
            phone: policy.number(row.phone)?.text ?? row.phone, content: row.content, simWanted: nil, createdAt: now,
            notBefore: nil, state: .waiting, attempts: 0)
        switch try SendingRules(policy: policy).verdict(on: text, isBegun: false, now: now, database) {
        case .allow: return .sent
        case .later: return .later
        case .never(let code, let sentence): return .failed(code, sentence)
        }
    }

    /// The row as it would stand in the table then.
    func foreseen(_ row: Message, _ database: Database) throws -> Message {
        guard row.direction == .outbound, row.status == .queued else { return row }
        var row = row
        switch try fate(of: row, database) {
        case .held where row.deliveryStatus == nil:
            row.deliveryStatus = .held
            row.errorCode = Self.tooOld
            row.errorMessage = "too old: it would be held, not sent"
        case .failed(let code, let sentence):
            row.errorCode = code
            row.errorMessage = "it would fail: \(sentence)"
        case .sent, .later, .held, .begun: break
        }
        return row
    }
}
