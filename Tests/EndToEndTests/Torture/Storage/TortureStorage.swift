import Foundation

/// Where the texts of a torture run are kept: how a gateway comes to it, what another program writes and reads there, and
/// how it is broken and mended.
protocol TortureStorage: AnyObject {
    /// The storage plugin's drop-in.
    var dropIn: String { get }
    /// Members of `policy:` that it needs, each with a comma before it.
    var policy: String { get }
    /// Whether the tables are there: the first start of a gateway may make them.
    var isThere: Bool { get }
    /// Whether another program can write and read now.
    var isOpen: Bool { get }
    /// How many requests each fault has spoilt, where that is counted.
    var hits: [String: Int] { get }

    /// Another program comes to the tables. `states`: the gateways' state folders.
    func open(states: [String]) throws
    /// It queues texts as the old programs do: four columns, one transaction.
    func queue(_ texts: [(phone: String, content: String)]) throws
    /// What a query finds, column by column. What is null has no value.
    func select(_ sql: String) throws -> [[String: String]]
    /// From now on this goes wrong, one of its kind's faults; empty: nothing any more.
    func suffer(_ fault: String) async throws
    /// The run is over.
    func end()
}

extension TortureStorage {
    func count(_ condition: String) throws -> Int {
        try select("SELECT count(*) AS n FROM messages WHERE \(condition)").first?["n"].flatMap { Int($0) } ?? 0
    }

    func rows() throws -> [Table.Row] {
        try select(
            """
            SELECT id, uid, phone_number, content, direction, status, delivery_status, answers, possible_duplicate,
                incomplete FROM messages ORDER BY id
            """
        ).map { row in
            Table.Row(
                id: row["id"].flatMap { Int64($0) } ?? 0, uid: row["uid"], phone: row["phone_number"] ?? "",
                content: row["content"] ?? "", isInbound: row["direction"] == "inbound", status: row["status"] ?? "",
                delivery: row["delivery_status"], answers: row["answers"],
                possibleDuplicate: ["1", "true"].contains(row["possible_duplicate"]),
                incomplete: ["1", "true"].contains(row["incomplete"]))
        }
    }
}

/// Which storage a run is about.
enum StorageKind: String {
    case sqlite, supabase

    /// `CONDUCTOR_STORAGE`; SQLite unless said.
    static func wanted() throws -> StorageKind {
        guard let word = TortureBuild.environment["CONDUCTOR_STORAGE"], !word.isEmpty else { return .sqlite }
        guard let kind = StorageKind(rawValue: word) else {
            throw Failure("CONDUCTOR_STORAGE is \(word), and there are sqlite and supabase")
        }
        return kind
    }

    /// What goes wrong with it, by name.
    var faults: [String] {
        switch self {
        case .sqlite: SQLiteTortureStorage.faults
        case .supabase: SupabaseFault.all.map(\.name)
        }
    }

    /// Whether its faults are dealt out to every seed, whatever that is about: they are many.
    var alwaysSuffers: Bool { self == .supabase }

    func make(in folder: String, seed: UInt64) throws -> any TortureStorage {
        switch self {
        case .sqlite: try SQLiteTortureStorage(folder: folder)
        case .supabase: try SupabaseTortureStorage(folder: folder, seed: seed)
        }
    }
}
