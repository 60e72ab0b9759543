internal import GRDB
public import PluginKit

/// Work on a gateway's files while it does not run.
public struct OfflineState: Sendable {
    let folder: String
    let messagesFile: String?

    /// - Parameters:
    ///   - folder: the state folder.
    ///   - messagesFile: the file of the storage `sqlite`; nil when another storage serves.
    public init(folder: String, messagesFile: String?) {
        self.folder = folder
        self.messagesFile = messagesFile
    }

    private var files: [Backup.Source] {
        var files = [Backup.journal, Backup.console].map { Backup.Source(name: $0, path: "\(folder)/\($0)") }
        if let messagesFile { files.append(.init(name: Backup.messages, path: messagesFile)) }
        return files.filter { Files.exists($0.path) }
    }

    /// Takes a backup.
    ///
    /// - Throws: `.refused` while a gateway uses the folder.
    public func backup(
        _ request: BackupRequest, version: String, gateway: String, now: Timestamp
    ) throws(GatewayError) -> BackupReport {
        let lock = try KeepingLock.take(folder)
        defer { lock.release() }
        guard files.contains(where: { $0.name == Backup.journal }) else {
            throw GatewayError(.notFound, "there is no journal in \(folder): nothing was backed up")
        }
        let hasMessages = files.contains { $0.name == Backup.messages }
        let backup = Backup(
            version: version, gateway: gateway, stateFolder: folder, sources: files,
            storage: messagesFile == nil ? nil : "sqlite",
            storageNote: hasMessages ? nil : "the storage's file was not found on this machine")
        do {
            return try backup.take(request, now: now) { try $0() }
        } catch let error as GatewayError {
            throw error
        } catch {
            throw GatewayError(.unavailable, DatabaseFile.words(error))
        }
    }

    /// Looks at every file, and replaces the damaged ones by what can be read of them. The damaged files are kept.
    ///
    /// - Parameter isRehearsal: only looks.
    /// - Throws: `.refused` while a gateway uses the folder.
    public func repair(isRehearsal: Bool, now: Timestamp) throws(GatewayError) -> [RepairReport] {
        let lock = try KeepingLock.take(folder)
        defer { lock.release() }
        var reports: [RepairReport] = []
        for file in files {
            do {
                reports.append(try repair(file, isRehearsal: isRehearsal, now: now))
            } catch let error as GatewayError {
                throw error
            } catch {
                throw GatewayError(.unavailable, "\(file.path) cannot be repaired: \(DatabaseFile.words(error))")
            }
        }
        return reports
    }

    private func repair(_ file: Backup.Source, isRehearsal: Bool, now: Timestamp) throws -> RepairReport {
        guard let damage = DatabaseFile(path: file.path).damage(fully: true) else {
            return RepairReport(name: file.name, path: file.path)
        }
        if isRehearsal { return RepairReport(name: file.name, path: file.path, damage: damage) }
        let schemas = [Backup.journal: JournalSchema.migrate, Backup.console: ConsoleStore.migrate]
        var report = try Salvage.replace(file.path, damage: damage, now: now, schema: schemas[file.name])
        report.name = file.name
        guard file.name != Backup.console else { return report }
        let queue = try DatabaseFile(path: file.path).writer()
        defer { try? queue.close() }
        if file.name == Backup.journal {
            try JournalSchema.migrate(queue)
            let known = Files.text("\(folder)/journal.id")?.split(separator: "\n").first.map(String.init)
            Suspicion.end(in: folder)
            report.held = try queue.write {
                try HeldTexts.hold(journal: $0, since: nil, now: now, formerly: known).outbound
            }
        } else if try queue.read({ try $0.tableExists("messages") }) {
            report.held = try queue.write { try HeldTexts.hold(messages: $0, since: nil, now: now).held }
        }
        return report
    }

    /// What is known of each file that is there. The gateway may run.
    public func facts() -> [DatabaseFacts] {
        files.map { file in
            let bytes = Files.size(file.path) ?? 0
            let database = DatabaseFile(path: file.path)
            return DatabaseFacts(
                name: file.name, path: file.path, bytes: bytes, logBytes: Files.size(file.path + "-wal") ?? 0,
                // A larger file is looked at page by page only.
                damage: bytes == 0 ? nil : database.damage(fully: bytes < 512 << 20),
                isNewer: bytes > 0 && isNewer(file))
        }
    }

    private func isNewer(_ file: Backup.Source) -> Bool {
        guard file.name != Backup.messages, let queue = try? DatabaseFile(path: file.path).quietReader() else {
            return false
        }
        defer { try? queue.close() }
        let migrator = file.name == Backup.journal ? JournalSchema.migrator : ConsoleStore.migrator
        return (try? queue.read(migrator.hasBeenSuperseded)) ?? false
    }
}

/// One of the gateway's databases, as it lies on the disk.
public struct DatabaseFacts: Sendable, Hashable {
    /// As `journal.db`.
    public var name: String
    public var path: String
    public var bytes: Int64
    /// Of its write-ahead log.
    public var logBytes: Int64
    /// Why it cannot be trusted; nil when it is whole.
    public var damage: String?
    /// A later version wrote it.
    public var isNewer: Bool

    public init(
        name: String, path: String, bytes: Int64, logBytes: Int64 = 0, damage: String? = nil, isNewer: Bool = false
    ) {
        self.name = name
        self.path = path
        self.bytes = bytes
        self.logBytes = logBytes
        self.damage = damage
        self.isNewer = isNewer
    }
}
