internal import GRDB
internal import PluginKit

/// A storage that the journal knows: it has served, or texts were copied to it.
struct KnownStorage: Sendable, Hashable {
    var id: Int64
    var identity: String
    /// The path of its file, or where else it is.
    var location: String

    private init(_ row: Row) {
        id = row["id"]
        identity = row["identity"]
        location = row["location"]
    }

    /// All of which nobody said that they are gone.
    static func all(_ database: Database) throws -> [KnownStorage] {
        try database.all("SELECT * FROM storage WHERE gone = 0 ORDER BY id").map(KnownStorage.init)
    }

    /// Remembers a storage that gets texts though it does not serve.
    ///
    /// - Returns: its id.
    static func meet(_ health: StorageHealth, now: Timestamp, _ database: Database) throws -> Int64 {
        let identity = health.name
        if let id: Int64 = try database.first("SELECT id FROM storage WHERE identity = ?", [identity])?["id"] {
            try database.run("UPDATE storage SET gone = 0 WHERE id = ?", [id])
            return id
        }
        try database.run(
            "INSERT INTO storage (identity, location, served_at) VALUES (?, ?, ?)",
            [identity, health.databaseFile ?? health.location, now.milliseconds])
        return database.lastInsertedRowID
    }

    /// Files of this machine that texts are or were kept in.
    static func files(_ database: Database) throws -> [String] {
        try all(database).map(\.location).filter { $0.hasPrefix("/") }
    }

    /// It does not exist any more: who was to be erased there need not be.
    ///
    /// - Returns: how many people waited for it.
    func forget(_ database: Database) throws -> Int {
        try database.run("UPDATE storage SET gone = 1 WHERE id = ?", [id])
        try database.run("DELETE FROM erasure_elsewhere WHERE storage = ?", [id])
        return database.changesCount
    }
}

extension StorageHealth {
    /// By which a storage is known: itself, not its place, where it can tell.
    var name: String { identity ?? location }
}
