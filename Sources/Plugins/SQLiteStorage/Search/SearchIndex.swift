internal import GRDB

/// The full-text indexes of texts and of customers: FTS5 tables that triggers keep, whoever writes the rows.
///
/// The index of texts has no copy of them: it is over a view of the table. Which rows are in it is told by FTS5's own table
/// `_docsize`, so that none is entered twice or taken out without being there. Rows up to `conductor_search.done` are
/// kept by the triggers; those behind it, where a bulk load or an older file put them, are entered in batches (`fill`),
/// after which `done` is NULL and all rows are kept.
///
/// FTS5's `secure-delete` is not used: once it has been, programs with an SQLite before 3.42 can no longer write to the
/// table. What was deleted leaves the index when its segments are merged (`purge`).
enum SearchIndex {
    /// Digits of a number as people type them: all, without the country, the last seven, the last four.
    private static func phone(_ row: String, _ column: String) -> String {
        let number = PhoneSQL.recipient(row, phone: column)
        return """
            CASE WHEN \(number) GLOB '+[0-9]*' THEN substr(\(number), 2) || ' ' || substr(\(number), -10) || ' ' \
            || substr(\(number), -7) || ' ' || substr(\(number), -4) ELSE \(number) END
            """
    }

    private static let tokenizer = "tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'"
    private static func isThere(_ id: String) -> String {
        "EXISTS (SELECT 1 FROM conductor_search_messages_docsize WHERE id = \(id))"
    }
    private static func isKept(_ id: String) -> String {
        "ifnull(\(id) <= (SELECT done FROM conductor_search WHERE name = 'messages'), 1)"
    }
    private static func takeOut(_ row: String) -> String {
        """
        INSERT INTO conductor_search_messages (conductor_search_messages, rowid, content, phone)
            SELECT 'delete', \(row)id, \(row)content, \(phone(row, "phone_number")) WHERE \(isThere("\(row)id"));
        """
    }

    /// The row as it is, unless it is there.
    private static func enter(_ row: String) -> String {
        """
        INSERT INTO conductor_search_messages (rowid, content, phone)
            SELECT id, content, phone FROM conductor_search_texts WHERE id = \(row)id AND NOT \(isThere("\(row)id"));
        """
    }
    private static let indexed = "id, content, phone_number, phone_e164"
    private static let isChanged =
        indexed.split(separator: ", ").map { "old.\($0) IS NOT new.\($0)" }.joined(separator: " OR ")

    /// In the order in which they are made.
    private static let objects: [(kind: String, name: String, sql: String)] = [
        (
            "view", "conductor_search_texts",
            "CREATE VIEW conductor_search_texts AS SELECT id, content, \(phone("", "phone_number")) AS phone FROM messages"
        ),
        (
            "table", "conductor_search_messages",
            """
            CREATE VIRTUAL TABLE conductor_search_messages USING fts5(content, phone, \
            content = 'conductor_search_texts', content_rowid = 'id', \(tokenizer))
            """
        ),
        (
            // Rows that are being changed, and are in the index.
            "table", "conductor_search_changing", "CREATE TABLE conductor_search_changing (id INTEGER PRIMARY KEY)"
        ),
        (
            // A row that takes the place of another (REPLACE) takes it out unseen: the index is made anew then. Triggers
            // that fill a column come before or after, as SQLite likes: what is entered is the row as it is.
            "trigger", "conductor_search_messages_insert",
            """
            CREATE TRIGGER conductor_search_messages_insert AFTER INSERT ON messages WHEN \(isKept("new.id"))
            BEGIN
                UPDATE conductor_search SET stale = 1 WHERE name = 'messages' AND \(isThere("new.id"));
                \(enter("new."))
            END
            """
        ),
        (
            // Before the row is another: now it is as it was entered.
            "trigger", "conductor_search_messages_change",
            """
            CREATE TRIGGER conductor_search_messages_change BEFORE UPDATE OF \(indexed) ON messages
            WHEN (\(isChanged)) AND \(isThere("old.id"))
            BEGIN
                \(takeOut("old."))
                INSERT OR IGNORE INTO conductor_search_changing (id) VALUES (old.id);
            END
            """
        ),
        (
            "trigger", "conductor_search_messages_update",
            """
            CREATE TRIGGER conductor_search_messages_update AFTER UPDATE OF \(indexed) ON messages
            WHEN EXISTS (SELECT 1 FROM conductor_search_changing WHERE id = old.id)
            BEGIN
                DELETE FROM conductor_search_changing WHERE id = old.id;
                \(enter("new."))
            END
            """
        ),
        (
            "trigger", "conductor_search_messages_delete",
            """
            CREATE TRIGGER conductor_search_messages_delete AFTER DELETE ON messages
            BEGIN
                \(takeOut("old."))
            END
            """
        ),
        (
            // Customers have no number of their own: here they get one, with the words that are in the index.
            "table", "conductor_search_people",
            """
            CREATE TABLE conductor_search_people (row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT, email TEXT, \
            phone TEXT)
            """
        ),
        (
            "table", "conductor_search_customers",
            """
            CREATE VIRTUAL TABLE conductor_search_customers USING fts5(name, email, phone, \
            content = 'conductor_search_people', content_rowid = 'row', \(tokenizer))
            """
        ),
        (
            "trigger", "conductor_search_people_insert",
            """
            CREATE TRIGGER conductor_search_people_insert AFTER INSERT ON conductor_search_people
            BEGIN
                INSERT INTO conductor_search_customers (rowid, name, email, phone)
                    VALUES (new.row, new.name, new.email, new.phone);
            END
            """
        ),
        (
            "trigger", "conductor_search_people_delete",
            """
            CREATE TRIGGER conductor_search_people_delete AFTER DELETE ON conductor_search_people
            BEGIN
                INSERT INTO conductor_search_customers (conductor_search_customers, rowid, name, email, phone)
                    VALUES ('delete', old.row, old.name, old.email, old.phone);
            END
            """
        ),
        ("trigger", "conductor_search_customers_insert", customers("insert", "AFTER INSERT", "new")),
        (
            "trigger", "conductor_search_customers_update",
            customers("update", "AFTER UPDATE OF id, name, email, phone, phone_e164", "new", "old")
        ),
        ("trigger", "conductor_search_customers_delete", customers("delete", "AFTER DELETE", nil, "old")),
    ]

