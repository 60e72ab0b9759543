/// Keys and tokens that are known by their look, wherever they stand: no log line, no error and no page shows one, also
/// where a person wrote it into the wrong place, or a plugin prints what it was given (C1).
package enum SecretShapes {
    /// What stands in the place of a secret.
    package static let mask = "[secret]"

    /// How keys of services begin that a gateway has to do with, and how many more letters one has at least.
    private static let prefixes: [(text: String, least: Int)] = [
        ("sb_secret_", 4), ("sbp_", 16), ("sk-", 16), ("sk_live_", 8), ("sk_test_", 8), ("rk_live_", 8), ("whsec_", 16),
        ("xoxb-", 8), ("xoxp-", 8), ("ghp_", 16), ("github_pat_", 16),
    ]
    /// A JWT's head is a JSON object in Base64 (RFC 7519 §3): it begins with `{"`.
    private static let token = (text: "eyJ", least: 17)
    /// What nobody calls a file, and random keys have at least.
    private static let randomLength = 32

    /// The text with a mask in the place of each secret.
    package static func masked(_ text: String) -> String {
        let bytes = Array(text.utf8)
        let found = ranges(in: bytes)
        guard !found.isEmpty else { return text }
        var result: [UInt8] = []
        var end = 0
        for range in found {
            result += bytes[end..<range.lowerBound]
            result += Array(mask.utf8)
            end = range.upperBound
        }
        return String(decoding: result + bytes[end...], as: UTF8.self)
    }

    /// Whether a secret stands in it.
    package static func areIn(_ text: String) -> Bool { !ranges(in: Array(text.utf8)).isEmpty }

    /// Whether a text that should name a file is the secret itself: a known one, or long and random.
    package static func isSecretInPlaceOfFile(_ text: String) -> Bool {
        if areIn(text) || text.hasPrefix("sb_publishable_") || text.hasPrefix("Bearer ") { return true }
        return text.utf8.count >= randomLength && text.utf8.contains { (0x30...0x39).contains($0) }
            && text.utf8.allSatisfy { isWord($0) || $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "=") }
    }

    private static func ranges(in bytes: [UInt8]) -> [Range<Int>] {
        var found: [Range<Int>] = []
        var start = 0
        while start < bytes.count {
            guard isWord(bytes[start]) else {
                start += 1
                continue
            }
            var end = start
            while end < bytes.count, isWord(bytes[end]) { end += 1 }
            let word = bytes[start..<end]
            if begins(word, token) {
                // Its other parts.
                while end + 1 < bytes.count, bytes[end] == UInt8(ascii: "."), isWord(bytes[end + 1]) {
                    end += 1
                    while end < bytes.count, isWord(bytes[end]) { end += 1 }
                }
                found.append(start..<end)
            } else if let secret = word.indices.first(where: { index in
                // After a hyphen or an underscore, too, as in the name of a file that is made of it.
                (index == start || !isLetterOrDigit(bytes[index - 1]))
                    && prefixes.contains { begins(bytes[index..<end], $0) }
            }) {
                found.append(secret..<end)
            }
            start = end
        }
        return found
    }

    private static func begins(_ word: ArraySlice<UInt8>, _ shape: (text: String, least: Int)) -> Bool {
        word.count >= shape.text.utf8.count + shape.least && word.starts(with: shape.text.utf8)
    }

    /// Of Base64 for URLs.
    private static func isWord(_ byte: UInt8) -> Bool {
        isLetterOrDigit(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: false
        }
    }
}
