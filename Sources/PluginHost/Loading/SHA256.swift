internal import CCrypto

/// SHA-256 (FIPS 180-4), to name copies by their content.
struct SHA256 {
    /// 64 lower-case hex digits; nil when libcrypto refuses.
    static func hex(_ bytes: [UInt8]) -> String? {
        var digest = [UInt8](repeating: 0, count: Int(CCRYPTO_SHA256_LENGTH))
        // An empty array has an address too, where a raw buffer of none may not.
        guard ccrypto_sha256(bytes, bytes.count, &digest) == 0 else { return nil }
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
