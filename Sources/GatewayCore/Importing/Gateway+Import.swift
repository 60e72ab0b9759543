internal import PluginHost
internal import PluginKit
internal import Synchronization

extension Gateway {
    /// Questions to storage at once.
    private static let importWidth = 16

    public func importTexts(_ part: TextImport) async throws(GatewayError) -> TextImportReport {
        if part.dryRun != true { try refuseWhileObserving() }
        guard part.rows.count <= TextImport.largest else {
            throw GatewayError(
                .invalid, "\(part.rows.count) rows at once: \(TextImport.largest) are the most, send the rest after")
        }
        guard storageWork.withLock({ $0 != .switching }) else {
            throw GatewayError(.refused, "storage is being switched: import afterwards")
        }
        // All of the part goes to one storage.
        guard let storage = host.servingStorage else {
            throw GatewayError(.unavailable, host.storageProblem ?? "no storage serves")
        }
        var report = TextImportReport(read: part.rows.count)
        var texts: [Message] = []
        for row in part.rows {
            do throws(OldText.Flaw) {
                texts.append(try row.message(options.policy))
            } catch {
                report.rejected.append(.init(row: row.row, reason: error.reason))
            }
        }
        do {
            let known = try await Self.known(texts.compactMap(\.uid), in: storage.handle)
            let new = texts.filter { !known.contains($0.uid ?? "") }
            report.known = texts.count - new.count
            report.new = new.count
            for text in new {
                if text.deliveryStatus == .held { report.held += 1 }
                guard text.direction == .inbound else { continue }
                if text.status == .unread { report.unread += 1 }
                if ConsentWords.request(in: text.content) == .stop { report.stops += 1 }
            }
            if part.dryRun != true, !new.isEmpty { try await storage.handle.put(new) }
        } catch {
            throw GatewayError(
                .unavailable,
                "storage does not take them (\(error.message)): import the file again, what is there is known")
        }
        return report
    }

    /// Which of these texts storage has.
    private static func known(
        _ uids: [String], in storage: StorageHandle
    ) async throws(PluginError) -> Set<String> {
        let found = await withTaskGroup(of: Result<String?, PluginError>.self) { group in
            var rest = uids[...]
            func ask() {
                guard let uid = rest.popFirst() else { return }
                group.addTask {
                    do throws(PluginError) {
                        return .success(try await storage.messages(MessageQuery(uid: uid, limit: 1)).first?.uid)
                    } catch {
                        return .failure(error)
                    }
                }
            }
            for _ in 0..<importWidth { ask() }
            var found: Result<Set<String>, PluginError> = .success([])
            while let answer = await group.next() {
                switch answer {
                case .success(let uid):
                    if let uid, case .success(var known) = found {
                        known.insert(uid)
                        found = .success(known)
                    }
                    ask()
                case .failure(let error): found = .failure(error)
                }
            }
            return found
        }
        return try found.get()
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
