internal import Foundation
internal import GRDB
internal import PluginKit

/// What the gateway keeps beside journal and storage (decision 9): console.db in the state folder. For now contacts, and
/// the values of plugins.
final class ConsoleStore: Sendable {
    static let keyLimit = 256
    static let valueLimit = 65_536
    /// Keys and values of one plugin.
    static let room = 1 << 20

    private let queue: DatabaseQueue

    /// Why the file does not serve, or what was saved of a damaged one; nil when all is well.
    let problem: String?

    /// Opens or creates the file, which only the gateway's user can read. A damaged one is replaced by what can be read
    /// of it; where there is no file to be had, what would be kept in it is kept in memory: texts need none of it.
    ///
    /// - Throws: a sentence with the path when a later version wrote it.
    init(
        folder: String, now: Timestamp = Timestamp(milliseconds: 0), look: FirstLook = FirstLook()
    ) throws(GatewayError) {
        let path = folder + "/console.db"
        if !FileManager.default.fileExists(atPath: path) {
            _ = FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600])
        }
        do {
            let file = DatabaseFile(path: path)
            var report: RepairReport?
            if case .damaged(let damage) = look.finding(in: file, isSuspect: false) {
                report = try Salvage.replace(path, damage: damage, now: now, schema: Self.migrate)
            }
            do {
                queue = try Self.open(path)
            } catch let error where DatabaseFile.isDamage(error) && report == nil {
                report = try Salvage.replace(
                    path, damage: DatabaseFile.words(error), now: now, schema: Self.migrate)
                queue = try Self.open(path)
            }
            problem = report?.sentence
        } catch let error as GatewayError where error.code == .refused {
            throw GatewayError(.unavailable, error.message)
        } catch {
            do {
                queue = try Self.open(nil)
            } catch {
                throw GatewayError(.unavailable, "\(path) cannot be used: \(Self.reason(error))")
            }
            problem =
                "\(path) cannot be used (\(Self.reason(error))): contacts, pauses of the bot and values of plugins "
                + "are not known, and what is noted now is lost at the end; texts go on"
        }
    }

    /// Opens the file, or a store in memory, and brings it up to date.
    private static func open(_ path: String?) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.label = "console"
        configuration.busyMode = .timeout(2)
        configuration.prepareDatabase { database in
            try database.execute(
                sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = FAST")
        }
        let queue =
            try path.map { try DatabaseQueue(path: $0, configuration: configuration) }
            ?? DatabaseQueue(configuration: configuration)
        try migrate(queue)
        return queue
    }

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { try $0.execute(sql: Self.version1) }
        migrator.registerMigration("retention") { try $0.execute(sql: retentionVersion) }
        return migrator
    }

    /// Brings an older file up to date.
    static func migrate(_ queue: DatabaseQueue) throws {
        let migrator = migrator
        guard try !queue.read(migrator.hasBeenSuperseded) else {
            throw GatewayError(
                .refused, "\(queue.path) was written by a later version of conductor: install that version again")
        }
        try migrator.migrate(queue)
    }

    /// What SQLite says, without values.
    private static func reason(_ error: any Error) -> String {
        (error as? DatabaseError).map { $0.message ?? $0.resultCode.description } ?? String(describing: error)
    }

    func close() { try? queue.close() }

    private static let version1 = """
        -- People, by normalised number. Consent is the journal's.
        CREATE TABLE contact (
            phone TEXT PRIMARY KEY, name TEXT, notes TEXT, bot_paused_until INTEGER, assignee TEXT,
            closed INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;

        -- Plugins' own values; `plugin` is the drop-in's name without its number.
        CREATE TABLE plugin_value (
            plugin TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, expires_at INTEGER,
            PRIMARY KEY (plugin, key)) WITHOUT ROWID;
        CREATE INDEX plugin_value_expiry ON plugin_value(expires_at) WHERE expires_at IS NOT NULL;
        """

    func write<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(PluginError) -> Value {
        do {
            return try await queue.write(body)
        } catch let error as PluginError {
            throw error
        } catch is CancellationError {
            throw PluginError(.cancelled, "the request was given up")
        } catch {
            throw PluginError(.unavailable, "console.db cannot be used: \(Self.reason(error))")
        }
    }
}

extension ConsoleStore {
    /// Runs `body` in no transaction, as VACUUM needs it.
    func maintain(_ body: @escaping @Sendable (Database) throws -> Void) async throws(PluginError) {
        do {
            try await queue.writeWithoutTransaction(body)
        } catch {
            throw PluginError(.unavailable, "console.db cannot be used: \(Self.reason(error))")
        }
    }
}

// MARK: People

extension ConsoleStore {
    /// What is known of a person; without consent, which the journal knows.
    func contact(_ phone: String) async throws(PluginError) -> Contact {
        try await write { try Self.contact(phone, $0) }
    }

