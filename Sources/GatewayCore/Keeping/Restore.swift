internal import GRDB
internal import Glibc
public import PluginKit

/// What a restore did, or would do.
public struct RestoreReport: Sendable, Hashable, Codable {
    public var manifest: BackupManifest
    /// Files put into place.
    public var restored: [String]
    /// Where what was there before is kept; nil when nothing was.
    public var replaced: String?
    /// Texts that were to be sent then, and are held for a person.
    public var held: Int
    /// Texts that nobody had answered then; no responder will.
    public var unanswered: Int
    /// Rows that are `unread`: a program that answers unread rows will answer them, perhaps again.
    public var unread: Int
    /// Consent of people that was newer than the backup, and was kept.
    public var consentKept: Int

    public init(
        manifest: BackupManifest, restored: [String], replaced: String?, held: Int, unanswered: Int, unread: Int,
        consentKept: Int
    ) {
        self.manifest = manifest
        self.restored = restored
        self.replaced = replaced
        self.held = held
        self.unanswered = unanswered
        self.unread = unread
        self.consentKept = consentKept
    }
}

/// Puts a backup in the place of what a gateway has. The gateway must not run.
public struct Restore: Sendable {
    /// While this file is in the state folder, half of the files are of one moment and half of another.
    static let mark = "restore.unfinished"

    let archive: String
    let stateFolder: String
    let messagesFile: String?
    /// Whether the set is only looked at.
    let isRehearsal: Bool

    /// - Parameters:
    ///   - archive: the backup.
    ///   - stateFolder: of the gateway; absolute, and there.
    ///   - messagesFile: where the storage's file goes; nil: where it was, from the state folder if it was in it.
    ///   - isRehearsal: verifies everything and says what would happen; changes nothing.
    public init(archive: String, stateFolder: String, messagesFile: String? = nil, isRehearsal: Bool = false) {
        self.archive = archive
        self.stateFolder = stateFolder
        self.messagesFile = messagesFile
        self.isRehearsal = isRehearsal
    }

    /// Verifies, then replaces.
    ///
    /// - Throws: `.refused` while a gateway uses the folder, `.invalid` for a file that is no whole backup.
    public func run(now: Timestamp) throws(GatewayError) -> RestoreReport {
        // A rehearsal changes nothing, and needs neither the folder nor peace in it.
        let lock = isRehearsal ? nil : try KeepingLock.take(stateFolder)
        defer { lock?.release() }
        let scratch = isRehearsal && !Files.isFolder(stateFolder) ? "/tmp" : stateFolder
        let work = "\(scratch)/.restore-\(UID.make(at: now))"
        try Files.makeFolder(work)
        defer { Files.remove(work) }
        do {
            return try run(work, now: now)
        } catch let error as GatewayError {
            throw error
        } catch {
            throw GatewayError(.unavailable, "the backup cannot be restored: \(DatabaseFile.words(error))")
        }
    }

    private func run(_ work: String, now: Timestamp) throws -> RestoreReport {
        let manifest = try Self.unpack(archive, into: work)
        var report = RestoreReport(
            manifest: manifest, restored: [], replaced: nil, held: 0, unanswered: 0, unread: 0, consentKept: 0)
        let places = manifest.files.map { ($0.name, place($0, of: manifest)) }
        for file in manifest.files { try prepare(file, in: work, manifest, places, now: now, &report) }
        report.restored = places.map(\.1)
        if isRehearsal { return report }

        let aside = "\(stateFolder)/replaced-\(now.description.filter { $0 != "-" && $0 != ":" })"
        try Files.write(Array("\(archive)\n".utf8), to: "\(stateFolder)/\(Self.mark)")
        try Files.synchronise(stateFolder)
        for (name, path) in places {
            let old = DatabaseFile(path: path)
            for path in [old.path] + old.sides where Files.exists(path) {
                try Files.makeFolder(aside)
                try move(path, to: "\(aside)/\(Files.name(of: path))")
                report.replaced = aside
            }
            try move("\(work)/\(name)", to: path)
            try Files.synchronise(Files.folder(of: path))
        }
        if report.replaced != nil { try Files.synchronise(aside) }
        Files.remove("\(stateFolder)/\(Self.mark)")
        try Files.synchronise(stateFolder)
        return report
    }

    /// Takes the set out of the archive and holds it against its manifest.
    static func unpack(_ archive: String, into work: String) throws -> BackupManifest {
        let entries = try BackupArchive.entries(of: archive)
        guard let first = entries.first, first.name == BackupManifest.name,
            let manifest = try? BackupManifest(encoded: try BackupArchive.read(first, of: archive))
        else { throw GatewayError(.invalid, "\(archive) is not a backup of conductor: it has no manifest") }
        guard manifest.format <= BackupManifest.currentFormat else {
            throw GatewayError(
                .invalid, "\(archive) was made by conductor \(manifest.conductor): install that or a later version")
        }
        for file in manifest.files {
            guard [Backup.journal, Backup.messages, Backup.console, Backup.key].contains(file.name),
                let entry = entries.first(where: { $0.name == file.name }), entry.bytes == file.bytes
            else { throw GatewayError(.invalid, "\(archive) is damaged: \(file.name) is missing or cut off") }
            let path = "\(work)/\(file.name)"
            try BackupArchive.extract(entry, of: archive, to: path)
            guard try Files.digest(path) == file.sha256 else {
                throw GatewayError(.invalid, "\(archive) is damaged: \(file.name) is not what was backed up")
            }
        }
        return manifest
    }

