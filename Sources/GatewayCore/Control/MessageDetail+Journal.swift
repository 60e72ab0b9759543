internal import Foundation
internal import GRDB
internal import PluginHost
internal import PluginKit
internal import SMSCodec

extension Gateway {
    /// One text with its parts and its story: the journal's, else what storage has.
    public func message(uid: String) async throws(GatewayError) -> MessageDetail {
        let known: MessageDetail?
        do {
            known = try journal.read { database in
                try JournalMessages.outbound(uid, warns: options.policy.content.warns, database)
                    ?? JournalMessages.inbound(uid, database)
            }
        } catch {
            throw GatewayError(.unavailable, "the journal could not be read: \(error)")
        }
        var stored: Message?
        var failure: PluginError?
        if let storage = host.storage {
            do {
                stored = try await Self.find(uid, in: storage)
            } catch {
                failure = error
            }
        }
        guard var detail = known ?? stored.map({ MessageDetail(message: $0, parts: [], story: []) }) else {
            if let failure { throw GatewayError(.unavailable, "storage: \(failure.message)") }
            throw GatewayError(.notFound, "there is no text with this id")
        }
        if detail.message.status == .queued, let obstacle = await obstacle(to: uid) { detail.story.append(obstacle) }
        if let stored {
            detail.message.storageID = stored.storageID
            if stored.direction == .inbound { detail.message.status = stored.status }
        }
        return detail
    }
}

/// Texts as the journal tells of them.
enum JournalMessages {
    /// A page of the texts that match. A cursor that is an address of storage finds nothing here: pages of the journal go
    /// by how many texts were before them, as a negative number, and their texts have no address.
    static func find(_ query: MessageQuery, policy: Policy, _ database: Database) throws -> [Message] {
        let cursor = query.cursor ?? 0
        guard cursor <= 0, cursor > -Int64(Int32.max) else { return [] }
        let before = Int(-cursor)
        let most = before + Int(query.limit)
        let phone = query.phone.map { policy.number($0)?.text ?? $0 }
        let search = query.search.map(JournalSearch.init)
        func matches(_ message: Message) -> Bool {
            (query.uid == nil || message.uid == query.uid) && (query.status == nil || message.status == query.status)
                && (query.deliveryStatus == nil || message.deliveryStatus == query.deliveryStatus)
                && (phone == nil || message.phone == phone)
                && (search?.finds(message) ?? true)
        }
        func first(of table: String, _ decode: (Row) -> Message) throws -> [Message] {
            var found: [Message] = []
            let rows = try Row.fetchCursor(
                database, sql: "SELECT * FROM \(table) ORDER BY seq \(query.oldestFirst ? "ASC" : "DESC")")
            while found.count < most, let row = try rows.next() {
                var message = decode(row)
                message.storageID = nil
                if matches(message) { found.append(message) }
            }
            return found
        }
        var found: [Message] = []
        if query.direction != .outbound { found += try first(of: "inbound WHERE visible = 1", Message.init(inbound:)) }
        if query.direction != .inbound { found += try first(of: "outbound", Message.init(outbound:)) }
        let sorted = found.sorted { query.oldestFirst ? $0.timestamp < $1.timestamp : $0.timestamp > $1.timestamp }
        return Array(sorted.dropFirst(before).prefix(Int(query.limit)))
    }

    static func inbound(_ uid: String, _ database: Database) throws -> MessageDetail? {
        guard let row = try database.first("SELECT * FROM inbound WHERE uid = ?", [uid]) else { return nil }
        var seen: Set<Int> = []
        let parts = try database.all("SELECT * FROM reading WHERE uid = ? ORDER BY sequence, id", [uid]).map { part in
            let number: Int = part["sequence"] ?? 1
            return MessageDetail.Part(
                number: number, state: seen.insert(number).inserted ? "received" : "repeated", reference: nil,
                pduHex: Hex.encode([UInt8](part["pdu"] as Data)), error: nil,
                at: Timestamp(milliseconds: part["read_at"]), report: nil)
        }
        var story = ["received by modem \(row["modem"] as String)"]
        if row["incomplete"] { story.append("\(row["present"] as Int) of \(row["parts"] as Int) parts came") }
        if row["duplicate"] { story.append("octet for octet like an earlier text: stored, not answered again") }
        if let decision: String = row["decision"] { story.append(decision) }
        return MessageDetail(message: Message(inbound: row), parts: parts, story: story)
    }

    /// - Parameter warns: whether its story says what carriers may filter it for.
    static func outbound(_ uid: String, warns: Bool, _ database: Database) throws -> MessageDetail? {
        guard let row = try database.first("SELECT * FROM outbound WHERE uid = ?", [uid]) else { return nil }
        let parts = try database.all("SELECT * FROM part WHERE uid = ? ORDER BY number", [uid]).map { part in
            let status: Int? = part["report_status"]
            return MessageDetail.Part(
                number: part["number"], state: part["state"], reference: part["reference"],
                pduHex: Hex.encode([UInt8](part["pdu"] as Data)), error: part["error"],
                at: Timestamp(milliseconds: part["outcome_at"] ?? part["intent_at"]),
                report: status.map { ReportStatus(rawValue: UInt8(truncatingIfNeeded: $0)).meaning })
        }
        var story = ["came from \(row["origin"] as String)"]
        if let answers: String = row["answers"] { story.append("answers \(answers)") }
        let attempts: Int = row["attempts"]
        if attempts > 0 { story.append(attempts == 1 ? "one attempt" : "\(attempts) attempts") }
        if let reason: String = row["error_message"] { story.append(reason) }
        if row["state"] == "failed" || row["state"] == "undelivered",
            let kind = FailureClass(errorCode: row["error_code"])
        {
            story.append("\(kind.rawValue): \(kind.sentence)")
        }
        if let notes: String = row["note"] { story += notes.split(separator: "\n").map(String.init) }
        if warns { story += OutgoingText(row: row).warnings.map { "\($0.code.rawValue): \($0.message)" } }
        return MessageDetail(message: Message(outbound: row), parts: parts, story: story)
    }
}
