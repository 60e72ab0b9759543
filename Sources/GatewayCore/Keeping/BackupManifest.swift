internal import Foundation
public import PluginKit

/// What a backup holds: the first file of the archive, `manifest.json`.
public struct BackupManifest: Sendable, Hashable, Codable {
    /// One file of the set: a database, or the key of erased people.
    public struct File: Sendable, Hashable, Codable {
        /// As in the archive: `journal.db`, `messages.db`, `console.db`, `erased.key`.
        public var name: String
        /// Where it was, absolute.
        public var path: String
        public var bytes: Int64
        /// 64 lower-case hex digits.
        public var sha256: String
        /// Rows by table.
        public var rows: [String: Int64]

        public init(name: String, path: String, bytes: Int64, sha256: String, rows: [String: Int64]) {
            self.name = name
            self.path = path
            self.bytes = bytes
            self.sha256 = sha256
            self.rows = rows
        }

        /// Takes over what the copy at `path` is.
        mutating func describe(_ path: String, rows: [String: Int64]) throws(GatewayError) {
            bytes = Files.size(path) ?? 0
            sha256 = try Files.digest(path)
            self.rows = rows
        }
    }

    /// Of the archive's form; a later one is refused.
    public static let currentFormat = 1
    static let name = "manifest.json"

    public var format: Int
    /// The version of conductor that took it.
    public var conductor: String
    /// The gateway's id.
    public var gateway: String
    /// All files are as they were at this moment.
    public var takenAt: Timestamp
    public var stateFolder: String
    /// The plugin of the storage whose texts are in it: the one that served, if no other was asked for; nil when none did.
    public var storage: String?
    /// Why the texts of storage are not in it; nil when they are.
    public var storageNote: String?
    public var files: [File]

    public init(
        format: Int = currentFormat, conductor: String, gateway: String, takenAt: Timestamp, stateFolder: String,
        storage: String?, storageNote: String?, files: [File]
    ) {
        self.format = format
        self.conductor = conductor
        self.gateway = gateway
        self.takenAt = takenAt
        self.stateFolder = stateFolder
        self.storage = storage
        self.storageNote = storageNote
        self.files = files
    }

    func encoded() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return [UInt8](try encoder.encode(self)) + [0x0A]
    }

    init(encoded bytes: [UInt8]) throws {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        self = try decoder.decode(Self.self, from: Data(bytes))
    }
}

/// What is to be backed up, and where.
public struct BackupRequest: Sendable, Hashable, Codable {
    /// A folder, or a file that is not there yet, absolute; nil is `backups` in the state folder.
    public var path: String?
    /// How many backups of this gateway may stay in the folder, 1 or more; nil removes none.
    public var keep: Int?
    /// Goes on when the texts of storage cannot be copied.
    public var withoutStorage: Bool?
    /// The storage whose texts are backed up, by its drop-in as `10-sqlite.yaml` or `sqlite`; nil is the one that serves.
    public var storage: String?

    public init(path: String? = nil, keep: Int? = nil, withoutStorage: Bool? = nil, storage: String? = nil) {
        self.path = path
        self.keep = keep
        self.withoutStorage = withoutStorage
        self.storage = storage
    }
}

/// A backup that was taken and verified.
public struct BackupReport: Sendable, Hashable, Codable {
    public var path: String
    public var bytes: Int64
    public var manifest: BackupManifest
    /// Older backups that `keep` had removed.
    public var removed: [String]
    public var milliseconds: Int64

    public init(path: String, bytes: Int64, manifest: BackupManifest, removed: [String], milliseconds: Int64) {
        self.path = path
        self.bytes = bytes
        self.manifest = manifest
        self.removed = removed
        self.milliseconds = milliseconds
    }
}
