extension JournalSchema {
    /// What people and policy did with a text, one sentence a line; and the texts that were given up, by when.
    static let version8 = """
        ALTER TABLE outbound ADD COLUMN note TEXT;
        CREATE INDEX outbound_failed ON outbound(settled_at) WHERE state IN ('failed', 'undelivered');
        """
}
