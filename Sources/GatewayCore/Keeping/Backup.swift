internal import GRDB
internal import PluginKit

/// Copies the databases of one gateway, as they were at one moment, into one archive.
///
/// The moment is what matters: while the journal's writer stands still, a snapshot of every file is taken, which needs
/// microseconds. So the set is what a power failure at that moment would have left, and the gateway is made to go on
/// from that. The copying goes on from the snapshots, beside the traffic.
struct Backup: Sendable {
    /// One database of the set.
    struct Source: Sendable {
        var name: String
        var path: String
    }

    static let journal = "journal.db"
    static let messages = "messages.db"
    static let console = "console.db"
    /// The secret under which erased people are known; not a database.
    static let key = "erased.key"

    var version: String
    var gateway: String
    var stateFolder: String
    var sources: [Source]
    var storage: String?
    var storageNote: String?

    /// Takes the backup. Blocks the calling thread for as long as the copying takes.
    ///
    /// - Parameter freeze: runs its argument while nothing is committed to the journal.
    func take(
        _ request: BackupRequest, now: Timestamp, freeze: (@escaping @Sendable () throws -> Void) throws -> Void
    ) throws -> BackupReport {
        let started = ContinuousClock.now
        let target = try target(request, now: now)
        let work = "\(target.folder)/.conductor-backup-\(UID.make(at: now))"
        sweep(target.folder, now: now)
        try checkRoom(in: target.folder)
        try Files.makeFolder(work)
        defer { Files.remove(work) }

        let snapshots = sources.map { Snapshot($0) }
        defer { for snapshot in snapshots { snapshot.release() } }
        try freeze { for snapshot in snapshots { try snapshot.take() } }
        var files: [BackupManifest.File] = []
        for snapshot in snapshots { files.append(try snapshot.copy(into: work)) }
        if let file = try Self.copyKey(of: stateFolder, into: work) { files.append(file) }
        let manifest = BackupManifest(
            conductor: version, gateway: gateway, takenAt: now, stateFolder: stateFolder, storage: storage,
            storageNote: storageNote, files: files)
        try Files.write(try manifest.encoded(), to: "\(work)/\(BackupManifest.name)")

        let names = [BackupManifest.name] + files.map(\.name)
        try BackupArchive.write(
            names.map { ($0, "\(work)/\($0)") }, to: "\(work)/archive", at: now.milliseconds / 1_000)
        // A name in the folder is a whole backup, or there is none.
        guard !Files.exists(target.path) else {
            throw GatewayError(.refused, "\(target.path) is there already: give another name, or a folder")
        }
        try Files.rename("\(work)/archive", to: target.path)
        try Files.synchronise(target.folder)
        let removed = rotate(request.keep, in: target.folder, newest: target.path)
        let spent = (ContinuousClock.now - started).components
        return BackupReport(
            path: target.path, bytes: Files.size(target.path) ?? 0, manifest: manifest, removed: removed,
            milliseconds: spent.seconds * 1_000 + spent.attoseconds / 1_000_000_000_000_000)
    }

    /// Copies the key, without which the journal's erased people are not known; nil while nobody was erased.
    static func copyKey(of stateFolder: String, into work: String) throws -> BackupManifest.File? {
        let (path, copy) = ("\(stateFolder)/\(key)", "\(work)/\(key)")
        guard let bytes = Files.size(path) else { return nil }
        Files.remove(copy)
        try BackupArchive.extract(.init(name: key, offset: 0, bytes: bytes), of: path, to: copy)
        var file = BackupManifest.File(name: key, path: path, bytes: bytes, sha256: "", rows: [:])
        try file.describe(copy, rows: [:])
        return file
    }

    // MARK: Where

    private func target(_ request: BackupRequest, now: Timestamp) throws(GatewayError) -> (folder: String, path: String)
    {
        if let keep = request.keep, keep < 1 {
            throw GatewayError(.invalid, "\"keep\" is \(keep): it must be 1 or more")
        }
        var folder = request.path ?? stateFolder + "/backups"
        guard folder.hasPrefix("/") else { throw GatewayError(.invalid, "the backup's path must be absolute") }
        let isFolder = request.path == nil || folder.hasSuffix("/") || Files.isFolder(folder)
        while folder.count > 1, folder.hasSuffix("/") { folder.removeLast() }
        if isFolder {
            try Files.makeFolder(folder)
            let time = now.description.filter { $0 != "-" && $0 != ":" }
            return (folder, "\(folder)/\(prefix)\(time).tar")
        }
        guard request.keep == nil else {
            throw GatewayError(.invalid, "old backups are removed from a folder only: give a folder, not a file")
        }
        let parent = Files.folder(of: folder)
        guard Files.isFolder(parent) else { throw GatewayError(.invalid, "there is no folder \(parent)") }
        guard !Files.exists(folder) else {
            throw GatewayError(.refused, "\(folder) is there already: give another name, or a folder")
        }
        return (parent, folder)
    }

