internal import GRDB

/// The table `messages` is not the one that programs share.
struct ForeignSchema: Error {
    let reason: String
}

extension Migrator {
    /// In order; append only.
    static let all: [Migration] = [
        Migration(version: 1, name: "the table that programs share", apply: createMessages),
        Migration(version: 2, name: "finer states", apply: addColumns),
        Migration(version: 3, name: "defaults for rows of other programs", apply: addDefaults),
        Migration(version: 4, name: "indexes", apply: addIndexes),
        Migration(version: 5, name: "consent", apply: createConsent),
        Migration(version: 6, name: "consent that other programs write; wishes to stop", apply: openConsent),
        Migration(version: 7, name: "customers, transactions, items, products, staff", apply: CustomerTables.create),
        Migration(version: 8, name: "full-text search", apply: SearchIndex.create),
        Migration(version: 9, name: "gateways that work on this file", apply: Presence.createTable),
        Migration(version: 10, name: "what receipts say of customers", apply: DerivedTables.create),
        Migration(version: 11, name: "imports", apply: ImportTables.create),
        Migration(version: 12, name: "what people change of customers", apply: ChangeTables.create),
    ]

    /// Columns of the shared table that old files may lack.
    private static let shared = [
        ("timestamp", "TEXT"), ("modem_timestamp", "TEXT"), ("modem_index", "INTEGER"), ("message_hash", "TEXT"),
        ("retry_count", "INTEGER DEFAULT 0"), ("last_retry_at", "TEXT"), ("created_at", "TEXT"), ("updated_at", "TEXT"),
    ]

    /// Columns of ours; every one may be NULL.
    private static let added = [
        ("uid", "TEXT"), ("delivery_status", "TEXT"), ("error_code", "TEXT"), ("error_message", "TEXT"),
        ("modem_utc_offset", "INTEGER"), ("not_before", "TEXT"), ("sim", "TEXT"), ("parts", "INTEGER"),
        ("incomplete", "INTEGER"), ("possible_duplicate", "INTEGER"), ("answers", "TEXT"), ("origin", "TEXT"),
        ("claimed_by", "TEXT"), ("claim_until", "TEXT"), ("owner", "TEXT"), ("seen_at", "TEXT"),
        ("phone_e164", "TEXT"),
    ]

