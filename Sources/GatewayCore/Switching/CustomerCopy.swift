internal import PluginHost
internal import PluginKit

/// Puts into each of two storages the customers, articles, staff, receipts and their lines that only the other has, by
/// their keys. Both are read side by side in the order of keys, so that no table is too large for it.
///
/// Where both have a row and it differs, the one with the newer `updated_at` is right; where there is no such column, or it
/// is the same, the one that serves. Rows are put in small batches, each a transaction, beside whatever else is asked of
/// the storages: a text waits for one batch at most. Repeating it, or going on after it was cut off, changes nothing.
struct CustomerCopy: Sendable {
    static let batch = 250

    /// Serves.
    let here: CustomersHandle
    let there: CustomersHandle
    let changes: Bool
    let progress: SwitchProgress

    /// - Throws: why one of them cannot give or take its tables, before anything is changed.
    func check() async throws {
        for side in [here, there] {
            for table in CustomerTable.allCases {
                _ = try await side.page(RecordQuery(table: table, limit: 1))
                _ = try await side.put(RecordBatch(table: table, records: [], replaces: false))
            }
        }
    }

    /// One pass over both: all tables, in the order in which rows refer to each other.
    ///
    /// - Parameter attempt: how many were made before: what is still computed otherwise after two of them, the other one
    ///   computes by itself, and is right.
    func run(attempt: Int) async throws -> [CustomerTally] {
        var tallies: [CustomerTally] = []
        var fresh = Fresh()
        for table in CustomerTable.allCases {
            var pass = Pass(self, table, attempt: attempt)
            try await pass.run()
            if table == .customers { fresh = pass.fresh }
            if table == .transactions { fresh.keep(there: pass.tally.there > 0, back: pass.tally.back > 0) }
            tallies.append(pass.tally)
        }
        if !changes { return tallies }
        // A trigger of somebody's own may count the receipts that have just come, which the customer's figures know already.
        try await put(fresh.there, from: here, to: there)
        try await put(fresh.back, from: there, to: here)
        return tallies
    }

    private func put(_ keys: Set<RecordKey>, from one: CustomersHandle, to other: CustomersHandle) async throws {
        if keys.isEmpty { return }
        var reader = RecordReader(one, .customers, progress)
        var records: [CustomerRecord] = []
        while let (key, record) = try await reader.next() {
            if keys.contains(key) { records.append(record) }
            guard records.count == Self.batch else { continue }
            _ = try await other.put(RecordBatch(table: .customers, records: records, replaces: true))
            records = []
        }
        if records.isEmpty { return }
        _ = try await other.put(RecordBatch(table: .customers, records: records, replaces: true))
    }
}

/// Customers that a pass has put.
private struct Fresh {
    var there: Set<RecordKey> = []
    var back: Set<RecordKey> = []

    /// Only where receipts came, too.
    mutating func keep(there isThere: Bool, back isBack: Bool) {
        if !isThere { there = [] }
        if !isBack { back = [] }
    }
}

/// A pass over one table.
private struct Pass {
    /// A row on its way, and what of it the sums have.
    private struct Way {
        var key: RecordKey
        var record: CustomerRecord
        var mine: UInt64?
        var theirs: UInt64?
    }

    /// To one of both.
    private struct Load {
        let isBack: Bool
        let replaces: Bool
        var ways: [Way] = []
    }

    let copy: CustomerCopy
    let table: CustomerTable
    let attempt: Int
    var tally: CustomerTally
    var fresh = Fresh()
    private var missing = [Load(isBack: false, replaces: false), Load(isBack: true, replaces: false)]
    private var differing = [Load(isBack: false, replaces: true), Load(isBack: true, replaces: true)]

    init(_ copy: CustomerCopy, _ table: CustomerTable, attempt: Int) {
        self.copy = copy
        self.table = table
        self.attempt = attempt
        tally = CustomerTally(table: table)
    }

    mutating func run() async throws {
        var (mine, theirs) = (
            RecordReader(copy.here, table, copy.progress), RecordReader(copy.there, table, copy.progress)
        )
        var (left, right) = (try await mine.next(), try await theirs.next())
        while left != nil || right != nil {
            if let row = left, right.map({ row.key.precedes($0.key, in: table) }) ?? true {
                tally.rowsHere += 1
                try await only(row, isBack: false)
                left = try await mine.next()
            } else if let row = right, left.map({ row.key.precedes($0.key, in: table) }) ?? true {
                tally.rowsThere += 1
                try await only(row, isBack: true)
                right = try await theirs.next()
            } else if let one = left, let other = right {
                tally.rowsHere += 1
                tally.rowsThere += 1
                try await both(one.key, one.record, other.record)
                (left, right) = (try await mine.next(), try await theirs.next())
            }
        }
        for index in 0...1 {
            missing[index] = try await flush(missing[index])
            differing[index] = try await flush(differing[index])
        }
    }

