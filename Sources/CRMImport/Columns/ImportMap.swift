/// How a file is to be read, where it does not say so itself or says it wrongly: what `--map` brings, and what an import
/// was read with.
public struct ImportMap: Sendable, Hashable {
    /// What a column of the file is.
    public enum Use: Sendable, Hashable {
        case column(ImportColumn)
        /// It is not read.
        case skip
    }

    /// Which columns of the file are meant.
    public enum Place: Sendable, Hashable {
        /// By the heading, as it stands in the file or nearly so.
        case heading(String)
        /// From 1.
        case number(Int)
    }

    /// Where the headings are.
    public enum Header: Sendable, Hashable {
        /// They are looked for in the first lines.
        case found
        case none
        /// In this line, from 1; what stands above is no part of the table.
        case line(Int)
    }

    /// Nil: whichever of comma, semicolon, tab and bar the file has.
    public var delimiter: UInt8?
    public var header = Header.found
    /// What is not named here is known by its heading.
    public var columns: [Place: Use] = [:]
    public var dates: DateOrder?
    public var decimal = DecimalSign.point
    /// IANA name of the zone in which the till's days are; nil: the shop's.
    public var zone: String?

    public init() {}
}

/// A file or a map that cannot be read as it is.
public struct ImportProblem: Error, Sendable, Hashable, CustomStringConvertible {
    /// One sentence: what is wrong and how to mend it.
    public let description: String

    public init(_ description: String) { self.description = description }
}
