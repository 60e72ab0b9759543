internal import PluginKit

/// `settings:` of the plugin `supabase`.
struct SupabaseSettings: Decodable, Sendable {
    /// Without a slash at its end, and without `/rest/v1`.
    var url: String
    /// Where the project's key is.
    var key: SecretPlace
    /// A token that is this gateway's own; it is sent in the key's place as who asks.
    var gatewayTokenFile: String?
    /// The project's public key, for `conductor doctor` alone.
    var anonKeyFile: String?
    /// PEM file of authorities; nil takes the system's.
    var caFile: String?
    /// For name, connection and TLS, 100...60000.
    var connectTimeoutMilliseconds: Int64
    /// For one request, 500...120000.
    var timeoutMilliseconds: Int64
    /// Between two looks for new rows while nothing comes, 200...600000.
    var idlePollMilliseconds: Int64
    /// Between two looks while rows come, 100...`idlePollMilliseconds`.
    var busyPollMilliseconds: Int64
    /// The longest pause between two tries while the project is away, 1000...600000.
    var longestPauseMilliseconds: Int64
    /// Texts in one request, 1...1000.
    var batch: Int
    /// What the project's database may come to.
    var quota: ByteCount?

    /// Looks in a minute while nothing comes.
    var idleRequestsPerMinute: Int64 { (60_000 + idlePollMilliseconds / 2) / idlePollMilliseconds }

    private enum CodingKeys: String, CodingKey {
        case url, batch, quota
        case keyFile = "key_file"
        case keyVariable = "key_env"
        case gatewayTokenFile = "gateway_token_file"
        case anonKeyFile = "anon_key_file"
        case caFile = "ca_file"
        case connectTimeout = "connect_timeout_ms"
        case timeout = "timeout_ms"
        case idlePoll = "idle_poll_ms"
        case busyPoll = "busy_poll_ms"
        case longestPause = "longest_pause_ms"
        // What people write who have a key in their hand.
        case key, apikey
        case otherKey = "api_key"
        case supabaseKey = "supabase_key"
        case serviceKey = "service_key"
        case serviceRoleKey = "service_role_key"
        case anonKey = "anon_key"
        case secretKey = "secret_key"
        case gatewayToken = "gateway_token"
    }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        for inline: CodingKeys in [
            .key, .apikey, .otherKey, .supabaseKey, .serviceKey, .serviceRoleKey, .anonKey, .secretKey, .gatewayToken,
        ] where values.contains(inline) {
            throw PluginError(.invalid, "settings.\(inline.rawValue): " + SecretPlace.inlineRefusal)
        }
        url = try Self.projectURL(values.decode(String.self, forKey: .url))
        key = try SecretPlace(
            file: values.decodeIfPresent(String.self, forKey: .keyFile),
            variable: values.decodeIfPresent(String.self, forKey: .keyVariable))
        gatewayTokenFile = try values.decodeIfPresent(String.self, forKey: .gatewayTokenFile)
        if let gatewayTokenFile { try SecretPlace.refuseInline(gatewayTokenFile, key: "gateway_token_file") }
        anonKeyFile = try values.decodeIfPresent(String.self, forKey: .anonKeyFile)
        if let anonKeyFile { try SecretPlace.refuseInline(anonKeyFile, key: "anon_key_file") }
        caFile = try values.decodeIfPresent(String.self, forKey: .caFile)

        func number(_ key: CodingKeys, _ otherwise: Int64, _ range: ClosedRange<Int64>) throws -> Int64 {
            let value = try values.decodeIfPresent(Int64.self, forKey: key) ?? otherwise
            guard range.contains(value) else {
                throw PluginError(
                    .invalid,
                    "settings.\(key.rawValue): must be within \(range.lowerBound) and \(range.upperBound)")
            }
            return value
        }
        connectTimeoutMilliseconds = try number(.connectTimeout, 5_000, 100...60_000)
        timeoutMilliseconds = try number(.timeout, 10_000, 500...120_000)
        idlePollMilliseconds = try number(.idlePoll, 1_500, 200...600_000)
        busyPollMilliseconds = try number(
            .busyPoll, min(500, idlePollMilliseconds), 100...max(100, idlePollMilliseconds))
        longestPauseMilliseconds = try number(.longestPause, 30_000, 1_000...600_000)
        quota = try values.decodeIfPresent(ByteCount.self, forKey: .quota)
        batch = Int(try number(.batch, 500, 1...1_000))
    }

    /// `https://abc.supabase.co`, however much of it was copied.
    private static func projectURL(_ written: String) throws -> String {
        var url = written
        while url.hasSuffix("/") { url.removeLast() }
        if url.hasSuffix("/rest/v1") { url.removeLast("/rest/v1".count) }
        while url.hasSuffix("/") { url.removeLast() }
        func wrong(_ why: String) -> PluginError {
            PluginError(.invalid, "settings.url: \(why); write the project's URL, as https://abcdefgh.supabase.co")
        }
        let isSafe = url.hasPrefix("https://")
        guard isSafe || url.hasPrefix("http://") else { throw wrong("it begins with neither https:// nor http://") }
        let rest = url.dropFirst(isSafe ? 8 : 7)
        let authority = rest.prefix { $0 != "/" }
        guard !authority.isEmpty, rest.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw wrong("there is no host in it")
        }
        guard !authority.contains("@"), !rest.contains("?"), !rest.contains("#") else {
            throw wrong("it has a user, a query or a fragment")
        }
        var host = authority
        if let colon = host.lastIndex(of: ":"), !host.hasSuffix("]") { host = host[..<colon] }
        guard isSafe || ["localhost", "127.0.0.1", "[::1]"].contains(String(host)) else {
            throw wrong("with http:// everybody on the way could read the key and the texts")
        }
        return url
    }
}