    private var prefix: String {
        let name = gateway.map { $0.isASCII && ($0.isLetter || $0.isNumber) || "-_.".contains($0) ? $0 : "_" }
        return "conductor-\(String(name))-"
    }

    private func checkRoom(in folder: String) throws(GatewayError) {
        // The copies and the archive made of them stand beside each other for a moment.
        let needed = sources.reduce(Int64(1 << 20)) { sum, source in
            sum + 2 * ((Files.size(source.path) ?? 0) + (Files.size(source.path + "-wal") ?? 0))
        }
        guard let free = Files.free(folder), free < needed else { return }
        throw GatewayError(
            .unavailable,
            "the backup needs \(needed >> 20) MB in \(folder), and \(free >> 20) MB are free: give another folder")
    }

    /// What a backup that was cut off left behind.
    private func sweep(_ folder: String, now: Timestamp) {
        for name in Files.names(in: folder) where name.hasPrefix(".conductor-backup-") {
            // The name says when: the first 48 bits of a UUIDv7 are its time.
            let digits = name.dropFirst(".conductor-backup-".count).filter { $0 != "-" }.prefix(12)
            guard let made = Int64(digits, radix: 16), now.milliseconds - made > 86_400_000 else { continue }
            Files.remove("\(folder)/\(name)")
        }
    }

    /// Removes this gateway's oldest backups beyond `keep`. Their names carry their time, so that they sort by it.
    private func rotate(_ keep: Int?, in folder: String, newest: String) -> [String] {
        guard let keep else { return [] }
        let own = Files.names(in: folder).filter {
            $0.hasPrefix(prefix) && $0.hasSuffix(".tar") && $0.count == prefix.count + "20260101T000000.000Z.tar".count
        }
        let old = own.dropLast(keep).map { "\(folder)/\($0)" }.filter { $0 != newest }
        for path in old { Files.remove(path) }
        return old
    }
}

/// One file as it was at one moment.
///
// Safety: used by one thread at a time: the one that takes the backup, and the journal's writer while that one waits.
private final class Snapshot: @unchecked Sendable {
    private let source: Backup.Source
    private var queue: DatabaseQueue?

    init(_ source: Backup.Source) {
        self.source = source
    }

    /// From here on later commits are not seen.
    func take() throws {
        do {
            let queue = try DatabaseFile(path: source.path).reader()
            self.queue = queue
            try queue.unsafeRead { database in
                try database.execute(sql: "BEGIN")
                _ = try Int64.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master")
            }
        } catch {
            throw GatewayError(.unavailable, "\(source.path) cannot be read: \(DatabaseFile.words(error))")
        }
    }

    func release() {
        guard let queue else { return }
        queue.unsafeRead { try? $0.execute(sql: "ROLLBACK") }
        try? queue.close()
        self.queue = nil
    }

    /// Copies it and looks at the copy: a backup that cannot be read is none.
    func copy(into folder: String) throws -> BackupManifest.File {
        guard let queue else { throw GatewayError(.unavailable, "\(source.path) was not read") }
        let path = "\(folder)/\(source.name)"
        try Files.write([], to: path)
        let rows: [String: Int64]
        do {
            let copy = try DatabaseFile(path: path).writer()
            try queue.unsafeRead { database in
                try copy.writeWithoutTransaction { try database.backup(to: $0, pagesPerStep: 1_024) }
            }
            release()
            rows = try copy.writeWithoutTransaction { database in
                // One file, not three, for whoever opens it by hand.
                _ = try String.fetchOne(database, sql: "PRAGMA journal_mode = DELETE")
                if let damage = try DatabaseFile.damage(in: database, fully: true) {
                    throw GatewayError(
                        .unavailable,
                        "\(source.path) is damaged (\(damage)): no backup was made and no older one removed; see "
                            + "`conductor storage repair`")
                }
                return try DatabaseFile.rows(in: database)
            }
            try copy.close()
        } catch let error as GatewayError {
            throw error
        } catch {
            throw GatewayError(.unavailable, "\(source.path) cannot be copied: \(DatabaseFile.words(error))")
        }
        try Files.synchronise(path)
        var file = BackupManifest.File(name: source.name, path: source.path, bytes: 0, sha256: "", rows: rows)
        try file.describe(path, rows: rows)
        return file
    }
}
