extension JournalSchema {
    /// Retention and erasure.
    static let version6 = """
        -- Persons whose erasure has begun: the number, sealed with erased.key, and up to where rows are theirs: what came
        -- later is of a new person. The row goes when all is done, so that a crash only delays it.
        CREATE TABLE erasure (
            id INTEGER PRIMARY KEY, sealed BLOB NOT NULL, began_at INTEGER NOT NULL,
            inbound_seq INTEGER NOT NULL, outbound_seq INTEGER NOT NULL, reading_id INTEGER NOT NULL,
            report_id INTEGER NOT NULL);

        -- Erased numbers as keyed hashes. `is_out`: the person had said STOP, which holds for ever. The others are here
        -- for some days only, so that a late delivery report does not bring the number back.
        CREATE TABLE erased_number (
            mark BLOB PRIMARY KEY, erased_at INTEGER NOT NULL, is_out INTEGER NOT NULL) WITHOUT ROWID;

        -- `hashed`: the person was erased while the text still lay in the modem. `pdu` is a keyed hash, by which the slot
        -- is known when it is read again.
        ALTER TABLE reading ADD COLUMN hashed INTEGER NOT NULL DEFAULT 0;

        DELETE FROM part WHERE uid NOT IN (SELECT uid FROM outbound);
        """
}
