internal import PluginKit

/// What a pass of `CustomerCopy` found in a table, and did.
struct CustomerTally: Sendable, Hashable {
    let table: CustomerTable
    var rowsHere = 0
    var rowsThere = 0
    /// Rows of the one that serves that were put into the other, and the other way round.
    var there = 0
    var back = 0
    /// Rows that both have and that differ: the one that serves was right, or the other's was newer.
    var oursRight = 0
    var theirsNewer = 0
    /// Rows that differ only in what is computed from others and today's date.
    var recomputed = 0
    /// Rows that the other side does not take: they refer to a row that is not there, or break another rule of the table.
    /// They stay where they are.
    var orphans = 0
    var refused = 0
    /// Columns of somebody's own that the new storage has no place for, and the former one.
    var unplaced: Set<String> = []
    var unplacedBack: Set<String> = []
    /// Nothing was to be put, but for rows that are not taken.
    var isClean = true
    /// What each had when it was read, without the rows that are not taken.
    var sumHere = StorageCopy.Sum()
    var sumThere = StorageCopy.Sum()

    var isEqual: Bool { isClean && sumHere == sumThere }

    /// Together with a pass before.
    func after(_ former: CustomerTally?) -> CustomerTally {
        guard let former else { return self }
        var both = self
        both.there += former.there
        both.back += former.back
        both.oursRight += former.oursRight
        both.theirsNewer += former.theirsNewer
        both.recomputed = max(both.recomputed, former.recomputed)
        both.unplaced.formUnion(former.unplaced)
        both.unplacedBack.formUnion(former.unplacedBack)
        return both
    }
}
