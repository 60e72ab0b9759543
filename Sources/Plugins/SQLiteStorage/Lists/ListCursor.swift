internal import GRDB

/// A place in a list, as pages tell it: what the last row has in the order, and what tells it apart. As texts, with what they
/// are.
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
