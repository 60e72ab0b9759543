internal import PluginHost
internal import PluginKit
internal import Synchronization

extension Gateway {
    public func importTexts(_ part: TextImport) async throws(GatewayError) -> TextImportReport {
        if part.dryRun != true { try refuseWhileObserving() }
        guard storageWork.withLock({ $0 != .switching }) else {
            throw GatewayError(.refused, "storage is being switched: import afterwards")
        }
        // All of the part goes to one storage.
        guard let storage = host.servingStorage else {
            throw GatewayError(.unavailable, host.storageProblem ?? "no storage serves")
        }
        return try await TextImporter(storage: storage.handle, policy: options.policy).take(part)
    }

    /// A text that waited in the former system is sent after all, because a person says so: from now on it is one of the
    /// journal's.
    ///
    /// - Returns: false when it is no such text.
    func release(imported uid: String) async throws(GatewayError) -> Bool {
        guard let storage = host.servingStorage?.handle else { return false }
        let text: OutgoingText?
        do {
            // The old tables have no place for the origin.
            guard let row = try await Self.find(uid, in: storage), row.direction == .outbound, row.status == .failed,
                row.origin == OldText.origin || row.errorCode == OldText.heldCode
            else { return false }
            guard let number = options.policy.number(row.phone) else {
                throw GatewayError(.invalid, "its recipient is not a number that a text can be sent to: write it anew")
            }
            let now = clock.now
            text = try await journal.writer.write { database in
                if try OutgoingText.find(uid, database) != nil { return nil }
                return try OutgoingText.insert(
                    OutgoingText.Birth(
                        uid: uid, storageID: nil, origin: OldText.origin, purpose: .conversation, phone: number.text,
                        content: row.content, sim: nil, notBefore: nil, answers: nil, idempotencyKey: nil),
                    now: now, database)
            }
        } catch let error as GatewayError {
            throw error
        } catch let error as PluginError {
            throw GatewayError(.unavailable, "storage: \(error.message)")
        } catch {
            throw GatewayError(.unavailable, "\(error)")
        }
        if let text { await wasBorn(text) }
        return true
    }
}
