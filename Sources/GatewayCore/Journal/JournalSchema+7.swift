extension JournalSchema {
    /// To find the text that a row of storage was, when an old table comes back (`HeldTexts.alreadySent`).
    static let version7 = """
        CREATE INDEX outbound_storage ON outbound(storage_id) WHERE storage_id IS NOT NULL;
        """
}
