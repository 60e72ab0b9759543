internal import PluginKit

/// `settings:` of the plugin `sqlite`.
struct SQLiteSettings: Decodable, Sendable {
    /// The file; a relative path is meant from the gateway's state folder.
    var path: String
    /// How long to wait for another program's lock, 0...60000.
    var busyTimeoutMilliseconds: Int64

    private enum CodingKeys: String, CodingKey {
        case path
        case busyTimeoutMilliseconds = "busy_timeout_ms"
    }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        path = try values.decodeIfPresent(String.self, forKey: .path) ?? "messages.db"
        busyTimeoutMilliseconds = try values.decodeIfPresent(Int64.self, forKey: .busyTimeoutMilliseconds) ?? 2000
        guard !path.isEmpty, !path.hasSuffix("/") else {
            throw PluginError(.invalid, "settings.path: must name a file")
        }
        guard (0...60_000).contains(busyTimeoutMilliseconds) else {
            throw PluginError(.invalid, "settings.busy_timeout_ms: must be within 0 and 60000")
        }
    }
}
