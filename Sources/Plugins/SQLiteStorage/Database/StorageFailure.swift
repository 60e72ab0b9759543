internal import GRDB
internal import PluginKit

/// Turns what SQLite says into what, where and how to mend it. No values of rows.
enum StorageFailure {
    /// Milliseconds after which a locked file is worth another try.
    private static let lockedRetry: Int64 = 500
    /// Milliseconds after which a file that cannot be written is worth another try.
    private static let brokenRetry: Int64 = 2000

    static func describe(_ error: any Error, path: String) -> PluginError {
        switch error {
        case let error as PluginError: error
        case let error as DatabaseError: describe(error, path: path)
        case let error as ForeignSchema:
            PluginError(
                .internal, "\(path) cannot be used: \(error.reason); give another file in the setting `path`")
        case let error as Migrator.TooNew:
            PluginError(
                .internal,
                "\(path) was written by a newer Conductor (schema \(error.version)); install that or a later version")
        default: PluginError(.internal, "\(path): \(type(of: error))")
        }
    }

    private static func describe(_ error: DatabaseError, path: String) -> PluginError {
        let code = error.extendedResultCode
        switch error.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            return unavailable(
                "\(path) is locked by another program; it is tried again, and `fuser \(path)` tells which", lockedRetry)
        case .SQLITE_FULL:
            return unavailable("\(path) cannot grow: the disk is full; free some space", brokenRetry)
        case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH:
            return unavailable(
                "\(path) cannot be written (read only): give the gateway's user the right to write the file and its folder",
                brokenRetry)
        case .SQLITE_CANTOPEN:
            return unavailable(
                "\(path) cannot be opened: it must be a file, and its folder must exist and be writable by the gateway's user",
                brokenRetry)
        case .SQLITE_IOERR:
            return unavailable(
                "\(path) cannot be read or written (SQLite error \(code.rawValue)): see whether the disk is full or failing",
                brokenRetry)
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            return PluginError(
                .internal, "\(path) is damaged or not an SQLite database: put a backup in its place, or move it away",
                retryAfterMilliseconds: brokenRetry)
        case .SQLITE_CONSTRAINT:
            return PluginError(
                .conflict, "\(path): a row was refused by a rule of the table (SQLite error \(code.rawValue))")
        case .SQLITE_INTERRUPT:
            return PluginError(.cancelled, "\(path): the call was cancelled")
        default:
            return PluginError(
                .internal, "\(path): SQLite error \(code.rawValue), \(code.description)",
                retryAfterMilliseconds: brokenRetry)
        }
    }

    private static func unavailable(_ message: String, _ retry: Int64) -> PluginError {
        PluginError(.unavailable, message, retryAfterMilliseconds: retry)
    }

    /// Whether whatever else is written now would fail as well.
    static func isOfFile(_ error: any Error) -> Bool {
        guard let error = error as? DatabaseError else { return error is ForeignSchema || error is Migrator.TooNew }
        return needsReopening(error) || [.SQLITE_BUSY, .SQLITE_LOCKED].contains(error.resultCode)
    }

    /// Whether the connection is of no more use: the file may be another one by now.
    static func needsReopening(_ error: any Error) -> Bool {
        guard let error = error as? DatabaseError else { return false }
        return switch error.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_FULL, .SQLITE_CONSTRAINT, .SQLITE_INTERRUPT: false
        default: true
        }
    }
}
