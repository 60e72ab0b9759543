internal import PluginKit

extension Message {
    /// `message_hash` for old readers, which compare it and nothing else. It never decides anything with the migration; the
    /// uid is part of it, so that two equal texts of one second are two, also where the column is unique.
    mutating func fillHash() {
        guard messageHash == nil, direction == .inbound, let uid else { return }
        // 64-bit FNV-1a in 16 hex digits.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for field in [phone, content, timestamp.description, uid] {
            for byte in field.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
            hash = (hash ^ 0xff) &* 0x100_0000_01b3
        }
        let digits = String(hash, radix: 16)
        messageHash = String(repeating: "0", count: 16 - digits.count) + digits
    }
}
