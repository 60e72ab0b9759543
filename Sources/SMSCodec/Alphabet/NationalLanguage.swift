/// A language that has tables of its own for the 7-bit alphabet (TS 23.038 annex A); the raw value is the National
/// Language Identifier (§6.2.1.2.4).
public enum NationalLanguage: UInt8, Sendable, Hashable, CaseIterable {
    case turkish = 1
    case spanish
    case portuguese
    case bengali
    case gujarati
    case hindi
    case kannada
    case malayalam
    case oriya
    case punjabi
    case tamil
    case telugu
    case urdu

    /// The language whose ISO 639-1 code (`tr`) or English name (`turkish`) is `name`, in any case of letters.
    public init?(named name: String) {
        let wanted = name.lowercased()
        guard let found = Self.allCases.first(where: { $0.code == wanted || "\($0)" == wanted }) else { return nil }
        self = found
    }

    /// The ISO 639-1 code, as `tr`.
    public var code: String {
        switch self {
        case .turkish: "tr"
        case .spanish: "es"
        case .portuguese: "pt"
        case .bengali: "bn"
        case .gujarati: "gu"
        case .hindi: "hi"
        case .kannada: "kn"
        case .malayalam: "ml"
        case .oriya: "or"
        case .punjabi: "pa"
        case .tamil: "ta"
        case .telugu: "te"
        case .urdu: "ur"
        }
    }

    /// False for Spanish, which has a single-shift table only. Each other language has both tables.
    public var hasLockingTable: Bool { self != .spanish }
}

/// Which tables a 7-bit text is written in (TS 23.038 §6.2.1.2).
public struct NationalShift: Sendable, Hashable {
    /// Whose table stands for the default alphabet; nil is the default alphabet.
    public var locking: NationalLanguage?
    /// Whose table the escape leads to; nil is the default extension table.
    public var single: NationalLanguage?

    /// The tables of `locking`, which is passed over when that language has no such table, and of `single`.
    public init(locking: NationalLanguage? = nil, single: NationalLanguage? = nil) {
        self.locking = locking?.hasLockingTable == true ? locking : nil
        self.single = single
    }

    /// The default alphabet with its extension table.
    public static let none = NationalShift()

    /// The two tables, first the locking one.
    var tables: (locking: Int, single: Int) { (Int(locking?.rawValue ?? 0), Int(single?.rawValue ?? 0)) }
}
