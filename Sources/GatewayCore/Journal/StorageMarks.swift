internal import GRDB
internal import PluginKit

/// What each storage has of the journal's texts. The columns `stored` tell of the storage that serves; of the others,
/// `stored_elsewhere` does until they serve again.
enum StorageMarks {
    /// Key of `meta`.
    static let key = "storage"

    /// Tables with marks; all have a `uid` and a column `stored`.
    enum Kind: String, CaseIterable {
        case inbound, outbound, consent
    }

    /// What became of the storage that serves.
    struct Arrival: Sendable, Hashable {
        /// Its id in the journal.
        var id: Int64
        /// Where it is, there was another one, which had texts.
        var isReplacement = false
    }

    /// The id of the storage that the columns `stored` are about, for SQL; null before any has served.
    static let current = "(SELECT CAST(value AS INTEGER) FROM meta WHERE key = '\(key)')"

    static func current(_ database: Database) throws -> Int64? {
        try database.first("SELECT \(current) AS id")?["id"]
    }

    /// This storage serves from now on.
    ///
    /// The first one that is known by its identity is the one that served before there were identities.
    static func arrive(_ identity: String, at location: String, now: Timestamp, _ database: Database) throws -> Arrival
    {
        let known = try database.first("SELECT id, location FROM storage WHERE identity = ?", [identity])
        var arrival = Arrival(id: known?["id"] ?? 0)
        if let known {
            let isHere = try current(database) == arrival.id
            if isHere, known["location"] == location { return arrival }
        } else {
            arrival.isReplacement =
                try database.first(
                    "SELECT 1 FROM storage WHERE location = ? AND \(hasMarks)", [location]) != nil
            try database.run(
                "INSERT INTO storage (identity, location, served_at) VALUES (?, ?, ?)",
                [identity, location, now.milliseconds])
            arrival.id = database.lastInsertedRowID
        }
        try database.run(
            "UPDATE storage SET location = ?, served_at = ?, gone = 0 WHERE id = ?",
            [location, now.milliseconds, arrival.id])
        if let former = try current(database) {
            if former != arrival.id { try exchange(former, for: arrival.id, database) }
        } else {
            try database.run("UPDATE outbound SET storage = ? WHERE storage_id IS NOT NULL", [arrival.id])
        }
        try database.run("INSERT OR REPLACE INTO meta VALUES (?, ?)", [key, "\(arrival.id)"])
        // A file that was moved is as it was; one that was copied may lack what came since. Putting again tells which.
        if let known, known["location"] != location { try forget(arrival.id, database) }
        return arrival
    }

    /// Of a row of `storage`: texts were put there.
    private static let hasMarks = """
        (EXISTS (SELECT 1 FROM stored_elsewhere e WHERE e.storage = storage.id) OR storage.id = \(current)
            AND EXISTS (SELECT 1 FROM inbound WHERE stored > 0 UNION ALL
                SELECT 1 FROM outbound WHERE stored > 0 AND purpose <> 'check'))
        """

    private static func exchange(_ former: Int64, for next: Int64, _ database: Database) throws {
        for table in Kind.allCases.map(\.rawValue) {
            let mark =
                "ifnull((SELECT revision FROM stored_elsewhere e WHERE e.kind = '\(table)' AND e.uid = \(table).uid "
                + "AND e.storage = ?1), 0)"
            try database.run(
                """
                INSERT OR REPLACE INTO stored_elsewhere (kind, uid, storage, revision)
                SELECT '\(table)', uid, ?, stored FROM \(table) WHERE stored > 0
                """, [former])
            try database.run("UPDATE \(table) SET stored = \(mark) WHERE stored <> \(mark)", [next])
        }
        try database.run("DELETE FROM stored_elsewhere WHERE storage = ?", [next])
    }

    /// Everything that can be put is put again. Outcomes of the storage's own rows are not: a row that is `sending` by us
    /// is asked for (`QueueFeed`), and of any other its programs may have made something else since.
    private static func forget(_ id: Int64, _ database: Database) throws {
        try database.run("UPDATE inbound SET stored = 0 WHERE stored > 0")
        try database.run("UPDATE outbound SET stored = 0 WHERE stored > 0 AND storage IS NOT ?", [id])
        try database.run("UPDATE consent SET stored = 0 WHERE stored > 0")
    }

    /// The storage has this revision of a row now, be it still the one that serves or not.
    static func set(_ kind: Kind, _ uid: String, _ revision: Int64, in storage: Int64, _ database: Database) throws {
        if try current(database) == storage {
            try database.run("UPDATE \(kind.rawValue) SET stored = ? WHERE uid = ?", [revision, uid])
        } else {
            try database.run(
                """
                INSERT INTO stored_elsewhere (kind, uid, storage, revision)
                SELECT ?1, uid, ?3, ?4 FROM \(kind.rawValue) WHERE uid = ?2
                ON CONFLICT DO UPDATE SET revision = max(revision, excluded.revision)
                """, [kind.rawValue, uid, storage, revision])
        }
    }

    /// Of a row of `outbound`: its outcome is where the row came from, should that storage not serve now. Until then
    /// the journal must know it: a row that is `sending` by us and that the journal does not know is sent.
    static let isSettledElsewhere = """
        (outbound.storage IS NULL OR outbound.storage = \(current) OR EXISTS (SELECT 1 FROM stored_elsewhere e
            WHERE e.kind = 'outbound' AND e.uid = outbound.uid AND e.storage = outbound.storage
                AND e.revision >= outbound.revision))
        """

    /// Of a row of `outbound`: it is an address of the storage that serves.
    static let isClaimedHere = "(storage_id IS NOT NULL AND storage IS \(current))"

    /// Outcomes that wait for a storage that does not serve now, and where those are.
    static func waiting(_ database: Database) throws -> [(location: String, count: Int)] {
        try database.all(
            """
            SELECT s.location, count(*) AS n FROM outbound JOIN storage s ON s.id = outbound.storage
            WHERE NOT \(isSettledElsewhere) GROUP BY s.id ORDER BY s.id
            """
        ).map { ($0["location"], $0["n"]) }
    }
}
