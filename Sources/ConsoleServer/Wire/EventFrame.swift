public import PluginKit

/// An event as the stream of `GET /api/v1/events` carries it.
public enum EventFrame {
    /// One server-sent event: its id, its kind, and as data `{"at", "data", "id", "kind"}`.
    ///
    /// `Event.json` is put in as it is, for it is an object already; its line breaks would end the field and go.
    public static func text(of event: Event) -> String {
        let data = event.json.filter { !$0.isNewline }
        let head = Head(at: event.at, id: event.id, kind: event.kind)
        guard let bytes = try? APICoding.encode(head) else { return ": an event that cannot be written\n\n" }
        let object = String(decoding: bytes.dropLast(), as: UTF8.self)
        return "id: \(event.id)\nevent: \(event.kind)\ndata: \(object),\"data\":\(data.isEmpty ? "{}" : data)}\n\n"
    }

    /// What an event says beside its `data`.
    public struct Head: Sendable, Hashable, Codable {
        public var at: Timestamp
        public var id: String
        public var kind: String

        public init(at: Timestamp, id: String, kind: String) {
            self.at = at
            self.id = id
            self.kind = kind
        }
    }
}