    private mutating func only(_ row: (key: RecordKey, record: CustomerRecord), isBack: Bool) async throws {
        let digest = row.record.digest(row.key, in: table)
        if isBack { tally.sumThere.add(digest) } else { tally.sumHere.add(digest) }
        let index = isBack ? 1 : 0
        missing[index].ways.append(
            Way(key: row.key, record: row.record, mine: isBack ? nil : digest, theirs: isBack ? digest : nil))
        if missing[index].ways.count >= CustomerCopy.batch { missing[index] = try await flush(missing[index]) }
    }

    private mutating func both(_ key: RecordKey, _ mine: CustomerRecord, _ theirs: CustomerRecord) async throws {
        let (left, right) = (mine.digest(key, in: table), theirs.digest(key, in: table))
        tally.sumHere.add(left)
        tally.sumThere.add(right)
        if left == right { return }
        var isTheirs = theirs.isNewer(than: mine)
        if mine.isStatedAs(theirs, in: table) {
            tally.recomputed += 1
            if attempt >= 2 { isTheirs = true }
        } else if isTheirs {
            tally.theirsNewer += 1
        } else {
            tally.oursRight += 1
        }
        let index = isTheirs ? 1 : 0
        differing[index].ways.append(Way(key: key, record: isTheirs ? theirs : mine, mine: left, theirs: right))
        if differing[index].ways.count >= CustomerCopy.batch { differing[index] = try await flush(differing[index]) }
    }

    /// - Returns: the same, empty.
    private mutating func flush(_ load: Load) async throws -> Load {
        let rest = Load(isBack: load.isBack, replaces: load.replaces)
        if load.ways.isEmpty { return rest }
        var outcomes = [RecordReply.Outcome](repeating: .inserted, count: load.ways.count)
        if copy.changes {
            let batch = RecordBatch(table: table, records: load.ways.map(\.record), replaces: load.replaces)
            let reply = try await (load.isBack ? copy.here : copy.there).put(batch)
            outcomes = reply.outcomes
            if load.isBack {
                tally.unplacedBack.formUnion(reply.unplaced)
            } else {
                tally.unplaced.formUnion(reply.unplaced)
            }
        }
        for (way, outcome) in zip(load.ways, outcomes) {
            switch outcome {
            case .orphan, .refused:
                if outcome == .orphan { tally.orphans += 1 } else { tally.refused += 1 }
                if let digest = way.mine { tally.sumHere.remove(digest) }
                if let digest = way.theirs { tally.sumThere.remove(digest) }
            case .inserted where !load.replaces:
                if load.isBack { tally.back += 1 } else { tally.there += 1 }
                if load.isBack { fresh.back.insert(way.key) } else { fresh.there.insert(way.key) }
                tally.isClean = false
            case .kept, .inserted, .changed: tally.isClean = false
            }
        }
        return rest
    }
}

extension CustomerRecord {
    /// What it says, in 64 bits, to compare two storages by; not how it is kept.
    fileprivate func digest(_ key: RecordKey, in table: CustomerTable) -> UInt64 {
        var hash = Digest.fold(key.text.utf8, key.isID ? 0x9e37_79b9_7f4a_7c15 : 0xcbf2_9ce4_8422_2325)
        for column in table.columns where column.role != .kept {
            let text = self[column.name].text
            hash = Digest.fold((text ?? "").utf8, hash)
            hash = (hash ^ (text == nil ? 0xFE : 0xFF)) &* 0x100_0000_01b3
        }
        return hash
    }

    /// Whether both say the same, but for what is computed.
    fileprivate func isStatedAs(_ other: CustomerRecord, in table: CustomerTable) -> Bool {
        table.columns.allSatisfy { $0.role != .stated || self[$0.name].text == other[$0.name].text }
    }

    /// Moments are text whose order is that in time.
    fileprivate func isNewer(than other: CustomerRecord) -> Bool {
        guard case .text(let mine) = self["updated_at"], case .text(let others) = other["updated_at"] else {
            return false
        }
        return mine > others
    }
}
