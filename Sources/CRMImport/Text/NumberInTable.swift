/// Finds a telephone number among the fields of a file, however it is written there.
public struct NumberInTable {
    private let phone: String
    private let normalise: (String) -> String?

    /// - Parameters:
    ///   - phone: in the one form that texts go to.
    ///   - normalise: brings what is written into that form; nil for what is no number.
    public init(_ phone: String, normalise: @escaping (String) -> String?) {
        self.phone = phone
        self.normalise = normalise
    }

    public func occurs(in source: TextSource) throws(TextSource.Failure) -> Bool {
        var source = source
        // The last digits, as most writings have them: to bring each field into the one form would take long.
        let digits = Array(phone.utf8.suffix(4))
        var place = 0
        while true {
            let more = try source.more(from: place)
            let bytes = source.bytes
            if bytes.isEmpty { return false }
            // A field is not cut where another line follows.
            let end =
                source.isWhole || !more ? bytes.count : (bytes.lastIndex { $0 == 0x0A || $0 == 0x0D } ?? -1) + 1
            for field in bytes[..<end].split(whereSeparator: { Self.ends.contains($0) })
            where Self.mayBe(field, digits) && normalise(String(decoding: field, as: UTF8.self)) == phone {
                return true
            }
            if source.isWhole { return false }
            place = source.start + (end > 0 ? end : more ? 0 : bytes.count)
        }
    }

    private static let ends: Set<UInt8> = Set(",;|\t\"\r\n".utf8)

    /// Whether the digits of the field end so.
    private static func mayBe(_ field: ArraySlice<UInt8>, _ last: [UInt8]) -> Bool {
        guard field.count <= 64 else { return false }
        return field.lazy.reversed().filter(\.isDigit).prefix(last.count).elementsEqual(last.reversed())
    }
}
