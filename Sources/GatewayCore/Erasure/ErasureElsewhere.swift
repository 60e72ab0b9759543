internal import Foundation
internal import GRDB
internal import PluginHost
internal import PluginKit

/// Erases people in storages that do not serve, now or when those can be reached again: the journal remembers who, sealed,
/// until it is done.
struct ErasureElsewhere: Sendable {
    /// What a person should do about a storage that cannot be reached.
    private static let cure =
        "it is done by itself once that can be opened again (its drop-in may stay disabled); if it does not exist any more: "
        + "`conductor storage forget LOCATION`"

    /// - Parameter places: each with the reason, in brackets.
    static func sentence(_ places: [String]) -> String {
        "still in \(places.joined(separator: ", and in ")): \(cure)"
    }

    /// Somebody who is to be erased in one storage.
    private struct Waiting {
        var id: Int64
        var phone: String
        var beganAt: Timestamp
    }

    let journal: Journal
    let left: LeftStorages

    init(journal: Journal, host: PluginHost) {
        self.journal = journal
        left = LeftStorages(journal: journal, host: host)
    }

    /// What each storage that does not serve has of a person.
    func count(_ phone: String, now: Timestamp) async throws -> [LeftStorages.Visit<ErasureReply>] {
        try await left.visit { storage throws(PluginError) in
            try await storage.handle.erase(ErasureRequest(phone: phone, before: now, countsOnly: true))
        }
    }

    /// Erases a person in each.
    func erase(_ phone: String, before: Timestamp) async throws -> [LeftStorages.Visit<ErasureReply>] {
        try await left.visit { storage throws(PluginError) in
            try await storage.handle.erase(ErasureRequest(phone: phone, before: before, scrubs: true))
        }
    }

    /// Remembers, within a transaction, that an erasure waits for these storages. Repeating it changes nothing that
    /// matters: erasing twice is erasing once.
    static func wait(
        for storages: [Int64], sealed: [UInt8], beganAt: Timestamp, _ database: Database
    ) throws {
        for storage in storages {
            try database.run(
                "INSERT INTO erasure_elsewhere (storage, sealed, began_at) VALUES (?, ?, ?)",
                [storage, sealed.data, beganAt.milliseconds])
        }
    }

    /// Whether somebody waits to be erased somewhere.
    func isPending() throws -> Bool {
        try journal.read { try $0.first("SELECT 1 FROM erasure_elsewhere") != nil }
    }

    /// Erases everybody who waits for this storage: before it is used, since what it has of them would be copied, sent and
    /// shown again.
    ///
    /// - Parameter id: its id in the journal.
    /// - Throws: what the storage or the journal threw; who is not done waits on.
    func carryOut(in handle: StorageHandle, _ id: Int64) async throws {
        for one in try waiting(for: id) {
            _ = try await handle.erase(ErasureRequest(phone: one.phone, before: one.beganAt, scrubs: true))
            try await journal.writer.write { try $0.run("DELETE FROM erasure_elsewhere WHERE id = ?", [one.id]) }
        }
    }

    /// Tries every storage that somebody waits for, the one that serves too.
    ///
    /// - Returns: sentences about those that could not be reached.
    func carryOutAll(serving: ServingStorage?) async throws -> [String] {
        guard try isPending() else { return [] }
        var problems: [String] = []
        if let serving, let health = try? await serving.handle.health(),
            let id = try journal.read(KnownStorage.all).first(where: { $0.identity == health.name })?.id
        {
            do {
                try await carryOut(in: serving.handle, id)
            } catch let error as PluginError {
                problems.append("\(health.location) (\(error.message))")
            }
        }
        let visits = try await left.visit { storage async throws(PluginError) -> Void in
            guard let id = storage.id else { return }
            do {
                try await carryOut(in: storage.handle, id)
            } catch let error as PluginError {
                throw error
            } catch {
                throw PluginError(.unavailable, "the journal: \(error)")
            }
        }
        for visit in visits {
            guard let id = visit.id, case .failure(let error) = visit.answer, try !waiting(for: id).isEmpty else {
                continue
            }
            problems.append("\(visit.location) (\(error.message))")
        }
        return problems
    }

    /// Oldest first; those whose key is gone cannot be erased any more.
    private func waiting(for id: Int64) throws -> [Waiting] {
        try journal.read { database in
            try database.all("SELECT * FROM erasure_elsewhere WHERE storage = ? ORDER BY id", [id])
        }.compactMap { row in
            journal.erasedKey.open([UInt8](row["sealed"] as Data)).map {
                Waiting(id: row["id"], phone: $0, beganAt: Timestamp(milliseconds: row["began_at"]))
            }
        }
    }
}
