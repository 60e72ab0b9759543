internal import PluginHost
internal import PluginKit

/// Puts the former system's texts into a storage, whether a gateway runs or not.
struct TextImporter: Sendable {
    /// Questions to storage at once.
    private static let width = 16

    let storage: StorageHandle
    let policy: Policy

    /// Puts what is new of a part. Repeating it changes nothing.
    func take(_ part: TextImport) async throws(GatewayError) -> TextImportReport {
        guard part.rows.count <= TextImport.largest else {
            throw GatewayError(
                .invalid, "\(part.rows.count) rows at once: \(TextImport.largest) are the most, send the rest after")
        }
        var report = TextImportReport(read: part.rows.count)
        var texts: [Message] = []
        for row in part.rows {
            do throws(OldText.Flaw) {
                texts.append(try row.message(policy))
            } catch {
                report.rejected.append(.init(row: row.row, reason: error.reason))
            }
        }
        do {
            let known = try await Self.known(texts.compactMap(\.uid), in: storage)
            let new = texts.filter { !known.contains($0.uid ?? "") }
            report.known = texts.count - new.count
            report.new = new.count
            for text in new {
                if text.deliveryStatus == .held { report.held += 1 }
                guard text.direction == .inbound else { continue }
                if text.status == .unread { report.unread += 1 }
                if ConsentWords.request(in: text.content) == .stop { report.stops += 1 }
            }
            if part.dryRun != true, !new.isEmpty { try await storage.put(new) }
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
            for _ in 0..<width { ask() }
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
}
