extension JournalSchema {
    /// More than one storage: addresses and marks belong to the one that gave or got them (`StorageMarks`).
    static let version10 = """
        -- Storages that have served. Key `storage` of `meta` is the id of the one whose marks stand in the columns
        -- `stored`.
        CREATE TABLE storage (
            id INTEGER PRIMARY KEY, identity TEXT NOT NULL UNIQUE, location TEXT NOT NULL, served_at INTEGER NOT NULL);

        -- `storage`: which storage `storage_id` is an address of.
        ALTER TABLE outbound ADD COLUMN storage INTEGER;

        -- What the storages have that do not serve now: `revision` as `stored` was when they did. `kind`: the table.
        CREATE TABLE stored_elsewhere (
            kind TEXT NOT NULL, uid TEXT NOT NULL, storage INTEGER NOT NULL, revision INTEGER NOT NULL,
            PRIMARY KEY (kind, uid, storage)) WITHOUT ROWID;
        CREATE TRIGGER inbound_marks AFTER DELETE ON inbound BEGIN
            DELETE FROM stored_elsewhere WHERE kind = 'inbound' AND uid = old.uid;
        END;
        CREATE TRIGGER outbound_marks AFTER DELETE ON outbound BEGIN
            DELETE FROM stored_elsewhere WHERE kind = 'outbound' AND uid = old.uid;
        END;
        CREATE TRIGGER consent_marks AFTER DELETE ON consent BEGIN
            DELETE FROM stored_elsewhere WHERE kind = 'consent' AND uid = old.uid;
        END;
        """
}
