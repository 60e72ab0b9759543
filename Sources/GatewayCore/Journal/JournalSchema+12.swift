extension JournalSchema {
    /// Which SIM was last seen in a modem (`SIMWatch`).
    static let version12 = """
        CREATE TABLE modem_seen (imei TEXT PRIMARY KEY, sim TEXT NOT NULL, seen_at INTEGER NOT NULL) WITHOUT ROWID;
        """
}
