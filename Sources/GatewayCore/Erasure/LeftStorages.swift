internal import GRDB
internal import PluginHost
internal import PluginKit

/// The storages that do not serve: after a switch, the one left behind has everybody's texts still.
///
/// Looked for are those that the journal knows, and every storage of plugins.d that can be opened. One that the journal
/// does not know and that cannot be opened has never had a text of ours.
struct LeftStorages: Sendable {
    /// One of them, and what came of asking it.
    struct Visit<Value: Sendable>: Sendable {
        var dropIn: String?
        var location: String
        /// In the journal; nil when it has never served.
        var id: Int64?
        var answer: Result<Value, PluginError>
    }

    /// An open one.
    struct Reached: Sendable {
        var handle: StorageHandle
        var health: StorageHealth
        var id: Int64?
    }

    let journal: Journal
    let host: PluginHost

    /// Opens them one after the other and asks each; none is open afterwards, and no file is made.
    ///
    /// - Throws: what the journal throws. A storage that fails is in what is returned.
    func visit<Value: Sendable>(
        _ ask: @Sendable (Reached) async throws(PluginError) -> Value
    ) async throws -> [Visit<Value>] {
        var missing = try journal.read(KnownStorage.all)
        let current = try journal.read { try StorageMarks.current($0) }
        var met: Set<String> = []
        if let serving = try? await host.storage?.health() {
            met.insert(serving.name)
            missing.removeAll { $0.identity == serving.name }
        } else {
            missing.removeAll { $0.id == current }
        }
        var visits: [Visit<Value>] = []
        var problems: [Problem] = []
        for idle in await host.idleStorages() {
            if let path = idle.databaseFile, !Files.exists(path) {
                problems.append(Problem(file: path, sentence: "\(path) is not there"))
                continue
            }
            do {
                let standby = try await host.standby(idle.file)
                let visit = await self.visit(standby, idle, &met, &missing, ask)
                await standby.end()
                switch visit {
                case .success(let visit): visits += [visit].compactMap { $0 }
                case .failure(let error):
                    problems.append(Problem(file: idle.databaseFile, sentence: "\(standby.fileName): \(error.message)"))
                }
            } catch {
                problems.append(Problem(file: idle.databaseFile, sentence: error.description))
            }
        }
        return visits
            + missing.map { storage in
                Visit(
                    location: storage.location, id: storage.id,
                    answer: .failure(PluginError(.unavailable, Problem.words(problems, of: storage))))
            }
    }

    /// - Returns: nil when it is one that was asked already, under another drop-in; a failure when it does not say which
    ///   one it is.
    private func visit<Value: Sendable>(
        _ standby: StandbyStorage, _ idle: IdleStorage, _ met: inout Set<String>, _ missing: inout [KnownStorage],
        _ ask: @Sendable (Reached) async throws(PluginError) -> Value
    ) async -> Result<Visit<Value>?, PluginError> {
        let health: StorageHealth
        do {
            health = try await standby.handle.health()
        } catch {
            return .failure(error)
        }
        guard met.insert(health.name).inserted else { return .success(nil) }
        let id = missing.first { $0.identity == health.name }?.id
        missing.removeAll { $0.identity == health.name }
        var visit = Visit<Value>(
            dropIn: idle.file.liveName, location: health.databaseFile ?? health.location, id: id,
            answer: .failure(PluginError(.unavailable, "")))
        do {
            visit.answer = .success(try await ask(Reached(handle: standby.handle, health: health, id: id)))
        } catch {
            visit.answer = .failure(error)
        }
        return .success(visit)
    }

    /// Why a drop-in could not be opened.
    private struct Problem {
        var file: String?
        var sentence: String

        static func words(_ problems: [Problem], of storage: KnownStorage) -> String {
            // A file's drop-in says nothing about another file, nor about a project.
            let meant = problems.filter { $0.file == nil || $0.file == storage.location }
            if let exact = meant.first(where: { $0.file == storage.location }) { return exact.sentence }
            if storage.location.hasPrefix("/") {
                return Files.exists(storage.location)
                    ? "no drop-in in plugins.d opens it" : "\(storage.location) is not there"
            }
            let sentences = meant.map(\.sentence)
            return sentences.isEmpty ? "no drop-in in plugins.d opens it" : sentences.joined(separator: "; ")
        }
    }
}

extension LeftStorages.Visit {
    var isAway: Bool {
        if case .failure = answer { return true }
        return false
    }

    /// Why it was not reached.
    var problem: String {
        if case .failure(let error) = answer { return error.message }
        return ""
    }

    /// As reports have it.
    func look(texts: (Value) -> Int64) -> StorageLook {
        var look = StorageLook(dropIn: dropIn, location: location, serves: false)
        switch answer {
        case .success(let value): look.texts = texts(value)
        case .failure(let error): look.problem = error.message
        }
        return look
    }
}
