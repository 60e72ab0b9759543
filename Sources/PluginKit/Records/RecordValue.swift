/// What stands in a column of a row.
public enum RecordValue: Sendable, Hashable {
    case null
    case flag(Bool)
    /// As JSON writes it.
    case number(String)
    case text(String)
    /// Whatever else, as JSON text: only in columns that are somebody's own.
    case json(String)

    /// As a person would write it; nil for nothing.
    public var text: String? {
        switch self {
        case .null: nil
        case .flag(let value): value ? "true" : "false"
        case .number(let text), .text(let text), .json(let text): text
        }
    }
}
