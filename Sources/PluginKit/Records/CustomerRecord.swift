/// A row of a `CustomerTable`, as it crosses between whoever keeps such rows.
public struct CustomerRecord: Sendable, Hashable {
    /// By column. What is not told of stays as it is where the record is put; `null` empties it.
    public var fields: [String: RecordValue]

    public init(_ fields: [String: RecordValue]) { self.fields = fields }

    /// `null` also for a column that is not told of.
    public subscript(_ column: String) -> RecordValue { fields[column] ?? .null }

    /// What it is known by in this table; nil where it has neither key nor id.
    public func key(in table: CustomerTable) -> RecordKey? {
        if let text = self[table.key].text { return RecordKey(text, isID: false) }
        return self["id"].text.map { RecordKey($0, isID: true) }
    }

    /// With the values of known columns in their one form.
    ///
    /// - Throws: `.conflict` with the column where a value cannot stand in it. Nothing of the value is in it.
    public func canonical(in table: CustomerTable) throws(PluginError) -> CustomerRecord {
        var record = self
        for column in table.columns {
            guard let value = fields[column.name] else { continue }
            if let right = column.canonical(value) {
                record.fields[column.name] = right
            } else if column.role == .kept, column.kind == .moment {
                record.fields[column.name] = .null
            } else {
                throw PluginError(
                    .conflict,
                    "a value of \(table.rawValue).\(column.name) is not \(column.kind.phrase): correct it where it stands"
                )
            }
        }
        return record
    }
}

extension RecordColumn.Kind {
    fileprivate var phrase: String {
        switch self {
        case .text: "a text"
        case .uuid: "a UUID"
        case .integer: "a whole number"
        case .amount: "an amount, as 12.50"
        case .day: "a day, as 2026-11-24"
        case .moment: "a time, as 2026-11-24T09:00:00.000Z"
        case .flag: "true or false"
        }
    }
}

// MARK: JSON

extension CustomerRecord {
    /// One JSON object, members by name.
    package var json: String {
        var text = "{"
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
            if text.utf8.count > 1 { text += "," }
            text += JSON.string(name).written + ":" + value.json
        }
        return text + "}"
    }

    package init(json: String) throws(PluginError) {
        guard case .object(let members)? = try? JSON(parsing: json) else {
            throw PluginError(.invalid, "a record is no JSON object")
        }
        fields = [:]
        for (name, value) in members { fields[name] = RecordValue(value) }
    }
}

extension RecordValue {
    fileprivate var json: String {
        switch self {
        case .null: "null"
        case .flag(let value): value ? "true" : "false"
        case .number(let text), .json(let text): text
        case .text(let text): JSON.string(text).written
        }
    }

    fileprivate init(_ value: JSON) {
        switch value {
        case .null: self = .null
        case .bool(let value): self = .flag(value)
        case .number(let text): self = .number(text)
        case .string(let text): self = .text(text)
        case .array, .object: self = .json(value.written)
        }
    }
}

extension JSON {
    /// RFC 8259 text without blanks.
    fileprivate var written: String {
        switch self {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .number(let text): text
        case .string(let text): Self.quoted(text)
        case .array(let values): "[" + values.map(\.written).joined(separator: ",") + "]"
        case .object(let members):
            "{" + members.map { Self.quoted($0.0) + ":" + $0.1.written }.joined(separator: ",") + "}"
        }
    }

    private static func quoted(_ text: String) -> String {
        var bytes: [UInt8] = [UInt8(ascii: "\"")]
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case 0..<0x20:
                let digits = String(byte, radix: 16)
                bytes += Array(("\\u" + String(repeating: "0", count: 4 - digits.count) + digits).utf8)
            default: bytes.append(byte)
            }
        }
        return String(decoding: bytes + [UInt8(ascii: "\"")], as: UTF8.self)
    }
}
