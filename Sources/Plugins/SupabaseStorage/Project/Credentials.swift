internal import CurlClient

/// The project's key and, where there is one, this gateway's own token.
///
/// `apikey` lets a request in at all. `Authorization: Bearer` says who asks: the token, or the key where that is a JWT
/// itself. A key of the new kind (`sb_secret_…`) is none, and is refused there.
struct Credentials: Sendable, CustomStringConvertible, CustomReflectable {
    private let key: String
    private let token: String?

    init(key: String, token: String?) {
        self.key = key
        self.token = token
    }

    var headers: [CurlRequest.Header] {
        var headers = [CurlRequest.Header("apikey", key)]
        if let bearer = token ?? (Self.isToken(key) ? key : nil) {
            headers.append(CurlRequest.Header("Authorization", "Bearer " + bearer))
        }
        return headers
    }

    /// Lets only the public in: alone, such a key may do nothing here.
    var isPublic: Bool { token == nil && key.hasPrefix("sb_publishable_") }

    /// The gateway that the token is for; nil for a key that is nobody's own.
    var gatewayID: String? {
        guard let bearer = token ?? (Self.isToken(key) ? key : nil),
            let claims = try? JSONValue(parsing: Self.decoded(bearer.split(separator: ".")[1]))
        else { return nil }
        return claims["gateway_id"].text ?? claims["app_metadata"]["gateway_id"].text
    }

    /// Base64 for URLs (RFC 4648 §5).
    private static func decoded(_ text: Substring) -> [UInt8] {
        var bytes: [UInt8] = []
        var (bits, count) = (UInt32(0), 0)
        for byte in text.utf8 {
            let value: UInt8
            switch byte {
            case 0x41...0x5A: value = byte - 0x41
            case 0x61...0x7A: value = byte - 0x61 + 26
            case 0x30...0x39: value = byte - 0x30 + 52
            case UInt8(ascii: "-"): value = 62
            case UInt8(ascii: "_"): value = 63
            default: continue
            }
            bits = bits << 6 | UInt32(value)
            count += 6
            guard count >= 8 else { continue }
            count -= 8
            bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
        }
        return bytes
    }

    /// Three parts in Base64 for URLs, of which the first is a JSON object (RFC 7519 §3).
    static func isToken(_ text: String) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 3 && text.hasPrefix("eyJ")
            && parts.allSatisfy { part in
                !part.isEmpty
                    && part.utf8.allSatisfy { byte in
                        switch byte {
                        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F, 0x3D: true
                        default: false
                        }
                    }
            }
    }

    /// Nothing of them.
    var description: String { "credentials" }
    /// Nothing of them.
    var customMirror: Mirror { Mirror(self, children: []) }
}
