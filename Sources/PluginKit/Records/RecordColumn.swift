/// A column of `CustomerTable` that every program knows.
public struct RecordColumn: Sendable, Hashable {
    /// What stands in it.
    public enum Kind: Sendable, Hashable {
        case text
        case uuid
        case integer
        /// Money: what is finer than a millionth of the currency is rounded.
        case amount
        /// `YYYY-MM-DD`
        case day
        /// A time, to the millisecond.
        case moment
        case flag
    }

    /// What it is for.
    public enum Role: Sendable, Hashable {
        /// Somebody said so.
        case stated
        /// Computed from other columns, from rows that refer to this one and from today's date: it differs where it was
        /// computed another time.
        case derived
        /// How the row is kept; says nothing of what it is about.
        case kept
    }

    public let name: String
    public let kind: Kind
    public let role: Role

    init(_ name: String, _ kind: Kind, _ role: Role = .stated) {
        self.name = name
        self.kind = kind
        self.role = role
    }

    /// A value in the one form that it has everywhere, so that equal ones are equal.
    ///
    /// - Returns: nil for what cannot stand in such a column.
    public func canonical(_ value: RecordValue) -> RecordValue? {
        if value == .null { return .null }
        return switch kind {
        case .text: value.text.map(Self.text)
        case .uuid: value.text.flatMap(Self.uuid)
        case .integer: value.text.flatMap(Self.integer)
        case .amount: value.text.flatMap(Self.amount)
        case .day: value.text.flatMap(Self.day)
        case .moment: value.text.flatMap(Self.moment)
        case .flag: value.text.flatMap(Self.flag)
        }
    }

    /// PostgreSQL keeps no U+0000 in a text.
    private static func text(_ text: String) -> RecordValue {
        .text(text.utf8.contains(0) ? String(text.map { $0 == "\0" ? "\u{FFFD}" : $0 }) : text)
    }

    private static func uuid(_ text: String) -> RecordValue? {
        let bytes = Array(text.utf8)
        guard bytes.count == 36 else { return nil }
        for (index, byte) in bytes.enumerated() {
            let isDash = [8, 13, 18, 23].contains(index)
            switch byte {
            case UInt8(ascii: "-") where isDash: continue
            case 0x30...0x39, 0x41...0x46, 0x61...0x66: if isDash { return nil }
            default: return nil
            }
        }
        return .text(text.lowercased())
    }

    private static func integer(_ text: String) -> RecordValue? {
        guard let amount = Millionths.rounded(text), !amount.contains(".") else { return nil }
        return Int64(amount).map { .number(String($0)) }
    }

    /// What is no number at all stands for nothing: some databases have such.
    private static func amount(_ text: String) -> RecordValue? {
        if ["nan", "inf", "-inf", "infinity", "-infinity"].contains(text.lowercased()) { return .null }
        return Millionths.rounded(text).map { .number($0) }
    }

    /// The time of day that some programs write behind a day is none of the contract.
    private static func day(_ text: String) -> RecordValue? {
        let day = String(text.prefix(10))
        guard Timestamp(day + "T00:00:00.000Z") != nil else { return nil }
        let rest = text.dropFirst(10)
        guard rest.isEmpty || rest.first == "T" || rest.first == " " else { return nil }
        return .text(day)
    }

    private static func moment(_ text: String) -> RecordValue? {
        (Timestamp(text) ?? Timestamp(rfc3339: text)).map { .text($0.description) }
    }

    private static func flag(_ text: String) -> RecordValue? {
        switch text.lowercased() {
        case "1", "true", "t", "yes": .flag(true)
        case "0", "false", "f", "no": .flag(false)
        default: nil
        }
    }
}
