internal import GRDB
internal import PluginKit

/// A row of `messages` as a `Message`. Rows of other programs may have NULL, or words nobody knows, in any column.
enum MessageRow {
    /// What `decode` reads, in its order.
    static let columns = [
        "id", "uid", "direction", "coalesce(phone_e164, phone_number, '')", "ifnull(content, '')", "status",
        "delivery_status", "error_code", "error_message",
        "coalesce(\(TimeSQL.canonical("timestamp")), \(TimeSQL.canonical("created_at")))",
        TimeSQL.canonical("modem_timestamp"), "modem_utc_offset", "modem_index", "message_hash",
        "ifnull(retry_count, 0)", TimeSQL.canonical("last_retry_at"), TimeSQL.canonical("not_before"), "sim",
        "ifnull(parts, 0)", "ifnull(incomplete, 0)", "ifnull(possible_duplicate, 0)", "ifnull(asks_to_stop, 0)",
        "answers",
        "origin",
    ].joined(separator: ", ")

    static func decode(_ row: Row) -> Message {
        let direction = Message.Direction(rawValue: word(row, 2) ?? "") ?? .inbound
        let known = word(row, 5).flatMap(Message.Status.init(rawValue:))
        let moment: Timestamp? = time(row, 9)
        var message = Message(
            uid: text(row, 1), storageID: Int64.fromDatabaseValue(row[0]), direction: direction,
            phone: text(row, 3) ?? "", content: text(row, 4) ?? "",
            status: known ?? (direction == .inbound ? .unread : .failed),
            deliveryStatus: word(row, 6).flatMap(Message.DeliveryStatus.init(rawValue:)), errorCode: text(row, 7),
            errorMessage: text(row, 8), timestamp: moment ?? Timestamp(milliseconds: 0), modemTimestamp: time(row, 10),
            modemUTCOffset: number(row, 11), modemIndex: number(row, 12), messageHash: text(row, 13),
            retryCount: number(row, 14) ?? 0, lastRetryAt: time(row, 15), notBefore: time(row, 16), sim: text(row, 17),
            parts: number(row, 18) ?? 0, incomplete: number(row, 19) == 1, possibleDuplicate: number(row, 20) == 1,
            asksToStop: number(row, 21) == 1, answers: text(row, 22), origin: text(row, 23))
        if known == nil, message.errorCode == nil {
            message.errorCode = "foreign-status"
            message.errorMessage = "another program wrote a status that Conductor does not know"
        }
        return message
    }

    private static func text(_ row: Row, _ index: Int) -> String? {
        let value: DatabaseValue = row[index]
        return switch value.storage {
        case .null: nil
        case .string(let text): text
        case .int64(let number): String(number)
        case .double(let number): String(number)
        case .blob(let data): String(decoding: data, as: UTF8.self)
        }
    }

    private static func word(_ row: Row, _ index: Int) -> String? {
        text(row, index)?.lowercased()
    }

    /// `modem_index` is TEXT in old files.
    private static func number(_ row: Row, _ index: Int) -> Int32? {
        let value: DatabaseValue = row[index]
        return switch value.storage {
        case .int64(let number): Int32(exactly: number)
        case .double(let number): Int32(exactly: number)
        case .string(let text): Int32(text)
        default: nil
        }
    }

    private static func time(_ row: Row, _ index: Int) -> Timestamp? {
        text(row, index).flatMap { Timestamp($0) }
    }
}