    /// Looks at one file of the set, and makes it safe to go on with.
    private func prepare(
        _ file: BackupManifest.File, in work: String, _ manifest: BackupManifest, _ places: [(String, String)],
        now: Timestamp, _ report: inout RestoreReport
    ) throws {
        if file.name == Backup.key { return }
        let queue = try DatabaseFile(path: "\(work)/\(file.name)").writer()
        defer { try? queue.close() }
        if let damage = try queue.writeWithoutTransaction({ try DatabaseFile.damage(in: $0, fully: true) }) {
            throw GatewayError(.invalid, "\(file.name) in \(archive) is damaged: \(damage)")
        }
        switch file.name {
        case Backup.journal:
            do {
                try JournalSchema.migrate(queue)
            } catch let error as JournalError {
                throw GatewayError(.invalid, "\(archive): \(error.description)")
            }
            let known = places.filter { $0.0 != Backup.console }.map(\.1)
            // Hashes under another key say nothing.
            let key = manifest.files.first { $0.name == Backup.key }?.sha256
            let here = "\(stateFolder)/\(Backup.key)"
            let isSameKey = try key == nil || Files.exists(here) && Files.digest(here) == key
            report.consentKept = try queue.write { try LaterConsent.take(from: known, erased: isSameKey, into: $0) }
            let count = try queue.write { try HeldTexts.hold(journal: $0, since: manifest.takenAt, now: now) }
            report.held += count.outbound
            report.unanswered = count.unanswered
        case Backup.messages:
            let count = try queue.write { try HeldTexts.hold(messages: $0, since: manifest.takenAt, now: now) }
            report.held += count.held - (try heldTwice(queue, in: work))
            report.unread = count.unread
        default:
            break
        }
    }

    /// Rows that are the journal's texts too: a person counts them once.
    private func heldTwice(_ messages: DatabaseQueue, in work: String) throws -> Int {
        let path = "\(work)/\(Backup.journal)"
        guard Files.exists(path) else { return 0 }
        let journal = try DatabaseFile(path: path).quietReader()
        defer { try? journal.close() }
        let known = Set(
            try journal.read {
                try String.fetchAll(
                    $0, sql: "SELECT uid FROM outbound WHERE error_code = ?", arguments: [HeldTexts.code])
            })
        let rows = try messages.read {
            try String.fetchAll(
                $0,
                sql: "SELECT uid FROM messages WHERE uid IS NOT NULL AND delivery_status = 'held' AND error_code = ?",
                arguments: [HeldTexts.code])
        }
        return rows.filter(known.contains).count
    }

    /// Where a file of the set goes: what lay in the state folder then lies in the state folder now.
    private func place(_ file: BackupManifest.File, of manifest: BackupManifest) -> String {
        guard file.name == Backup.messages else { return "\(stateFolder)/\(file.name)" }
        if let messagesFile { return messagesFile }
        let old = manifest.stateFolder + "/"
        return file.path.hasPrefix(old) ? "\(stateFolder)/\(file.path.dropFirst(old.count))" : file.path
    }

    /// Renames, or copies where the target is on another disk.
    private func move(_ from: String, to path: String) throws(GatewayError) {
        if rename(from, path) == 0 { return }
        guard errno == EXDEV else { throw Files.failure("\(from) → \(path)") }
        let part = path + ".part"
        Files.remove(part)
        try BackupArchive.extract(.init(name: "", offset: 0, bytes: Files.size(from) ?? 0), of: from, to: part)
        try Files.rename(part, to: path)
        Files.remove(from)
    }
}

/// What people said about being texted after a backup was taken, as far as the files that it replaces still tell: a
/// STOP must outlive every restore (B10).
enum LaterConsent {
    /// Adds to the journal in `database` the events of other journals and tables that it lacks; how many.
    ///
    /// - Parameter erased: also the hashes of erased people who had said STOP.
    static func take(from paths: [String], erased: Bool, into database: Database) throws -> Int {
        let before = try count(database)
        for path in paths where Files.exists(path) {
            // A damaged file tells what it can: this is why it is replaced.
            guard let queue = try? DatabaseFile(path: path).quietReader() else { continue }
            defer { try? queue.close() }
            try? queue.read { source in
                if try source.tableExists("consent") {
                    _ = try Salvage.copyRows(of: "consent", from: source, to: database)
                }
                if erased, try source.tableExists("erased_number") { try takeErased(from: source, into: database) }
                guard try source.tableExists("optouts") else { return }
                for row in try Row.fetchAll(source, sql: "SELECT * FROM optouts") {
                    guard let uid = row["uid"] as String?, let phone = row["phone_number"] as String?,
                        let action = row["action"] as String?, let at = Timestamp(row["timestamp"] as String? ?? "")
                    else { continue }
                    try database.execute(
                        sql: """
                            INSERT OR IGNORE INTO consent (uid, phone, action, at, source, message_uid, stored)
                            VALUES (?, ?, ?, ?, ?, ?, 0)
                            """,
                        arguments: [
                            uid, phone, action, at.milliseconds, row["source"] as String? ?? "import",
                            row["message_uid"] as String?,
                        ])
                }
            }
        }
        // What they had in storage, this storage may lack.
        let added = try count(database) - before
        if added > 0 { try database.execute(sql: "UPDATE consent SET stored = 0") }
        return added
    }

    private static func takeErased(from source: Database, into database: Database) throws {
        for row in try Row.fetchAll(source, sql: "SELECT mark, erased_at FROM erased_number WHERE is_out = 1") {
            try database.execute(
                sql: """
                    INSERT INTO erased_number (mark, erased_at, is_out) VALUES (?, ?, 1)
                    ON CONFLICT (mark) DO UPDATE SET is_out = 1
                    """, arguments: [row["mark"] as DatabaseValue, row["erased_at"] as Int64])
        }
    }

    private static func count(_ database: Database) throws -> Int {
        try Int.fetchOne(database, sql: "SELECT count(*) FROM consent") ?? 0
    }
}
