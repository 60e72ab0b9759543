internal import Foundation
internal import GRDB
internal import PluginKit

extension ConsoleStore {
    /// What `forget` found.
    struct Forgotten: Sendable {
        var values = 0
        var hasContact = false
    }

    /// A plugin's value that has to do with a person.
    struct PersonalValue: Sendable {
        var plugin: String
        var key: String
        var value: [UInt8]
        var setAt: Timestamp?
        var expiresAt: Timestamp?
    }

    /// The values of plugins whose key or value names the number. Of a short code only keys count: in a value nobody
    /// could tell it from a figure.
    func values(naming phone: String) async throws(PluginError) -> [PersonalValue] {
        try await write { try Self.values(naming: phone, $0) }
    }

    private static func values(naming phone: String, _ database: Database) throws -> [PersonalValue] {
        let search = NumberSearch(phone)
        var found: [PersonalValue] = []
        let rows = try Row.fetchCursor(database, sql: "SELECT * FROM plugin_value ORDER BY plugin, key")
        while let row = try rows.next() {
            let key: String = row["key"]
            let value = [UInt8](row["value"] as Data)
            guard search.occurs(in: key.utf8) || !search.isShort && search.occurs(in: value) else { continue }
            found.append(
                PersonalValue(
                    plugin: row["plugin"], key: key, value: value,
                    setAt: (row["set_at"] as Int64?).map(Timestamp.init(milliseconds:)),
                    expiresAt: (row["expires_at"] as Int64?).map(Timestamp.init(milliseconds:))))
        }
        return found
    }

    /// Deletes what is kept of a person, and every trace of it in the file.
    func forget(_ phone: String, countsOnly: Bool) async throws(PluginError) -> Forgotten {
        let forgotten = try await write { try Self.forget(phone, countsOnly: countsOnly, $0) }
        if !countsOnly {
            try await maintain { database in
                try database.execute(sql: "VACUUM")
                try Scrub.emptyLog(database)
            }
        }
        return forgotten
    }

    /// Deletes the person's rows.
    static func forget(_ phone: String, countsOnly: Bool, _ database: Database) throws -> Forgotten {
        var forgotten = Forgotten()
        let values = try values(naming: phone, database)
        forgotten.values = values.count
        forgotten.hasContact = try database.first("SELECT 1 FROM contact WHERE phone = ?", [phone]) != nil
        if countsOnly { return forgotten }
        for value in values {
            try database.run("DELETE FROM plugin_value WHERE plugin = ? AND key = ?", [value.plugin, value.key])
        }
        try database.run("DELETE FROM contact WHERE phone = ?", [phone])
        return forgotten
    }
}
