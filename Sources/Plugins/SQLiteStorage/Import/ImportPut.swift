internal import Foundation
internal import GRDB
internal import PluginKit

/// Puts a batch of an import, in the caller's transaction.
struct ImportPut {
    let batch: ImportBatch
    let now: Timestamp

    func run(on db: Database) throws -> ImportReply {
        if batch.isDry {
            var reply = ImportReply(outcomes: [])
            try db.inSavepoint {
                reply = try put(as: 0, on: db)
                return .rollback
            }
            return reply
        }
        let known = try Row.fetchOne(
            db.cachedStatement(sql: "SELECT id, sequence, outcomes, is_undone FROM conductor_imports WHERE uid = ?"),
            arguments: [batch.importID])
        let last = UInt64(bitPattern: known?["sequence"] ?? 0)
        if let known, last == batch.sequence {
            let bytes = [UInt8](known["outcomes"] as Data)
            let outcomes = bytes.compactMap(ImportReply.Outcome.init(byte:))
            guard outcomes.count == batch.sections.reduce(0, { $0 + $1.count }) else {
                throw PluginError(
                    .conflict, "batch \(batch.sequence) of this import was another one: begin the import anew")
            }
            return ImportReply(outcomes: outcomes)
        }
        guard batch.sequence == last + 1, known?["is_undone"] != true else {
            throw PluginError(
                .conflict,
                "batch \(batch.sequence) of this import is not the one after \(last): begin the import anew")
        }
        if known == nil {
            try db.cachedStatement(
                sql: "INSERT INTO conductor_imports (uid, sequence, outcomes) VALUES (?, 0, x'')"
            ).execute(arguments: [batch.importID])
        }
        let id: Int64 = known?["id"] ?? db.lastInsertedRowID
        let reply = try put(as: id, on: db)
        try db.cachedStatement(sql: "UPDATE conductor_imports SET sequence = ?, outcomes = ? WHERE id = ?")
            .execute(arguments: [Int64(bitPattern: batch.sequence), Data(reply.outcomes.map(\.byte)), id])
        return reply
    }

    private func put(as id: Int64, on db: Database) throws -> ImportReply {
        let run = ImportRun(id: id, today: batch.today, now: now)
        var outcomes: [ImportReply.Outcome] = []
        for section in batch.sections {
            var rows: any SectionImport =
                switch section.table {
                case .customers: try CustomerImport(section, run, on: db)
                case .products: try ProductImport(section, run, on: db)
                case .staff: try StaffImport(section, run, on: db)
                case .transactions: try ReceiptImport(section, run, on: db)
                case .items: try LineImport(section, run, on: db)
                }
            outcomes.reserveCapacity(outcomes.count + section.count)
            for row in 0..<section.count {
                do {
                    outcomes.append(try rows.put(section[row]))
                } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
                    // A rule of somebody's own.
                    outcomes.append(.init(.refused))
                }
            }
            try rows.finish(on: db)
        }
        return ImportReply(outcomes: outcomes)
    }
}

/// Which import puts, and when.
struct ImportRun {
    /// Of `conductor_imports`; 0 where nothing is kept.
    let id: Int64
    /// At the shop.
    let today: String
    let now: Timestamp
}

/// Puts the rows of a section one by one.
protocol SectionImport {
    mutating func put(_ row: ArraySlice<ImportValue>) throws -> ImportReply.Outcome
    /// All rows of the section are put.
    func finish(on db: Database) throws
}

extension SectionImport {
    func finish(on db: Database) throws {}
}