    private static let person = "id, name, email, phone"

    private static func customers(_ name: String, _ when: String, _ new: String?, _ old: String? = nil) -> String {
        let gone = [old, new].compactMap { $0 }.map { "DELETE FROM conductor_search_people WHERE id = \($0).id;" }
        let come = new.map { row in
            """
            INSERT INTO conductor_search_people (\(person))
                    SELECT id, name, email, \(phone("", "phone")) FROM customers
                        WHERE rowid = \(row).rowid AND id IS NOT NULL;
            """
        }
        return """
            CREATE TRIGGER conductor_search_customers_\(name) \(when) ON customers
            BEGIN
                \((gone + [come].compactMap { $0 }).joined(separator: "\n    "))
            END
            """
    }

    // MARK: Making it

    /// The migration: where each index stands.
    static func create(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE conductor_search (
                    name TEXT PRIMARY KEY, done INTEGER, stale INTEGER NOT NULL DEFAULT 0, purge INTEGER NOT NULL DEFAULT 0,
                    form TEXT);
                INSERT INTO conductor_search (name, done) VALUES ('messages', 0), ('customers', 0);
                """)
    }

    /// In the caller's transaction; changes nothing where the indexes are as this version words them.
    ///
    /// - Parameter isWanted: false takes them away, for programs whose SQLite has no FTS5.
    static func bringUpToDate(isWanted: Bool, on db: Database) throws {
        let form = isWanted ? Fingerprint.of(objects.map(\.sql)) : nil
        let isStale = try Bool.fetchOne(db, sql: "SELECT max(stale) FROM conductor_search") ?? false
        let known = try String.fetchOne(db, sql: "SELECT form FROM conductor_search WHERE name = 'messages'")
        if known == form, !isStale, try isWhole(isWanted: isWanted, db) { return }
        try drop(on: db)
        if isWanted { for object in objects { try db.execute(sql: object.sql) } }
        try db.execute(
            sql: """
                UPDATE conductor_search SET stale = 0, purge = 0, form = ?,
                    done = CASE WHEN name = 'messages' AND NOT EXISTS (SELECT 1 FROM messages) THEN NULL
                        WHEN name = 'customers' AND NOT EXISTS (SELECT 1 FROM customers) THEN NULL ELSE 0 END
                """, arguments: [form])
    }

    private static func isWhole(isWanted: Bool, _ db: Database) throws -> Bool {
        let present = Set(
            try String.fetchAll(db, sql: "SELECT name FROM sqlite_master WHERE name GLOB 'conductor_search_*'"))
        return isWanted ? objects.allSatisfy { present.contains($0.name) } : present.isEmpty
    }

    /// Also what a repair left of them.
    static func drop(on db: Database) throws {
        for object in objects.reversed() {
            try db.execute(sql: "DROP \(object.kind) IF EXISTS \(object.name)")
        }
        let left = try String.fetchAll(
            db, sql: "SELECT name FROM sqlite_master WHERE type = 'table' AND name GLOB 'conductor_search_*'")
        for name in left { try db.execute(sql: "DROP TABLE \(name)") }
    }

    // MARK: Keeping it

    /// From now on, what comes is entered by `fill`, many rows at a time, and not by the trigger.
    static func postpone(on db: Database) throws {
        try db.cachedStatement(
            sql: """
                UPDATE conductor_search SET done = (SELECT ifnull(max(id), 0) FROM messages)
                WHERE name = 'messages' AND done IS NULL
                """
        ).execute()
    }

    /// Whether rows wait for `fill`, an index is to be made anew, or what was deleted is still in one.
    static func isBehind(on db: Database) throws -> Bool {
        let statement = try db.cachedStatement(
            sql: """
                SELECT EXISTS (SELECT 1 FROM conductor_search WHERE form IS NOT NULL
                    AND (done IS NOT NULL OR stale OR purge))
                """)
        return try Bool.fetchOne(statement) ?? false
    }

    /// Enters at most `limit` rows that wait, those of texts first.
    ///
    /// - Returns: false when none waits any more.
    @discardableResult
    static func fill(limit: Int, on db: Database) throws -> Bool {
        let waiting = try Row.fetchAll(
            db.cachedStatement(
                sql:
                    "SELECT name, done FROM conductor_search WHERE done IS NOT NULL AND form IS NOT NULL ORDER BY name DESC"
            ))
        guard let next = waiting.first else { return false }
        let isTexts = next["name"] == "messages"
        let source =
            isTexts
            ? "SELECT id FROM messages WHERE id > :done ORDER BY id LIMIT :limit"
            : "SELECT rowid FROM customers WHERE rowid > :done ORDER BY rowid LIMIT :limit"
        let ids = try Int64.fetchAll(
            db.cachedStatement(sql: source), arguments: ["done": next["done"] as Int64, "limit": limit])
        if let first = ids.first, let last = ids.last {
            let enter =
                isTexts
                ? """
                INSERT INTO conductor_search_messages (rowid, content, phone)
                    SELECT id, content, phone FROM conductor_search_texts
                    WHERE id BETWEEN :first AND :last AND NOT \(isThere("conductor_search_texts.id"))
                """
                : """
                INSERT OR IGNORE INTO conductor_search_people (\(person))
                    SELECT id, name, email, \(phone("", "phone")) FROM customers
                    WHERE rowid BETWEEN :first AND :last AND id IS NOT NULL
                """
            try db.cachedStatement(sql: enter).execute(arguments: ["first": first, "last": last])
        }
        try db.cachedStatement(sql: "UPDATE conductor_search SET done = ? WHERE name = ?")
            .execute(arguments: [ids.count < limit ? nil : ids.last, next["name"] as String])
        return ids.count == limit || waiting.count > 1
    }

    /// What is deleted from now on is still in the index until `purge` has ended.
    static func markForPurge(on db: Database) throws {
        try db.cachedStatement(sql: "UPDATE conductor_search SET purge = 1 WHERE form IS NOT NULL").execute()
    }

    /// Takes some pages of what was deleted out of the indexes.
    ///
    /// - Parameter pages: of work; nil: all of it.
    /// - Returns: false when nothing is left.
    @discardableResult
    static func purge(pages: Int?, on db: Database) throws -> Bool {
        let marked = try String.fetchAll(
            db.cachedStatement(sql: "SELECT name FROM conductor_search WHERE purge AND form IS NOT NULL"))
        guard let name = marked.first else { return false }
        for name in pages == nil ? marked : [name] {
            let table = "conductor_search_\(name)"
            let before = db.totalChangesCount
            if let pages {
                try db.execute(sql: "INSERT INTO \(table) (\(table), rank) VALUES ('merge', ?)", arguments: [-pages])
            } else {
                try db.execute(sql: "INSERT INTO \(table) (\(table)) VALUES ('optimize')")
            }
            // FTS5: less than two changes mean that there was nothing to merge.
            if pages == nil || db.totalChangesCount - before < 2 {
                try db.execute(sql: "UPDATE conductor_search SET purge = 0 WHERE name = ?", arguments: [name])
            }
        }
        return try isBehind(on: db)
    }

    /// Leaves nothing in the indexes of what was deleted, however it was.
    static func forget(on db: Database) throws {
        guard try isKept(on: db) else { return }
        // More or fewer entries than rows: something went that the triggers did not see.
        let isWrong = try Bool.fetchOne(
            db,
            sql: """
                SELECT done IS NULL AND (SELECT count(*) FROM messages)
                    <> (SELECT count(*) FROM conductor_search_messages_docsize)
                FROM conductor_search WHERE name = 'messages'
                """)
        if isWrong == true {
            try db.execute(sql: "UPDATE conductor_search SET stale = 1 WHERE name = 'messages'")
            return try bringUpToDate(isWanted: true, on: db)
        }
        try markForPurge(on: db)
        try purge(pages: nil, on: db)
    }
}
