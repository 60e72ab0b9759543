internal import PluginKit

/// A text as the project's functions take and give it: times are milliseconds since 1970.
enum MessageJSON {
    static func write(_ message: Message, to json: inout JSONWriter) {
        json.object { json in
            json.present("uid", message.uid)
            json.member("direction", message.direction.rawValue)
            json.member("phone", message.phone)
            json.member("content", message.content)
            json.member("status", message.status.rawValue)
            json.present("delivery_status", message.deliveryStatus?.rawValue)
            json.present("error_code", message.errorCode)
            json.present("error_message", message.errorMessage)
            json.member("timestamp", message.timestamp.milliseconds)
            json.present("modem_timestamp", message.modemTimestamp?.milliseconds)
            json.present("modem_utc_offset", message.modemUTCOffset)
            json.present("modem_index", message.modemIndex)
            json.present("message_hash", message.messageHash)
            json.member("retry_count", message.retryCount)
            json.present("last_retry_at", message.lastRetryAt?.milliseconds)
            json.present("not_before", message.notBefore?.milliseconds)
            json.present("sim", message.sim)
            json.member("parts", message.parts)
            if message.incomplete { json.member("incomplete", true) }
            if message.possibleDuplicate { json.member("possible_duplicate", true) }
            if message.asksToStop { json.member("asks_to_stop", true) }
            json.present("answers", message.answers)
            json.present("origin", message.origin)
        }
    }

    /// Reads a row; words that nobody knows count as SQLite's plugin counts them.
    static func read(_ row: JSONValue) -> Message {
        let direction = row["direction"].text.flatMap { Message.Direction(rawValue: $0.lowercased()) } ?? .inbound
        let known = row["status"].text.flatMap { Message.Status(rawValue: $0.lowercased()) }
        var message = Message(
            uid: row["uid"].text, storageID: row["id"].integer, direction: direction, phone: row["phone"].text ?? "",
            content: row["content"].text ?? "", status: known ?? (direction == .inbound ? .unread : .failed),
            deliveryStatus: row["delivery_status"].text.flatMap { Message.DeliveryStatus(rawValue: $0.lowercased()) },
            errorCode: row["error_code"].text, errorMessage: row["error_message"].text,
            timestamp: time(row["timestamp"]) ?? Timestamp(milliseconds: 0),
            modemTimestamp: time(row["modem_timestamp"]), modemUTCOffset: row["modem_utc_offset"].number,
            modemIndex: row["modem_index"].number, messageHash: row["message_hash"].text,
            retryCount: row["retry_count"].number ?? 0, lastRetryAt: time(row["last_retry_at"]),
            notBefore: time(row["not_before"]), sim: row["sim"].text, parts: row["parts"].number ?? 0,
            incomplete: row["incomplete"].truth, possibleDuplicate: row["possible_duplicate"].truth,
            asksToStop: row["asks_to_stop"].truth, answers: row["answers"].text, origin: row["origin"].text)
        if known == nil { message.markForeignStatus() }
        return message
    }

    static func time(_ value: JSONValue) -> Timestamp? {
        value.integer.map { Timestamp(milliseconds: $0) }
    }
}

extension Message {
    /// Another program wrote a status that is none.
    mutating func markForeignStatus() {
        guard errorCode == nil else { return }
        errorCode = "foreign-status"
        errorMessage = "another program wrote a status that Conductor does not know"
    }
}
