internal import CCrypto
internal import PluginKit

/// The uid of a row, and for one without, what stands for it in every other storage: the same whenever it is asked for, so
/// that a row is copied once.
struct RowKey: Sendable, Hashable {
    private let high: UInt64
    private let low: UInt64

    init(_ uid: String) {
        // 128 bits: no two of a billion rows are the same by chance.
        high = Digest.fold(uid.utf8, 0xcbf2_9ce4_8422_2325)
        low = Digest.fold(uid.utf8, 0x9e37_79b9_7f4a_7c15)
    }

    /// A UUIDv8 (RFC 9562) of the storage that the row is in, and its address there.
    ///
    /// - Returns: nil when libcrypto refuses.
    static func uid(of row: Message, in identity: String) -> String? {
        if let uid = row.uid { return uid }
        guard let address = row.storageID else { return nil }
        return uid(of: Array("conductor row\n\(identity)\n\(address)".utf8))
    }

    /// A UUIDv8 of these words, whatever is in them; nil when libcrypto refuses.
    static func uid(named words: [String]) -> String? {
        uid(of: words.flatMap { Array("\($0.utf8.count)\n\($0)\n".utf8) })
    }

    private static func uid(of name: [UInt8]) -> String? {
        var digest = [UInt8](repeating: 0, count: Int(CCRYPTO_SHA256_LENGTH))
        guard ccrypto_sha256(name, name.count, &digest) == 0 else { return nil }
        digest[6] = digest[6] & 0x0F | 0x80
        digest[8] = digest[8] & 0x3F | 0x80
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for (index, byte) in digest.prefix(16).enumerated() {
            if [4, 6, 8, 10].contains(index) { text.append(UInt8(ascii: "-")) }
            text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
        return String(decoding: text, as: UTF8.self)
    }
}

/// What a row says, in 64 bits, to compare two storages by: 64-bit FNV-1a.
enum Digest {
    static func fold(_ bytes: some Sequence<UInt8>, _ start: UInt64) -> UInt64 {
        bytes.reduce(start) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }

    /// All that both have of a text: not the address, nor whether somebody has read it, nor what only the storage itself
    /// makes of it.
    static func of(_ row: Message) -> UInt64 {
        let isInbound = row.direction == .inbound
        let fields: [String?] = [
            row.direction.rawValue, isInbound ? nil : row.status.rawValue, row.phone, row.content,
            row.deliveryStatus?.rawValue, row.errorCode, row.timestamp.description, row.modemTimestamp?.description,
            "\(row.retryCount) \(row.parts)", row.sim, row.answers, row.origin,
            "\(row.incomplete) \(row.possibleDuplicate) \(row.asksToStop)",
        ]
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for field in fields {
            hash = fold((field ?? "").utf8, hash)
            hash = (hash ^ (field == nil ? 0xFE : 0xFF)) &* 0x100_0000_01b3
        }
        return hash
    }
}
