internal import PluginKit

/// A consent event as the project's functions take and give it.
enum ConsentJSON {
    static func write(_ event: ConsentEvent, to json: inout JSONWriter) {
        json.object { json in
            json.present("uid", event.uid)
            json.member("phone", event.phone)
            json.member("action", event.action.rawValue)
            json.member("at", event.at.milliseconds)
            json.member("source", event.source)
            json.present("message_uid", event.messageUID)
        }
    }

    /// Only the word `in` lets a number in again.
    static func read(_ row: JSONValue) -> ConsentEvent {
        ConsentEvent(
            uid: row["uid"].text ?? "", phone: row["phone"].text ?? "",
            action: row["action"].text?.lowercased() == "in" ? .in : .out,
            at: MessageJSON.time(row["at"]) ?? Timestamp(milliseconds: 0), source: row["source"].text ?? "table",
            messageUID: row["message_uid"].text)
    }
}
