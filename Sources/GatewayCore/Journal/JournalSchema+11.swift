extension JournalSchema {
    /// Who was erased is erased in storages that do not serve, too (`LeftStorages`).
    static let version11 = """
        -- `gone`: a person said that the storage does not exist any more: nobody is looked for there.
        ALTER TABLE storage ADD COLUMN gone INTEGER NOT NULL DEFAULT 0;

        -- People who are to be erased in a storage that could not be reached. `sealed`: the number, as only the owner of
        -- `erased.key` can read it; a hash would not do, since the storage is asked by the number. Each row goes when it is
        -- done.
        CREATE TABLE erasure_elsewhere (
            id INTEGER PRIMARY KEY, storage INTEGER NOT NULL, sealed BLOB NOT NULL, began_at INTEGER NOT NULL);
        CREATE INDEX erasure_elsewhere_storage ON erasure_elsewhere(storage);
        """
}
