import PluginKit

/// Texts as CSV (RFC 4180): a line of names, then one line a text.
enum TextTable {
    private static let columns: [(name: String, value: @Sendable (Message) -> String?)] = [
        ("uid", { $0.uid }), ("direction", { $0.direction.rawValue }), ("phone_number", { $0.phone }),
        ("content", { $0.content }), ("timestamp", { $0.timestamp.description }),
        ("modem_timestamp", { $0.modemTimestamp?.description }), ("status", { $0.status.rawValue }),
        ("delivery_status", { $0.deliveryStatus?.rawValue }), ("error_code", { $0.errorCode }), ("sim", { $0.sim }),
        ("origin", { $0.origin }),
    ]

    static func csv(_ texts: [Message]) -> String {
        let lines =
            [columns.map(\.name)] + texts.map { text in columns.map { field($0.value(text) ?? "") } }
        return lines.map { $0.joined(separator: ",") + "\r\n" }.joined()
    }

    private static func field(_ text: String) -> String {
        let isPlain = text.unicodeScalars.allSatisfy { !["\"", ",", "\r", "\n"].contains($0) }
        return isPlain ? text : "\"\(text.replacing("\"", with: "\"\""))\""
    }
}
