internal import GRDB
internal import PluginHost
internal import PluginKit

/// Which storage does not exist any more.
public struct StorageForgetRequest: Sendable, Hashable, Codable {
    /// Where it was, as reports and `contacts erase` name it: a file's path, or another place.
    public var location: String

    public init(location: String) {
        self.location = location
    }
}

/// What became of it.
public struct StorageForgetReport: Sendable, Hashable, Codable {
    public var location: String
    /// How many people waited to be erased there.
    public var erasures: Int

    public init(location: String, erasures: Int) {
        self.location = location
        self.erasures = erasures
    }
}

extension Gateway {
    public func forgetStorage(_ request: StorageForgetRequest) async throws(GatewayError) -> StorageForgetReport {
        do {
            let serving = try await host.storage?.health().name
            let current = try journal.read { try StorageMarks.current($0) }
            let idle = try journal.read(KnownStorage.all).filter { storage in
                serving.map { storage.identity != $0 } ?? (storage.id != current)
            }
            let meant = idle.filter { $0.location == request.location }
            guard !meant.isEmpty else {
                let known = idle.map(\.location).joined(separator: ", ")
                throw GatewayError(
                    .notFound,
                    "no storage is known at \(request.location) that does not serve; known are: "
                        + (known.isEmpty ? "none" : known))
            }
            let count = try await journal.writer.write { database in
                try meant.reduce(0) { try $0 + $1.forget(database) }
            }
            await erasures?.storagesChanged()
            return StorageForgetReport(location: request.location, erasures: count)
        } catch let error as GatewayError {
            throw error
        } catch let error as PluginError {
            throw GatewayError(.unavailable, "storage: \(error.message)")
        } catch {
            throw GatewayError(.unavailable, "the journal could not be written: \(error)")
        }
    }
}
