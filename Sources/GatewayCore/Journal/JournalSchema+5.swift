extension JournalSchema {
    /// What limits, windows and the watch over the delivered share remember.
    static let version5 = """
        -- What left today, and how much of it arrived.
        CREATE INDEX part_time ON part(intent_at);

        -- Parts that left and are sent once more because somebody said so: `part` has only the last of each.
        CREATE TABLE part_before (
            id INTEGER PRIMARY KEY, uid TEXT NOT NULL, number INTEGER NOT NULL, sim TEXT NOT NULL, phone TEXT NOT NULL,
            origin TEXT NOT NULL, intent_at INTEGER NOT NULL);
        CREATE INDEX part_before_time ON part_before(intent_at);

        -- Since when policy keeps the text back.
        ALTER TABLE outbound ADD COLUMN held_since INTEGER;

        -- SIMs that nothing is sent from: `reason` is null once a person resumed it; what left before `since` is not
        -- looked at again.
        CREATE TABLE sim_pause (sim TEXT PRIMARY KEY, since INTEGER NOT NULL, reason TEXT) WITHOUT ROWID;
        """
}
