/// Which national language tables a text that goes out may be written in.
///
/// A phone that does not know the tables shows other characters in their place, and cannot tell that it does: they save
/// parts where the phones they go to are known to read them.
public enum ShiftTables: Sendable, Hashable {
    /// None: the default alphabet, or UCS-2, which every phone reads.
    case none
    /// Those of one language, where they take no more parts than UCS-2.
    case language(NationalLanguage)
    /// Those of any language, and of two where that is shortest, but only where they take fewer parts than UCS-2.
    case automatic

    /// What `name` asks for: `none`, `auto`, or a language by its code or English name; nil when it is none of these.
    public init?(named name: String) {
        switch name.lowercased() {
        case "none": self = .none
        case "auto", "automatic": self = .automatic
        default:
            guard let language = NationalLanguage(named: name) else { return nil }
            self = .language(language)
        }
    }

    /// The name that `init(named:)` reads.
    public var name: String {
        switch self {
        case .none: "none"
        case .language(let language): language.code
        case .automatic: "auto"
        }
    }

    /// Bit n: the tables of number n may be used.
    var mask: UInt16 {
        switch self {
        case .none: 1
        case .language(let language): 1 | 1 << UInt16(language.rawValue)
        case .automatic: (1 << UInt16(NationalTables.count)) - 1
        }
    }
}