    private static func createMessages(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE IF NOT EXISTS messages (
                    id INTEGER PRIMARY KEY AUTOINCREMENT,
                    phone_number TEXT,
                    content TEXT,
                    timestamp TEXT DEFAULT (\(TimeSQL.now)),
                    modem_timestamp TEXT,
                    status TEXT,
                    direction TEXT,
                    modem_index INTEGER,
                    message_hash TEXT,
                    retry_count INTEGER DEFAULT 0,
                    last_retry_at TEXT,
                    created_at TEXT DEFAULT (\(TimeSQL.now)),
                    updated_at TEXT DEFAULT (\(TimeSQL.now)))
                """)
        let columns = try Row.fetchAll(db, sql: "PRAGMA table_info(messages)")
        for name in ["id", "phone_number", "content", "status", "direction"]
        where !columns.contains(where: { ($0["name"] as String).lowercased() == name }) {
            throw ForeignSchema(reason: "it has a table messages without a column \(name)")
        }
        let key = columns.filter { ($0["pk"] as Int) > 0 }
        guard key.count == 1, (key[0]["name"] as String).lowercased() == "id",
            (key[0]["type"] as String).uppercased() == "INTEGER"
        else { throw ForeignSchema(reason: "the column id of its table messages is not INTEGER PRIMARY KEY") }
        let hadCreatedAt = columns.contains { ($0["name"] as String).lowercased() == "created_at" }
        try add(shared, to: "messages", in: db)
        if !hadCreatedAt {
            // The best that is known of rows whose table did not keep it.
            try db.execute(
                sql: "UPDATE messages SET created_at = \(TimeSQL.canonical("timestamp")) WHERE created_at IS NULL")
        }
    }

    private static func addColumns(_ db: Database) throws {
        try add(added, to: "messages", in: db)
    }

    private static func add(_ columns: [(String, String)], to table: String, in db: Database) throws {
        let present = Set(
            try Row.fetchAll(db, sql: "PRAGMA table_xinfo(\(table))").map { ($0["name"] as String).lowercased() })
        for (name, definition) in columns where !present.contains(name) {
            try db.execute(sql: "ALTER TABLE \(table) ADD COLUMN \(name) \(definition)")
        }
    }

    /// A column added to an existing table cannot have `now` as its default, and a program may write NULL into one that
    /// has; so a trigger fills what is missing. Rows of ours never wake it.
    private static func addDefaults(_ db: Database) throws {
        let wrongNotBefore = "new.not_before IS NOT NULL AND NOT new.\(TimeSQL.isCanonical("not_before"))"
        try db.execute(
            sql: """
                CREATE TRIGGER IF NOT EXISTS messages_defaults AFTER INSERT ON messages
                WHEN new.created_at IS NULL OR new.timestamp IS NULL OR new.updated_at IS NULL OR (\(wrongNotBefore))
                BEGIN
                    UPDATE messages SET
                        created_at = ifnull(created_at, \(TimeSQL.now)),
                        updated_at = ifnull(updated_at, \(TimeSQL.now)),
                        timestamp = ifnull(timestamp, \(TimeSQL.now)),
                        not_before = ifnull(\(TimeSQL.canonical("not_before")), not_before)
                    WHERE id = new.id;
                END
                """)
    }

    private static func addIndexes(_ db: Database) throws {
        let recipient = PhoneSQL.recipient()
        for statement in [
            // Addresses.
            "UNIQUE INDEX %_uid ON messages(uid) WHERE uid IS NOT NULL",
            // The claim: rows to send now, rows that come due, and what a number has before it.
            "INDEX %_ready ON messages(id) WHERE \(QueueSQL.claimable()) AND not_before IS NULL",
            "INDEX %_due ON messages(not_before) WHERE \(QueueSQL.claimable()) AND not_before IS NOT NULL",
            "INDEX %_queue ON messages(\(recipient), id) WHERE \(QueueSQL.queued())",
            "INDEX %_busy ON messages(\(recipient)) WHERE \(QueueSQL.queued()) AND claimed_by IS NOT NULL",
            "INDEX %_sending ON messages(owner) WHERE delivery_status = 'sending'",
            // Lists.
            "INDEX %_recipient ON messages(\(recipient), id)",
            "INDEX %_status ON messages(direction, status, id)",
            "INDEX %_delivery ON messages(delivery_status, id) WHERE delivery_status IS NOT NULL",
        ] {
            try db.execute(
                sql: "CREATE \(statement)".replacing("INDEX %", with: "INDEX IF NOT EXISTS conductor_messages"))
        }
    }

    /// A program that knows a number and no more may append to `optouts` from now on: the rest has defaults, which SQLite
    /// gives to a new table only.
    private static func openConsent(_ db: Database) throws {
        try add([("asks_to_stop", "INTEGER")], to: "messages", in: db)
        try db.execute(
            sql: """
                CREATE TABLE conductor_optouts_new (
                    id INTEGER PRIMARY KEY AUTOINCREMENT,
                    uid TEXT NOT NULL UNIQUE DEFAULT (lower(hex(randomblob(16)))),
                    phone_number TEXT NOT NULL,
                    action TEXT NOT NULL DEFAULT 'out',
                    timestamp TEXT NOT NULL DEFAULT (\(TimeSQL.now)),
                    source TEXT,
                    message_uid TEXT,
                    created_at TEXT DEFAULT (\(TimeSQL.now)),
                    phone_e164 TEXT);
                INSERT INTO conductor_optouts_new (id, uid, phone_number, action, timestamp, source, message_uid, created_at)
                    SELECT id, uid, phone_number, action, timestamp, source, message_uid, created_at FROM optouts;
                DROP TABLE optouts;
                ALTER TABLE conductor_optouts_new RENAME TO optouts;
                CREATE INDEX conductor_optouts_recipient ON optouts(\(PhoneSQL.recipient()), timestamp);
                """)
    }

    private static func createConsent(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE IF NOT EXISTS optouts (
                    id INTEGER PRIMARY KEY AUTOINCREMENT,
                    uid TEXT NOT NULL UNIQUE,
                    phone_number TEXT NOT NULL,
                    action TEXT NOT NULL,
                    timestamp TEXT NOT NULL,
                    source TEXT,
                    message_uid TEXT,
                    created_at TEXT DEFAULT (\(TimeSQL.now)),
                    phone_e164 TEXT);
                CREATE INDEX IF NOT EXISTS conductor_optouts_recipient ON optouts(\(PhoneSQL.recipient()), timestamp);
                CREATE TABLE IF NOT EXISTS conductor_contact (
                    id INTEGER PRIMARY KEY CHECK (id = 1), since TEXT NOT NULL, last TEXT NOT NULL);
                """)
    }
}
