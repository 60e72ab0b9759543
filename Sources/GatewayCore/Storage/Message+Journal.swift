internal import GRDB
internal import PluginKit

extension Message {
    /// A row of the journal's `inbound`.
    init(inbound row: Row) {
        self.init(
            uid: row["uid"], direction: .inbound, phone: row["phone"], content: row["content"],
            // Programs that work on the table take what is unread: with `external_bots` that is theirs and no other's.
            status: (row["left_to"] as String?) == "us" ? .read : .unread,
            timestamp: Timestamp(milliseconds: row["received_at"]),
            modemTimestamp: (row["sent_at"] as Int64?).map(Timestamp.init(milliseconds:)),
            modemUTCOffset: row["utc_offset"], modemIndex: row["slot"], sim: row["sim"], parts: row["parts"],
            incomplete: row["incomplete"], possibleDuplicate: row["duplicate"], asksToStop: row["asks_to_stop"])
    }

    /// A row of the journal's `outbound`.
    init(outbound row: Row) {
        let state = OutgoingText.State(rawValue: row["state"]) ?? .failed
        let code: String? = row["error_code"]
        // While its report may come, an unknown text is not at its end: it holds back the later ones of its recipient,
        // also at other gateways, and no longer than that.
        let awaited = state == .unknown ? row["ask_at"] as Int64? : nil
        self.init(
            uid: row["uid"], storageID: row["storage_id"], direction: .outbound, phone: row["phone"],
            content: row["content"], status: awaited == nil ? state.status : .queued,
            deliveryStatus: state.deliveryStatus(errorCode: code),
            errorCode: code, errorMessage: row["error_message"],
            timestamp: Timestamp(milliseconds: row["created_at"]),
            modemTimestamp: state.hasLeft
                ? (row["settled_at"] as Int64?).map(Timestamp.init(milliseconds:)) : nil,
            retryCount: row["attempts"],
            lastRetryAt: (row["last_attempt_at"] as Int64?).map(Timestamp.init(milliseconds:)),
            notBefore: (awaited ?? row["not_before"] as Int64?).map(Timestamp.init(milliseconds:)),
            sim: row["sim"] ?? row["sim_wanted"], parts: row["parts"], answers: row["answers"], origin: row["origin"])
    }
}

extension ExchangeRequest.Outcome {
    /// How a text that was claimed from storage stands.
    init(outbound row: Row) {
        let message = Message(outbound: row)
        self.init(
            uid: message.uid, storageID: message.storageID, status: message.status,
            deliveryStatus: message.deliveryStatus, errorCode: message.errorCode, errorMessage: message.errorMessage,
            modemTimestamp: message.modemTimestamp,
            notBefore: message.deliveryStatus == .unknown ? message.notBefore : nil, sim: message.sim,
            parts: message.parts)
    }
}

extension ConsentEvent {
    init(row: Row) {
        self.init(
            uid: row["uid"], phone: row["phone"], action: Action(rawValue: row["action"]) ?? .out,
            at: Timestamp(milliseconds: row["at"]), source: row["source"], messageUID: row["message_uid"])
    }
}

extension OutgoingText.State {
    /// The coarse state that other programs know. A text that stays unknown is `sent`, not `failed`: nothing may send it
    /// again.
    var status: Message.Status {
        switch self {
        case .waiting, .sending: .queued
        case .unknown, .accepted, .delivered: .sent
        case .undelivered, .failed: .failed
        }
    }

    func deliveryStatus(errorCode: String?) -> Message.DeliveryStatus {
        switch self {
        case .waiting, .sending: .sending
        case .unknown: .unknown
        case .accepted: .accepted
        case .delivered: .delivered
        case .undelivered: .undelivered
        case .failed:
            switch errorCode {
            case "opted-out": .optedOut
            case "expired": .expired
            default: .refused
            }
        }
    }

    /// The network has it, or had it.
    var hasLeft: Bool {
        switch self {
        case .accepted, .delivered, .undelivered: true
        case .waiting, .sending, .unknown, .failed: false
        }
    }
}
