extension JournalSchema {
    /// Texts between our own SIMs that show that texts come and go (`Canary`); `flash`: a text is shown at once on the
    /// telephone that it comes to, which may not keep it (class 0 of TS 23.038 §4).
    static let version13 = """
        CREATE TABLE canary (
            uid TEXT PRIMARY KEY, sender TEXT NOT NULL, receiver TEXT NOT NULL, content TEXT NOT NULL,
            sent_at INTEGER NOT NULL, arrived_at INTEGER) WITHOUT ROWID;
        CREATE INDEX canary_way ON canary(sender, receiver, sent_at);
        CREATE INDEX canary_content ON canary(content);

        ALTER TABLE outbound ADD COLUMN flash INTEGER NOT NULL DEFAULT 0;
        """
}
