public import CRMImport
public import PluginKit

/// An import of a file of the till's: what it is, how far it is, and what came of it.
public struct ImportReport: Sendable, Hashable, Codable {
    public enum State: String, Sendable, Hashable, Codable {
        /// The file is being handed over.
        case uploading
        /// The file is here, and nothing of it has been put.
        case ready
        case running
        /// All of it was read; a dry run has kept nothing.
        case complete
        case failed
        case undone
    }

    /// What became of rows of a table that the file also tells of.
    public struct Table: Sendable, Hashable, Codable {
        public var table: CustomerTable
        public var new = 0
        public var updated = 0

        public init(table: CustomerTable) { self.table = table }
    }

    /// From 1; never used again.
    public var number: Int
    public var kind: CustomerTable
    /// The name of the file, as it was handed over.
    public var file: String
    public var state: State
    public var dryRun: Bool
    public var startedAt: Timestamp
    public var endedAt: Timestamp?
    /// Bytes of its text, and how many of them were read.
    public var bytes = 0
    public var done = 0
    /// Rows that were read: each is new, updated, unchanged or rejected.
    public var read = 0
    public var new = 0
    public var updated = 0
    public var unchanged = 0
    public var rejected = 0
    /// Rows that name something that is not there, or not only once, and were put without.
    public var loose = 0
    public var others: [Table] = []
    /// How the file was understood, a sentence each.
    public var notes: [String] = []
    /// What goes wrong just now, or why it failed.
    public var problem: String?

    init(number: Int, kind: CustomerTable, file: String, at now: Timestamp) {
        self.number = number
        self.kind = kind
        self.file = file
        state = .uploading
        dryRun = false
        startedAt = now
    }
}

/// How a file is understood, before anything of it is put.
public struct ImportCheck: Sendable, Hashable, Codable {
    public struct Column: Sendable, Hashable, Codable {
        /// From 1.
        public var number: Int
        public var heading: String?
        /// `customers.phone`; nil for a column that is not read.
        public var use: String?
        /// What the first rows have in it.
        public var samples: [String]
    }

    public var encoding: String
    /// `,`, `;`, `|` or `tab`.
    public var delimiter: String
    /// nil where there are no headings.
    public var headerLine: Int?
    /// `mdy`, `dmy`; nil where no date leaves it open.
    public var dates: String?
    /// Nobody said so, and no date of the first rows tells: it is how the shop's country writes them.
    public var datesAssumed: Bool
    public var columns: [Column]
    /// Everything that a column of such a file can be.
    public var uses: [String]

    init(_ layout: Layout, encoding: TextEncoding) {
        self.encoding = encoding.rawValue
        delimiter = layout.delimiter == 9 ? "tab" : String(UnicodeScalar(layout.delimiter))
        headerLine = layout.headerLine
        dates = layout.dates?.rawValue
        datesAssumed = layout.isOrderAssumed
        columns = layout.columns.map { column in
            Column(number: column.number, heading: column.heading, use: column.use?.path, samples: column.samples)
        }
        uses = ImportColumn.all(for: layout.kind).map(\.path)
    }
}

/// What is asked of an import.
public struct ImportStart: Sendable, Hashable, Codable {
    public var kind: CustomerTable
    public var file: String

    public init(kind: CustomerTable, file: String) {
        self.kind = kind
        self.file = file
    }
}

/// Reads a file that was handed over.
public struct ImportRun: Sendable, Hashable, Codable {
    public var wish: ImportWish?
    public var dryRun: Bool?

    public init(wish: ImportWish? = nil, dryRun: Bool? = nil) {
        self.wish = wish
        self.dryRun = dryRun
    }
}

/// What taking an import back did, or would do.
public struct ImportUndoReport: Sendable, Hashable, Codable {
    public struct Table: Sendable, Hashable, Codable {
        public var table: CustomerTable
        public var removed: UInt64
        public var restored: UInt64
        public var left: UInt64
    }

    public var number: Int
    public var dryRun: Bool
    public var tables: [Table]
}
