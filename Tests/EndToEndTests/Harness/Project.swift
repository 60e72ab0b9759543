import Foundation
import GRDB
import SupabaseStandin

/// The table `messages` that was there before the gateway, wherever it is: as other programs see it, by their own SQL.
final class Project {
    /// Where texts are kept.
    enum Place: String, CaseIterable {
        case sqlite, migrated, oldTables

        static var all: [Place] { Standin.isPossible ? allCases : [.sqlite] }
        static var supabase: [Place] { all.filter { $0 != .sqlite } }
    }

    let place: Place
    private let file: DatabaseQueue?
    let standin: Standin?

    /// Makes it, and the drop-in that has the world use it.
    init(_ place: Place, for world: World) throws {
        self.place = place
        guard place != .sqlite else {
            standin = nil
            file = try DatabaseQueue(path: world.database, configuration: Self.patient)
            try run(
                """
                CREATE TABLE messages (id INTEGER PRIMARY KEY AUTOINCREMENT, phone_number TEXT NOT NULL, content TEXT,
                    timestamp TEXT DEFAULT CURRENT_TIMESTAMP, modem_timestamp TEXT, status TEXT, direction TEXT,
                    modem_index TEXT, message_hash TEXT UNIQUE, retry_count INTEGER DEFAULT 0, updated_at TEXT)
                """)
            return
        }
        file = nil
        let standin = try Standin.shared()
        self.standin = standin
        try standin.reset(to: place == .migrated ? .migrated : .oldTables)
        let key = world.folder + "/supabase.key"
        try (standin.serviceKey + "\n").write(toFile: key, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: key)
        try FileManager.default.removeItem(atPath: world.plugins + "/10-sqlite.yaml")
        try world.drop(
            "20-supabase",
            """
            plugin: supabase
            settings: {url: "\(standin.url)", key_file: \(key), idle_poll_ms: 200, busy_poll_ms: 200, longest_pause_ms: 1000}

            """)
    }

    private static var patient: Configuration {
        var configuration = Configuration()
        configuration.busyMode = .timeout(10)
        return configuration
    }

    /// Runs SQL that both know.
    func run(_ sql: String) throws {
        if let file {
            try file.write { try $0.execute(sql: sql) }
        } else {
            try standin?.psql(sql)
        }
    }

    /// The first column of what a query finds.
    func column(_ sql: String) throws -> [String] {
        if let file {
            return try file.read { database in
                try Row.fetchAll(database, sql: sql).map { row in
                    let value: DatabaseValue = row[0]
                    return String.fromDatabaseValue(value) ?? Int64.fromDatabaseValue(value).map { "\($0)" } ?? ""
                }
            }
        }
        let text = try standin?.psql(sql) ?? ""
        return text.isEmpty ? [] : text.components(separatedBy: "\n")
    }

    /// Changes with every write: in a project to whatever table, in a file to what there was before us.
    func fingerprint() throws -> [String] {
        guard file == nil else {
            return try column(
                """
                SELECT id || '/' || phone_number || '/' || content || '/' || timestamp || '/' || status || '/' || direction
                    || '/' || coalesce(retry_count, -1) || '/' || coalesce(updated_at, '') FROM messages ORDER BY id
                """)
        }
        return try column(
            """
            SELECT tablename || ' ' || coalesce((xpath('/row/sum/text()', query_to_xml(format(
                'SELECT md5(string_agg(t::text || t.xmin::text, ''|'' ORDER BY t::text)) AS sum FROM %I.%I t',
                schemaname, tablename), false, true, '')))[1]::text, '')
            FROM pg_tables WHERE schemaname IN ('public', 'private') ORDER BY schemaname, tablename
            """)
    }

    func count(_ condition: String) throws -> Int {
        Int(try column("SELECT count(*) FROM messages WHERE \(condition)").first ?? "") ?? 0
    }
}
