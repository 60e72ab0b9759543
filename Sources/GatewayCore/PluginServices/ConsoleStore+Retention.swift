internal import Foundation
internal import GRDB
internal import PluginKit

extension ConsoleStore {
    /// `set_at`: when a plugin last wrote the value; for values from before there was such a column, when it came.
    static let retentionVersion = """
        ALTER TABLE plugin_value ADD COLUMN set_at INTEGER;
        UPDATE plugin_value SET set_at = CAST(strftime('%s', 'now') AS INTEGER) * 1000;
        """

    /// Deletes what plugins keep under a telephone number and have not written since `before`, and what has ended.
    func forgetTranscripts(before: Timestamp) async throws(PluginError) {
        try await write { database in
            let old = try database.all(
                "SELECT plugin, key FROM plugin_value WHERE set_at < ? OR expires_at < ?",
                [before.milliseconds, before.milliseconds])
            for row in old where NumberSearch.holdsNumber(row["key"] as String) {
                try database.run(
                    "DELETE FROM plugin_value WHERE plugin = ? AND key = ?",
                    [row["plugin"] as String, row["key"] as String])
            }
            try database.run("DELETE FROM plugin_value WHERE expires_at < ?", [before.milliseconds])
        }
    }
}
