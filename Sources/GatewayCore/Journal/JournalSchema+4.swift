extension JournalSchema {
    /// Who entered consent and why; wishes to stop; whose a text is; and what automatic answers rest.
    static let version4 = """
        -- `entered_by`, `reason`: who said it for the person, and on what ground.
        ALTER TABLE consent ADD COLUMN entered_by TEXT;
        ALTER TABLE consent ADD COLUMN reason TEXT;

        -- `asks_to_stop`: people should look. `left_to`: null: everybody sees it unread; 'bots': other programs answer it;
        -- 'us': they must not.
        ALTER TABLE inbound ADD COLUMN asks_to_stop INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE inbound ADD COLUMN left_to TEXT;

        -- What the loop guard looks at: the texts of one number, both ways.
        CREATE INDEX inbound_phone ON inbound(phone, received_at);
        CREATE INDEX outbound_phone ON outbound(phone, created_at);

        -- Numbers that our responders do not answer until `until`.
        CREATE TABLE loop_rest (
            phone TEXT PRIMARY KEY, since INTEGER NOT NULL, until INTEGER NOT NULL, reason TEXT NOT NULL,
            message_uid TEXT NOT NULL) WITHOUT ROWID;
        """
}
