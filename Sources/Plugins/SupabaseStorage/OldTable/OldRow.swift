internal import PluginKit

/// A row of `messages` as it is without the migration. Other programs may have left anything out.
struct OldRow: Sendable {
    static let columns =
        "id,phone_number,content,timestamp,modem_timestamp,status,direction,modem_index,message_hash,retry_count,"
        + "last_retry_at,created_at"

    let id: Int64
    let phone: String?
    let content: String?
    let timestamp: Timestamp?
    let createdAt: Timestamp?
    let modemTimestamp: Timestamp?
    /// In lower case.
    let status: String?
    /// As it is: a change that expects it must say so.
    let writtenStatus: String?
    let direction: String?
    let modemIndex: Int32?
    /// As it is: `mark` where it is ours.
    let hash: String?
    /// nil is not 0: a change that expects it must say so.
    let retryCount: Int32?
    let lastRetryAt: Timestamp?

    init?(_ json: JSONValue) {
        guard let id = json["id"].integer else { return nil }
        self.id = id
        phone = json["phone_number"].text
        content = json["content"].text
        timestamp = PostgresTime.read(json["timestamp"].text)
        createdAt = PostgresTime.read(json["created_at"].text)
        modemTimestamp = PostgresTime.read(json["modem_timestamp"].text)
        writtenStatus = json["status"].text
        status = writtenStatus?.lowercased()
        direction = json["direction"].text?.lowercased()
        modemIndex = json["modem_index"].number
        hash = json["message_hash"].text
        retryCount = json["retry_count"].number
        lastRetryAt = PostgresTime.read(json["last_retry_at"].text)
    }

    var mark: Mark? { Mark(hash) }
    var recipient: String? { PhoneForm.recipient(phone) }
    var isQueued: Bool { direction == "outbound" && status == "queued" }

    /// From another time: it was told, or came, before `moment`, or it says that it is much older than its arrival here (a
    /// copy). A gateway's own mark says that somebody has looked at it since.
    func isStale(before moment: Timestamp?, maxAge: Int64) -> Bool {
        guard let moment, mark == nil else { return false }
        guard let oldest = [timestamp, createdAt].compactMap(\.self).min() else { return true }
        if oldest < moment { return true }
        guard let timestamp, let createdAt else { return false }
        return timestamp.milliseconds < createdAt.milliseconds - maxAge
    }

    /// - Parameters:
    ///   - isHeld: it waits for a person because of its age.
    ///   - notBefore: what this gateway remembers of it.
    func message(isHeld: Bool = false, notBefore: Timestamp? = nil) -> Message {
        let direction = self.direction.flatMap(Message.Direction.init(rawValue:)) ?? .inbound
        let known = status.flatMap(Message.Status.init(rawValue:))
        var message = Message(
            uid: mark?.uid, storageID: id, direction: direction, phone: recipient ?? "", content: content ?? "",
            status: known ?? (direction == .inbound ? .unread : .failed), deliveryStatus: mark?.state,
            errorCode: mark?.code == Mark.wanted ? nil : mark?.code,
            timestamp: timestamp ?? createdAt ?? Timestamp(milliseconds: 0), modemTimestamp: modemTimestamp,
            modemIndex: modemIndex, messageHash: hash, retryCount: retryCount ?? 0, lastRetryAt: lastRetryAt,
            notBefore: notBefore)
        if isHeld {
            message.deliveryStatus = .held
            message.errorCode = "too-old"
            message.errorMessage = "too old when the gateway first saw it; retry to send it all the same"
        }
        if known == nil { message.markForeignStatus() }
        return message
    }
}
