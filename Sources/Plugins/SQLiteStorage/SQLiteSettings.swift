internal import PluginKit

/// `settings:` of the plugin `sqlite`.
struct SQLiteSettings: Decodable, Sendable {
    /// The file; a relative path is meant from the gateway's state folder.
    var path: String
    /// How long to wait for another program's lock, 0...60000.
    var busyTimeoutMilliseconds: Int64
    /// How other programs write numbers that have no country.
    var home: PhoneSQL.Home

    /// Whether there is a full-text index.
    var isSearched: Bool

    /// `national:` in the drop-in.
    private struct National: Decodable {
        var code: String
        var trunk: String?
    }

    /// What the file may come to.
    var quota: ByteCount?

    private enum CodingKeys: String, CodingKey {
        case path, national, quota
        case isSearched = "search"
        case busyTimeoutMilliseconds = "busy_timeout_ms"
    }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        path = try values.decodeIfPresent(String.self, forKey: .path) ?? "messages.db"
        busyTimeoutMilliseconds = try values.decodeIfPresent(Int64.self, forKey: .busyTimeoutMilliseconds) ?? 2000
        isSearched = try values.decodeIfPresent(Bool.self, forKey: .isSearched) ?? true
        quota = try values.decodeIfPresent(ByteCount.self, forKey: .quota)
        let national = try values.decodeIfPresent(National.self, forKey: .national)
        home = national.map { PhoneSQL.Home(code: $0.code, trunk: $0.trunk ?? "") } ?? .northAmerica
        // They become part of the schema.
        func isDigits(_ text: String, _ count: ClosedRange<Int>) -> Bool {
            count.contains(text.utf8.count) && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
        }
        guard isDigits(home.code, 1...3), home.code.first != "0" else {
            throw PluginError(.invalid, "settings.national.code: must be a calling code, as \"44\"")
        }
        if home.code == "1" { home = .northAmerica }
        guard isDigits(home.trunk, 0...2) else {
            throw PluginError(.invalid, "settings.national.trunk: must be up to two digits, as \"0\"")
        }
        guard !path.isEmpty, !path.hasSuffix("/") else {
            throw PluginError(.invalid, "settings.path: must name a file")
        }
        guard (0...60_000).contains(busyTimeoutMilliseconds) else {
            throw PluginError(.invalid, "settings.busy_timeout_ms: must be within 0 and 60000")
        }
    }
}
