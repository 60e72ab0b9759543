/// What became of the rows of an `ImportBatch`.
public struct ImportReply: Sendable, Hashable {
    /// What became of one row.
    public struct Outcome: Sendable, Hashable {
        public enum Kind: UInt8, Sendable, Hashable {
            case unchanged = 0
            case inserted = 1
            case updated = 2
            /// Not put: it refers to a row that is not there, and the table wants that row.
            case orphan = 3
            /// Not put: it breaks another rule of the table.
            case refused = 4
            /// Not put: the same import has put a row with this key, and it says otherwise.
            case repeated = 5
            /// Not put: it has nothing to be known by.
            case keyless = 6
        }

        public var kind: Kind
        /// It names a row of another table that is not there, or is one of several: it was put without.
        public var isLoose: Bool

        public init(_ kind: Kind, isLoose: Bool = false) {
            self.kind = kind
            self.isLoose = isLoose
        }

        /// Whether it stands there now.
        public var isPut: Bool { [.unchanged, .inserted, .updated].contains(kind) }

        private static let loose: UInt8 = 128

        package init?(byte: UInt8) {
            guard let kind = Kind(rawValue: byte & ~Self.loose) else { return nil }
            self.init(kind, isLoose: byte & Self.loose != 0)
        }

        package var byte: UInt8 { kind.rawValue | (isLoose ? Self.loose : 0) }
    }

    /// One for each row of each section, in their order.
    public var outcomes: [Outcome]

    public init(outcomes: [Outcome]) { self.outcomes = outcomes }
}
