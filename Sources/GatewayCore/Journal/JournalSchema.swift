internal import GRDB

/// The journal's tables. What each holds stands beside it; nothing here is ever what a person reads: storage is.
enum JournalSchema {
    /// Brings an older journal up to date. A journal of a later version is refused.
    static func migrate(_ database: DatabaseQueue) throws {
        let migrator = migrator
        if try database.read(migrator.hasBeenSuperseded) {
            throw JournalError(
                code: .other,
                description: "the journal was written by a later version of conductor: install that version again")
        }
        try migrator.migrate(database)
    }

    /// Every step there is, in order.
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { try $0.execute(sql: version1) }
        migrator.registerMigration("2") { try $0.execute(sql: version2) }
        migrator.registerMigration("3") { try $0.execute(sql: version3) }
        migrator.registerMigration("4") { try $0.execute(sql: version4) }
        migrator.registerMigration("7") { try $0.execute(sql: version7) }
        migrator.registerMigration("5") { try $0.execute(sql: version5) }
        migrator.registerMigration("8") { try $0.execute(sql: version8) }
        migrator.registerMigration("6") { try $0.execute(sql: version6) }
        migrator.registerMigration("9") { try $0.execute(sql: version9) }
        migrator.registerMigration("10") { try $0.execute(sql: version10) }
        migrator.registerMigration("11") { try $0.execute(sql: version11) }
        migrator.registerMigration("12") { try $0.execute(sql: version12) }
        migrator.registerMigration("13") { try $0.execute(sql: version13) }
        return migrator
    }

    /// `language`: which national tables the text may be written in, as `ShiftTables` names them; null until it is first
    /// sent, unless somebody asked for it. A text whose parts are partly sent must be cut the same way again.
    private static let version3 = """
        ALTER TABLE outbound ADD COLUMN language TEXT;
        UPDATE outbound SET language = 'none' WHERE parts > 0;
        """

    private static let version1 = """
        CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

        -- Every TPDU that the radio gave us, as it was. `deleted`: the modem confirmed that its slot is free again.
        CREATE TABLE reading (
            id INTEGER PRIMARY KEY,
            modem TEXT NOT NULL, sim TEXT NOT NULL, memory TEXT, slot INTEGER,
            pdu BLOB NOT NULL, printed TEXT,
            read_at INTEGER NOT NULL, deleted INTEGER NOT NULL,
            uid TEXT, sequence INTEGER);
        CREATE INDEX reading_in_slot ON reading(sim, memory, slot) WHERE deleted = 0;
        CREATE INDEX reading_pdu ON reading(pdu, sim);
        CREATE INDEX reading_uid ON reading(uid, sequence);
        CREATE INDEX reading_time ON reading(read_at);

        -- Texts that came. `visible` once it may be stored and answered: all parts are there, or the wait is over.
        -- `answer`: 0 to be decided, 1 decided, 2 never to be asked about.
        CREATE TABLE inbound (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            uid TEXT NOT NULL UNIQUE, modem TEXT NOT NULL, sim TEXT NOT NULL, phone TEXT NOT NULL,
            content TEXT NOT NULL,
            received_at INTEGER NOT NULL, sent_at INTEGER, utc_offset INTEGER, slot INTEGER,
            assembly TEXT, parts INTEGER NOT NULL, present INTEGER NOT NULL, give_up_at INTEGER,
            visible INTEGER NOT NULL, incomplete INTEGER NOT NULL, duplicate INTEGER NOT NULL,
            answer INTEGER NOT NULL, decision TEXT,
            revision INTEGER NOT NULL, stored INTEGER NOT NULL DEFAULT 0);
        CREATE INDEX inbound_unstored ON inbound(seq) WHERE visible = 1 AND stored < revision;
        CREATE INDEX inbound_unanswered ON inbound(seq) WHERE visible = 1 AND answer = 0;
        CREATE INDEX inbound_gathering ON inbound(assembly) WHERE present < parts;
        CREATE INDEX inbound_give_up ON inbound(give_up_at) WHERE visible = 0;
        CREATE INDEX inbound_time ON inbound(received_at);

        -- Texts to send. `state`: waiting, sending, unknown, accepted, delivered, undelivered, failed.
        -- `storage_id`: the row it was claimed from; null for texts born here.
        CREATE TABLE outbound (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            uid TEXT NOT NULL UNIQUE, storage_id INTEGER, origin TEXT NOT NULL, purpose TEXT NOT NULL,
            phone TEXT NOT NULL, content TEXT NOT NULL, sim_wanted TEXT, sim TEXT,
            created_at INTEGER NOT NULL, not_before INTEGER, state TEXT NOT NULL,
            attempts INTEGER NOT NULL DEFAULT 0, last_attempt_at INTEGER, parts INTEGER NOT NULL DEFAULT 0,
            answers TEXT, idempotency_key TEXT UNIQUE,
            error_code TEXT, error_message TEXT, settled_at INTEGER, ask_at INTEGER,
            revision INTEGER NOT NULL DEFAULT 1, stored INTEGER NOT NULL DEFAULT 0);
        CREATE INDEX outbound_open ON outbound(seq) WHERE state IN ('waiting', 'sending', 'unknown');
        CREATE INDEX outbound_unstored ON outbound(seq) WHERE stored < revision;
        CREATE INDEX outbound_time ON outbound(created_at);

        -- Parts that were, or may have been, on the wire. `state`: intent, accepted, refused, unknown.
        CREATE TABLE part (
            uid TEXT NOT NULL, number INTEGER NOT NULL,
            pdu BLOB NOT NULL, phone TEXT NOT NULL, modem TEXT NOT NULL, sim TEXT NOT NULL,
            state TEXT NOT NULL, reference INTEGER, intent_at INTEGER NOT NULL, outcome_at INTEGER, error TEXT,
            report_status INTEGER, report_at INTEGER,
            PRIMARY KEY (uid, number)) WITHOUT ROWID;
        CREATE INDEX part_open ON part(state) WHERE state IN ('intent', 'unknown');
        CREATE INDEX part_reference ON part(sim, phone, reference);

        -- Delivery reports that no part is known for yet: a report may come before its reference is written down.
        CREATE TABLE report (
            id INTEGER PRIMARY KEY, sim TEXT NOT NULL, phone TEXT NOT NULL, reference INTEGER NOT NULL,
            status INTEGER NOT NULL, submitted_at INTEGER, received_at INTEGER NOT NULL);
        CREATE INDEX report_reference ON report(sim, phone, reference);

        -- Consent, append-only; the latest of a number wins, a tie means out.
        CREATE TABLE consent (
            uid TEXT PRIMARY KEY, phone TEXT NOT NULL, action TEXT NOT NULL, at INTEGER NOT NULL,
            source TEXT NOT NULL, message_uid TEXT, stored INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
        CREATE INDEX consent_phone ON consent(phone, at);
        CREATE INDEX consent_unstored ON consent(stored) WHERE stored = 0;
        """

    private static let version2 = """
        -- `copy_of`: the first reading of the text that the network delivers again in this one. To know what is delivered
        -- again, texts are found by their key when they are whole, too.
        ALTER TABLE inbound ADD COLUMN copy_of INTEGER;
        DROP INDEX inbound_gathering;
        CREATE INDEX inbound_assembly ON inbound(assembly, seq) WHERE assembly IS NOT NULL;
        """
}
