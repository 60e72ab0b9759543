extension JournalSchema {
    /// `clock`: how often the wall clock had been set when the part's intent was written down (`WallClock`).
    static let version9 = """
        ALTER TABLE part ADD COLUMN clock INTEGER NOT NULL DEFAULT 0;
        """
}
