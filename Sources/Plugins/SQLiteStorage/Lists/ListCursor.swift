internal import GRDB

/// A place in a list, as pages tell it: what the last row has in the order, and what tells it apart. As texts, with what they are.
struct ListCursor {
    var key: DatabaseValue
    var id: DatabaseValue

    init(key: DatabaseValue, id: DatabaseValue) { (self.key, self.id) = (key, id) }

    init?(_ text: String) {
        let parts = text.split(separator: "\u{1F}", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, let key = Self.value(parts[0]), let id = Self.value(parts[1]) else { return nil }
        self.init(key: key, id: id)
    }

    var text: String { "\(Self.text(key))\u{1F}\(Self.text(id))" }

    private static func text(_ value: DatabaseValue) -> String {
        switch value.storage {
        case .int64(let number): "i\(number)"
        case .double(let number): "d\(number)"
        case .string(let text): "t\(text)"
        default: "t"
        }
    }

    private static func value(_ text: String) -> DatabaseValue? {
        let rest = String(text.dropFirst())
        switch text.first {
        case "i": return Int64(rest)?.databaseValue
        case "d": return Double(rest)?.databaseValue
        case "t": return rest.databaseValue
        default: return nil
        }
    }
}

/// Where the rows of a page are, in one stretch of the order or in two: of those with the key of the last row before, the
/// rest; and then all behind them. SQLite finds each by the index of the order, and both at once by walking through it.
struct ListStretch {
    /// Values stand as `?0!`, `?1!`.
    var condition = "1"
    var values: [any DatabaseValueConvertible] = []
    /// Within it.
    var order: String

    static func all(_ key: String, _ shape: ListShape, _ cursor: ListCursor?, _ isDescending: Bool) -> [ListStretch] {
        let (sign, direction) = isDescending ? ("<", "DESC") : (">", "ASC")
        let byID = "\(shape.id) \(direction)"
        let order = key == shape.id ? byID : "\(key) \(direction), \(byID)"
        guard let cursor else { return [ListStretch(order: order)] }
        if shape.grouping != nil {
            return [
                ListStretch(
                    condition: "(\(key), \(shape.id)) \(sign) (?0!, ?1!)", values: [cursor.key, cursor.id], order: order
                )
            ]
        }
        let behind = ListStretch(condition: "\(key) \(sign) ?0!", values: [cursor.key], order: order)
        // One key for each row.
        if key == shape.id { return [behind] }
        let same = ListStretch(
            condition: "\(key) = ?0! AND \(shape.id) \(sign) ?1!", values: [cursor.key, cursor.id], order: byID)
        return [same, behind]
    }
}
