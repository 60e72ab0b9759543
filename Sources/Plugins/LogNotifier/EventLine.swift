internal import Foundation
internal import PluginKit

/// One event as one line.
enum EventLine {
    /// `{"at":…,"data":{…},"id":…,"kind":…}`, keys in alphabetical order.
    static func of(_ event: Event, mask: Bool) throws -> String {
        var members: [String: Any] = ["at": event.at.description, "id": event.id, "kind": event.kind]
        if let data = try? JSONSerialization.jsonObject(with: Data(event.json.utf8)) {
            members["data"] = mask ? Masking.masked(data) : data
        } else {
            members["problem"] = "the event's data is not JSON"
        }
        let bytes = try JSONSerialization.data(
            withJSONObject: members, options: [.sortedKeys, .withoutEscapingSlashes])
        return String(decoding: bytes, as: UTF8.self)
    }
}
