internal import PluginKit

extension StorageSwitchReport {
    /// What was done with a table of customers, articles, staff, receipts or their lines.
    public struct Table: Sendable, Hashable, Codable {
        /// As `customers`.
        public var table: String
        /// Rows that the new one lacked, and the former one.
        public var copied: Int
        public var copiedBack: Int
        /// Rows that both had and that differed: the former one's was taken, or the new one's, which was newer.
        public var differedFormer: Int
        public var differedNewer: Int
        /// Rows that differed only in what is computed from others and today's date.
        public var recomputed: Int
        /// Rows that one of both does not take, so that they stay in the other: they refer to a row that is not there, or
        /// break another rule of the table.
        public var orphans: Int
        public var refused: Int
        /// Columns of somebody's own that the other one has not, so that their values stay behind.
        public var unplaced: [String]
        /// Rows that both have, and the sum of what they say; nil in a dry run.
        public var rows: Int?
        public var checksum: String?
    }
}

extension StorageSwitchReport.Table {
    init(_ tally: CustomerTally, isDryRun: Bool) {
        table = tally.table.rawValue
        copied = tally.there
        copiedBack = tally.back
        differedFormer = tally.oursRight
        differedNewer = tally.theirsNewer
        recomputed = tally.recomputed
        orphans = tally.orphans
        refused = tally.refused
        unplaced = tally.unplaced.union(tally.unplacedBack).sorted()
        rows = isDryRun ? nil : tally.sumThere.rows
        checksum = isDryRun ? nil : tally.sumThere.written
    }
}