    /// Changes a person's fields; the contact as it is then.
    func change(_ change: ContactChange, phone: String) async throws(PluginError) -> Contact {
        try await write { database in
            var contact = try Self.contact(phone, database)
            if let edit = change.name { contact.name = edit.value }
            if let edit = change.notes { contact.notes = edit.value }
            if let edit = change.botPausedUntil { contact.botPausedUntil = edit.value }
            if let edit = change.assignee { contact.assignee = edit.value }
            if let isClosed = change.isClosed { contact.isClosed = isClosed }
            try database.run(
                """
                INSERT OR REPLACE INTO contact (phone, name, notes, bot_paused_until, assignee, closed)
                VALUES (?, ?, ?, ?, ?, ?)
                """,
                [
                    phone, contact.name, contact.notes, contact.botPausedUntil?.milliseconds, contact.assignee,
                    contact.isClosed,
                ])
            return contact
        }
    }

    /// A text of this person came: a closed conversation is open again.
    ///
    /// - Returns: until when no responder is asked, if so.
    func arrived(_ phone: String, now: Timestamp) async throws(PluginError) -> Timestamp? {
        try await write { database in
            let contact = try Self.contact(phone, database)
            if contact.isClosed { try database.run("UPDATE contact SET closed = 0 WHERE phone = ?", [phone]) }
            return contact.botPausedUntil.flatMap { $0 > now ? $0 : nil }
        }
    }

    private static func contact(_ phone: String, _ database: Database) throws -> Contact {
        guard let row = try database.first("SELECT * FROM contact WHERE phone = ?", [phone]) else {
            return Contact(phone: phone)
        }
        return Contact(
            phone: phone, name: row["name"], notes: row["notes"],
            botPausedUntil: (row["bot_paused_until"] as Int64?).map(Timestamp.init(milliseconds:)),
            assignee: row["assignee"], isClosed: row["closed"])
    }
}

extension ContactChange.Edit {
    fileprivate var value: Value? {
        switch self {
        case .set(let value): value
        case .clear: nil
        }
    }
}

// MARK: Values of plugins

extension ConsoleStore {
    func value(_ key: String, plugin: String, now: Timestamp) async throws(PluginError) -> [UInt8]? {
        try Self.check(key)
        return try await write { database in
            let row = try database.first(
                """
                SELECT value FROM plugin_value WHERE plugin = ? AND key = ? AND (expires_at IS NULL OR expires_at > ?)
                """, [plugin, key, now.milliseconds])
            return row.map { [UInt8]($0["value"] as Data) }
        }
    }

    func set(_ entry: KeyValueEntry, plugin: String, now: Timestamp) async throws(PluginError) {
        try Self.check(entry.key)
        guard entry.value.count <= Self.valueLimit else {
            throw PluginError(
                .invalid, "the value has \(entry.value.count) bytes, and \(Self.valueLimit) are the most")
        }
        try await write { database in
            try database.run(
                "DELETE FROM plugin_value WHERE expires_at <= ? OR plugin = ? AND key = ?",
                [now.milliseconds, plugin, entry.key])
            let used: Int =
                try database.first(
                    """
                    SELECT coalesce(sum(length(CAST(key AS BLOB)) + length(value)), 0) AS used
                    FROM plugin_value WHERE plugin = ?
                    """, [plugin])?["used"] ?? 0
            guard used + entry.key.utf8.count + entry.value.count <= Self.room else {
                throw PluginError(
                    .conflict, "the plugin's values fill their \(Self.room) bytes: remove some, or let them expire")
            }
            try database.run(
                "INSERT INTO plugin_value (plugin, key, value, expires_at, set_at) VALUES (?, ?, ?, ?, ?)",
                [plugin, entry.key, Data(entry.value), entry.expiresAt?.milliseconds, now.milliseconds])
        }
    }

    func remove(_ key: String, plugin: String) async throws(PluginError) {
        try Self.check(key)
        try await write { try $0.run("DELETE FROM plugin_value WHERE plugin = ? AND key = ?", [plugin, key]) }
    }

    func keys(_ query: KeyValueQuery, plugin: String, now: Timestamp) async throws(PluginError) -> [String] {
        guard (1...1_000).contains(query.limit) else {
            throw PluginError(.invalid, "limit is \(query.limit): it may be 1 to 1000")
        }
        return try await write { database in
            try database.all(
                """
                SELECT key FROM plugin_value WHERE plugin = ? AND key > ? AND substr(key, 1, length(?)) = ?
                    AND (expires_at IS NULL OR expires_at > ?) ORDER BY key LIMIT ?
                """,
                [plugin, query.after ?? "", query.prefix, query.prefix, now.milliseconds, query.limit]
            ).map { $0["key"] }
        }
    }

    private static func check(_ key: String) throws(PluginError) {
        guard (1...keyLimit).contains(key.utf8.count), !key.utf8.contains(0) else {
            throw PluginError(.invalid, "a key has 1 to \(keyLimit) bytes, and no zero byte")
        }
    }
}
