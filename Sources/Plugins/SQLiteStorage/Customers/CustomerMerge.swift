internal import GRDB
internal import PluginKit

/// One customer of several, in the caller's transaction.
struct CustomerMerge {
    let into: String
    let others: [String]
    let now: Timestamp

    /// What nobody else's row says of one.
    private static let own = ["id", "created_at", "updated_at", "days_since_last_visit"]

    func run(on db: Database) throws -> [CustomerDifference] {
        // A balance of columns that are stale would be one that is wrong.
        for id in [into] + others { try CustomerRefresh.recount(id, now: now.milliseconds / 1000, on: db) }
        let columns = try TableShape(.customers, on: db).columns.filter { $0 != "updated_at" && $0 != "id" }
        let shown = ["transactions"] + columns
        let before = try snapshot(into, shown, on: db)
        let gone = try others.map { try snapshot($0, shown, on: db) }
        let opening = try openings(on: db)
        for other in others {
            try CustomerAliases.move(from: other, to: into, on: db)
            try db.cachedStatement(sql: "UPDATE transactions SET customer_id = ? WHERE customer_id = ?")
                .execute(arguments: [into, other])
        }
        let told = columns.filter { !Self.own.contains($0) && !CustomerRefresh.made.contains($0) }
        let filled = try told.compactMap { column in try filling(column, on: db).map { (column, $0) } }
        for other in others {
            try db.cachedStatement(sql: "DELETE FROM customers WHERE id = ?").execute(arguments: [other])
        }
        if !filled.isEmpty {
            try db.cachedStatement(
                sql: """
                    UPDATE customers SET \(filled.map { "\($0.0.quotedDatabaseIdentifier) = ?" }.joined(separator: ", ")),
                        updated_at = ? WHERE id = ?
                    """
            ).execute(
                arguments: StatementArguments(filled.map(\.1) + [now.description.databaseValue, into.databaseValue]))
        }
        // What it is known by itself is no alias.
        for kind in CustomerAliases.Kind.allCases {
            try db.cachedStatement(
                sql: """
                    DELETE FROM conductor_customer_aliases WHERE customer_id = :id AND kind = '\(kind.rawValue)'
                        AND value = (SELECT \(kind.column()) FROM customers WHERE id = :id)
                    """
            ).execute(arguments: ["id": into])
        }
        try opening?.put(for: into, on: db)
        try CustomerRefresh.recount(into, now: now.milliseconds / 1000, on: db)
        let after = try snapshot(into, shown, on: db)
        var differences = before.differences(to: after, in: shown)
        for other in gone {
            let known = ["id", "name", "email", "phone", "member_id", "transactions"] + CustomerRefresh.made.prefix(2)
            for column in known where column == "id" || other.values[column] != nil {
                differences.append(
                    CustomerDifference(
                        customer: other.id, name: other.name, column: column,
                        before: column == "id" ? other.id : other.values[column], after: nil))
            }
        }
        return differences
    }

    private func snapshot(_ id: String, _ columns: [String], on db: Database) throws -> CustomerSnapshot {
        guard let found = try CustomerSnapshot.read(id, columns, on: db) else {
            throw PluginError(.invalid, "customers: nobody has the id \(id.prefix(64))")
        }
        return found
    }

    /// The first of the others' values, where `into` has none; nil: nothing takes its place.
    private func filling(_ column: String, on db: Database) throws -> DatabaseValue? {
        let name = column.quotedDatabaseIdentifier
        let read = try db.cachedStatement(
            sql: "SELECT \(name) FROM customers WHERE id = ? AND \(name) IS NOT NULL AND \(name) <> ''")
        if try DatabaseValue.fetchOne(read, arguments: [into]) != nil { return nil }
        for other in others {
            if let value = try DatabaseValue.fetchOne(read, arguments: [other]) { return value }
        }
        return nil
    }

    // MARK: Opening balances

    /// What is stated of all of them beside their receipts.
    private struct Opening {
        var visits: Int64?
        var micros: Int64?
        var firstVisit: String?
        var lastVisit: String?
        var location: String?
        var staff: String?
        var asOf: String

        func put(for id: String, on db: Database) throws {
            try db.cachedStatement(
                sql: """
                    INSERT OR REPLACE INTO conductor_crm_opening
                        (customer_id, visits, value, first_visit, last_visit, location, staff, as_of)
                        VALUES (?, ?, ? / 1000000.0, ?, ?, ?, ?, ?)
                    """
            ).execute(arguments: [id, visits, micros, firstVisit, lastVisit, location, staff, asOf])
        }
    }

    /// All balances, brought to the day of the latest: until then each customer's receipts are added to it, or count alone
    /// where they say more. nil: nobody has one.
    private func openings(on db: Database) throws -> Opening? {
        let ids = [into] + others
        let day = try String.fetchOne(
            db,
            sql: """
                SELECT max(as_of) FROM conductor_crm_opening
                WHERE customer_id IN (\(ids.map { _ in "?" }.joined(separator: ", ")))
                """, arguments: StatementArguments(ids))
        guard let day else { return nil }
        var sum = Opening(asOf: day)
        for id in ids {
            let row = try Row.fetchOne(db.cachedStatement(sql: Self.broughtSQL), arguments: ["id": id, "day": day])
            guard let row else { continue }
            let value = CustomerValue(row)
            func add(_ one: Int64?, _ other: Int64?) -> Int64? { one.map { $0 + (other ?? 0) } ?? other }
            sum.visits = add(sum.visits, value.number(0))
            sum.micros = add(sum.micros, value.number(1))
            sum.firstVisit = [sum.firstVisit, value.day(2)].compactMap(\.self).min()
            sum.lastVisit = [sum.lastVisit, value.day(3)].compactMap(\.self).max()
            sum.location = sum.location ?? value.text(4)
            sum.staff = sum.staff ?? value.text(5)
        }
        return sum
    }

    /// A balance as of `:day`: what it says and what came since, or the receipts where they say more.
    private static let broughtSQL: String = {
        let spent = "sum(\(MoneySQL.micros("t.total")))"
        let mine = "FROM transactions t WHERE t.customer_id = :id AND NOT ifnull(date(t.date) > :day, 0)"
        let later = "\(mine) AND date(t.date) > o.as_of"
        return """
            SELECT max(ifnull(o.visits + (SELECT count(*) \(later)), 0), (SELECT count(*) \(mine))),
                CASE WHEN o.value IS NULL OR o.visits + (SELECT count(*) \(later)) <= (SELECT count(*) \(mine))
                    THEN (SELECT \(spent) \(mine))
                    ELSE \(MoneySQL.micros("o.value")) + ifnull((SELECT \(spent) \(later)), 0) END,
                o.first_visit, o.last_visit, o.location, o.staff
            FROM (SELECT 1) LEFT JOIN conductor_crm_opening o ON o.customer_id = :id
            """
    }()
}
