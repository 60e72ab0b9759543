/// The GSM 7-bit default alphabet with its extension table (TS 23.038 §6.2.1).
///
/// Septets are kept one an octet here; `SeptetPacking` squeezes them for the air.
public enum GSM7 {
    /// The septet that announces a character of the extension table.
    static let escape: UInt8 = 0x1B

    /// The septets of `text`, an extension character as two; nil when a character is in neither table. Nothing is
    /// ever replaced by a look-alike.
    public static func septets(of text: String) -> [UInt8]? {
        var septets: [UInt8] = []
        septets.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            let code = GSM7Tables.code(of: scalar)
            guard code != GSM7Tables.none else { return nil }
            if code & GSM7Tables.extensionFlag != 0 { septets.append(escape) }
            septets.append(code & 0x7F)
        }
        return septets
    }

    /// The text that `septets` show.
    ///
    /// An escape before a code the extension table lacks is passed over, so that the default table's character shows
    /// (TS 23.038 §6.2.1.1, note 1 of the extension table); an escape before another escape, or at the end, is a space.
    public static func text(of septets: some Sequence<UInt8>) -> String {
        let done = septets.withContiguousStorageIfAvailable { text(ofContiguous: $0) }
        return done ?? Array(septets).withUnsafeBufferPointer { text(ofContiguous: $0) }
    }

    /// True when an escape stands before a code that the table of `shift` lacks: the sender meant a character of another
    /// table, and `text(of:)` shows one of the main table in its place.
    public static func hasUnassignedEscape(in septets: [UInt8], shift: NationalShift = .none) -> Bool {
        guard septets.contains(escape) else { return false }
        let single = NationalTables.single[shift.tables.single]
        var isEscaped = false
        for septet in septets {
            if isEscaped, single[Int(septet & 0x7F)] == NationalTables.absent { return true }
            isEscaped = !isEscaped && septet == escape
        }
        return false
    }

    private static func text(ofContiguous septets: UnsafeBufferPointer<UInt8>) -> String {
        // Two octets of UTF-8 are enough for each septet: only the euro sign needs three, and it takes two septets.
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: septets.count * 2 + 1) { utf8 in
            var length = 0
            var index = 0
            while index < septets.count {
                var code = septets[index] & 0x7F
                index += 1
                if code == escape {
                    guard index < septets.count else {
                        utf8[length] = 0x20
                        length += 1
                        break
                    }
                    code = septets[index] & 0x7F
                    index += 1
                    if code == 0x65 {
                        utf8[length] = 0xE2
                        utf8[length + 1] = 0x82
                        utf8[length + 2] = 0xAC
                        length += 3
                        continue
                    }
                    let extended = GSM7Tables.extended(code)
                    if extended != 0 {
                        utf8[length] = extended
                        length += 1
                        continue
                    }
                }
                let pair = GSM7Tables.utf8[Int(code)]
                utf8[length] = UInt8(truncatingIfNeeded: pair)
                length += 1
                if pair > 0xFF {
                    utf8[length] = UInt8(truncatingIfNeeded: pair >> 8)
                    length += 1
                }
            }
            return String(decoding: UnsafeBufferPointer(rebasing: utf8[..<length]), as: UTF8.self)
        }
    }
}
