internal import GRDB
internal import Glibc
internal import PluginKit

/// Copies of the gateway's files that lie beside those in use: backups, and what a repair or a restore set aside. Who is
/// erased is erased in them too, or the next restore would bring the person back.
///
/// A copy that names the person and cannot be opened is deleted: what could be read of it was saved when it was set aside.
struct ErasedCopies: Sendable {
    /// What was done to copies, or would be.
    struct Counts: Sendable {
        /// Copies that name the person, written anew without.
        var cleaned = 0
        /// Paths of those that were deleted.
        var deleted: [String] = []
    }

    let stateFolder: String
    /// Files that storages keep everything in, those too that do not serve.
    let messagesFiles: [String]
    let policy: Policy
    let key: ErasedKey
    let version: String

    /// Looks through every copy; with `countsOnly`, nothing is changed. Blocks for as long as reading them takes. Repeating
    /// it changes nothing.
    ///
    /// - Throws: when a copy can neither be written anew nor deleted; the others are done then.
    func erase(_ phone: String, countsOnly: Bool, now: Timestamp) throws -> Counts {
        var counts = Counts()
        var failure: (any Error)?
        let search = FileSearch(phone)
        if !countsOnly { removeLeftovers() }
        for path in archives + databases where try search.occurs(in: path) || sides(of: path, name: search) {
            if countsOnly {
                counts.cleaned += 1
                continue
            }
            do {
                if path.hasSuffix(".tar") {
                    try rewrite(path, without: phone, now: now)
                } else {
                    _ = try clean(path, of: phone, now: now)
                }
                counts.cleaned += 1
            } catch let error where Self.isUnreadable(error) {
                for path in [path] + DatabaseFile(path: path).sides { Files.remove(path) }
                counts.deleted.append(path)
            } catch {
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
        return counts
    }

    // MARK: Which copies there are

    private var archives: [String] { paths(in: stateFolder + "/backups") { $0.hasSuffix(".tar") } }

    private var databases: [String] {
        var folders = [stateFolder]
        for file in messagesFiles where !folders.contains(Files.folder(of: file)) {
            folders.append(Files.folder(of: file))
        }
        return folders.flatMap { folder in
            paths(in: folder) { $0.contains(".damaged-") && !isSide($0) }
                + Files.names(in: folder).filter { $0.hasPrefix("replaced-") }.flatMap { name in
                    paths(in: "\(folder)/\(name)") { !isSide($0) }
                }
        }
    }

    private func paths(in folder: String, where isMeant: (String) -> Bool) -> [String] {
        Files.names(in: folder).filter(isMeant).sorted().map { "\(folder)/\($0)" }
    }

    private func isSide(_ name: String) -> Bool {
        ["-wal", "-shm", "-journal"].contains { name.hasSuffix($0) }
    }

    private func sides(of path: String, name search: FileSearch) throws -> Bool {
        try DatabaseFile(path: path).sides.contains { try Files.exists($0) && search.occurs(in: $0) }
    }

    /// What a backup or a restore that was killed left behind.
    private func removeLeftovers() {
        for (folder, prefix) in [(stateFolder + "/backups", ".conductor-backup-"), (stateFolder, ".restore-")] {
            for name in Files.names(in: folder) where name.hasPrefix(prefix) { Files.remove("\(folder)/\(name)") }
        }
    }

    private static func isUnreadable(_ error: any Error) -> Bool {
        DatabaseFile.isDamage(error) || (error as? GatewayError)?.code == .invalid
    }

    // MARK: One copy

    /// Writes a backup anew. Its old name is the old backup or the new one, at any moment.
    private func rewrite(_ archive: String, without phone: String, now: Timestamp) throws {
        let folder = Files.folder(of: archive)
        let work = "\(folder)/.conductor-backup-\(UID.make(at: now))"
        try Files.makeFolder(work)
        defer { Files.remove(work) }
        var manifest = try Restore.unpack(archive, into: work)
        for index in manifest.files.indices where manifest.files[index].name != Backup.key {
            let path = "\(work)/\(manifest.files[index].name)"
            let rows = try clean(path, of: phone, now: now)
            try manifest.files[index].describe(path, rows: rows)
        }
        // Its journal knows the number by this key now.
        manifest.files.removeAll { $0.name == Backup.key }
        if let file = try Backup.copyKey(of: stateFolder, into: work) { manifest.files.append(file) }
        manifest.conductor = version
        Files.remove("\(work)/\(BackupManifest.name)")
        try Files.write(try manifest.encoded(), to: "\(work)/\(BackupManifest.name)")
        try BackupArchive.write(
            ([BackupManifest.name] + manifest.files.map(\.name)).map { ($0, "\(work)/\($0)") }, to: "\(work)/archive",
            at: manifest.takenAt.milliseconds / 1_000)
        try Files.rename("\(work)/archive", to: archive)
        try Files.synchronise(folder)
    }

    /// Takes the person out of a database, and leaves one file without a log or a free page.
    ///
    /// - Returns: the rows that are left, by table.
    private func clean(_ path: String, of phone: String, now: Timestamp) throws -> [String: Int64] {
        let queue = try DatabaseFile(path: path).writer()
        defer { try? queue.close() }
        let tables = try queue.read { Set(try DatabaseFile.rows(in: $0).keys) }
        if tables.contains("reading") {
            // The rows' meaning is the latest one's.
            try JournalSchema.migrate(queue)
            queue.writeWithoutTransaction { $0.add(function: ErasedNumbers.function(key)) }
            let record = JournalErasure.Record(
                id: 0, phone: phone, beganAt: now, inboundSeq: .max, outboundSeq: .max, readingID: .max, reportID: .max)
            try queue.write { database in
                let strays = try JournalErasure.strays(phone, policy: policy, database)
                _ = try JournalErasure.erase(record, strays, now: now, database)
            }
        } else if tables.contains("plugin_value") {
            _ = try queue.write { try ConsoleStore.forget(phone, countsOnly: false, $0) }
        } else {
            try queue.write { database in
                for table in tables { try deleteRows(of: phone, in: table, database) }
                try forgetDeleted(database)
            }
        }
        return try queue.writeWithoutTransaction { database in
            try database.execute(sql: "VACUUM")
            _ = try String.fetchOne(database, sql: "PRAGMA journal_mode = DELETE")
            return try DatabaseFile.rows(in: database)
        }
    }

    /// Rows of the shared tables, whoever wrote them and however they wrote the number.
    private func deleteRows(of phone: String, in table: String, _ database: Database) throws {
        let columns = Set(try database.columns(in: table).map(\.name))
        let isCustomers = table == "customers" && columns.contains("phone")
        guard columns.contains("phone_number") || isCustomers else { return }
        let name = table.quotedDatabaseIdentifier
        let column = isCustomers ? "phone" : "phone_number"
        let numbers = try String.fetchAll(
            database, sql: "SELECT DISTINCT \(column) FROM \(name) WHERE \(column) IS NOT NULL")
        for written in numbers where (policy.number(written)?.text ?? written) == phone {
            if isCustomers { try letGo(of: written, database) }
            try database.execute(sql: "DELETE FROM \(name) WHERE \(column) = ?", arguments: [written])
        }
        if columns.contains("phone_e164") {
            try database.execute(sql: "DELETE FROM \(name) WHERE phone_e164 = ?", arguments: [phone])
        }
    }

    /// What was sold stays, and no longer says to whom.
    private func letGo(of written: String, _ database: Database) throws {
        guard try database.tableExists("transactions") else { return }
        try database.execute(
            sql: """
                UPDATE transactions SET customer_id = NULL
                WHERE customer_id IN (SELECT id FROM customers WHERE phone = ?)
                """, arguments: [written])
    }

    /// A full-text index keeps what was deleted until its parts are merged into one.
    private func forgetDeleted(_ database: Database) throws {
        let indexes = try String.fetchAll(
            database, sql: "SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL TABLE%USING fts5%'")
        for index in indexes {
            let name = index.quotedDatabaseIdentifier
            try database.execute(sql: "INSERT INTO \(name) (\(name)) VALUES ('optimize')")
        }
    }
}
