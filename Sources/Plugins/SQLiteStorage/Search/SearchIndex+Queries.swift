internal import GRDB
internal import PluginKit

extension SearchIndex {
    /// Whether there is an index to be asked.
    static func isKept(on db: Database) throws -> Bool {
        try Bool.fetchOne(
            db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM conductor_search WHERE form IS NOT NULL)")) ?? false
    }

    /// How many texts wait to be entered, counted up to `limit`.
    static func waiting(limit: Int, on db: Database) throws -> Int {
        let statement = try db.cachedStatement(
            sql: """
                SELECT count(*) FROM (SELECT 1 FROM messages
                WHERE id > (SELECT done FROM conductor_search WHERE name = 'messages' AND form IS NOT NULL) LIMIT ?)
                """)
        return try Int.fetchOne(statement, arguments: [limit]) ?? 0
    }

    static let notKept = PluginError(
        .unsupported, "there is no full-text index: the drop-in of the storage says `search: false`")

    /// Customers by what somebody types, by name.
    static func customers(_ search: CustomerSearch, now: Timestamp, on db: Database) throws -> [Customer] {
        guard (1...100).contains(search.limit) else {
            throw PluginError(.invalid, "limit: \(search.limit) is not within 1 and 100")
        }
        guard try isKept(on: db) else { throw notKept }
        guard let match = SearchWords.match(search.words) else { return [] }
        let rows = try Row.fetchAll(
            db.cachedStatement(sql: customersSQL),
            arguments: ["match": match, "limit": search.limit, "now": now.milliseconds / 1000])
        return rows.map(CustomerLookup.customer)
    }

    static let customersSQL = """
        WITH found(id) AS MATERIALIZED (SELECT p.id FROM conductor_search_customers f \
        CROSS JOIN conductor_search_people p ON p.row = f.rowid \
        WHERE f.conductor_search_customers MATCH :match ORDER BY p.name COLLATE NOCASE, p.row LIMIT :limit) \
        SELECT \(CustomerLookup.columns) FROM found CROSS JOIN \(CustomerSQL.people) c ON c.id = found.id \
        CROSS JOIN conductor_crm_rules r ORDER BY c.name COLLATE NOCASE, c.id
        """
}
