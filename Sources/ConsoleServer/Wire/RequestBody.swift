import CRMImport
import GatewayCore

/// The body of a request: JSON with these keys and no others, for one that is misspelt and silently left out changes
/// what happens (a text without its `at` leaves at once).
protocol RequestBody: Decodable {
    /// As they are written in JSON.
    static var keys: [String] { get }
    /// Of the objects in a list, by the list's key.
    static var listedKeys: [String: [String]] { get }
}

extension RequestBody {
    static var listedKeys: [String: [String]] { [:] }
}

/// Of a request that says all it has to say in its address.
struct EmptyBody: RequestBody {
    static let keys: [String] = []
}

extension SendRequest: RequestBody {
    static let keys = ["to", "text", "from", "at", "idempotency_key", "purpose", "origin", "language", "flash"]
}

extension BulkRetry: RequestBody {
    static let keys = ["since", "class", "dry_run"]
}

extension Settlement: RequestBody {
    static let keys = ["outcome", "by"]
}

extension OptOutChange: RequestBody {
    static let keys = ["number", "reason", "by", "source"]
}

extension OptOutImport: RequestBody {
    static let keys = ["entries", "list", "by", "is_trial"]
    static let listedKeys = ["entries": ["line", "number", "at", "source"]]
}

extension BackupRequest: RequestBody {
    static let keys = ["path", "keep", "without_storage", "storage"]
}

extension StorageForgetRequest: RequestBody {
    static let keys = ["location"]
}

extension StorageSwitchRequest: RequestBody {
    static let keys = ["name", "dry_run", "crm"]
}

extension ArchivePageRequest: RequestBody {
    static let keys = ["before", "cursor"]
}

extension ArchiveRemoval: RequestBody {
    static let keys = ["identity", "rows"]
}

extension TextImport: RequestBody {
    static let keys = ["rows", "dry_run"]
    static let listedKeys = [
        "rows": [
            "row", "direction", "number", "content", "status", "at", "modem_at", "raw_at", "hash", "attempts",
        ]
    ]
}

extension ModemResetRequest: RequestBody {
    static let keys = ["step"]
}

extension USSDRequest: RequestBody {
    static let keys = ["code", "cancel"]
}

extension ATRequest: RequestBody {
    static let keys = ["command"]
}

extension PluginReloadRequest: RequestBody {
    static let keys = ["name"]
}

extension ErasureWish: RequestBody {
    static let keys = ["dry_run"]
}

extension ImportStart: RequestBody {
    static let keys = ["kind", "file"]
}

extension ImportWish: RequestBody {
    static let keys = ["delimiter", "header", "columns", "dates", "decimal", "zone"]
    static let listedKeys = ["columns": ["column", "use"]]
}

extension ImportRun: RequestBody {
    static let keys = ["wish", "dry_run"]
}
