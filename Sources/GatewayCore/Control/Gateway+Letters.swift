internal import GRDB
internal import PluginHost
public import PluginKit

/// Texts that are taken back, settled, or sent again.
extension Gateway {
    public func cancel(uid: String) async throws(GatewayError) -> Message {
        // Storage and journal hand a row over: one that was queued there may be here a moment later, and then this one
        // decides.
        if let message = try await cancelHere(uid) { return message }
        do {
            return try await cancelThere(
                uid, "only a queued text can be cancelled, and none that a gateway is sending")
        } catch {
            if error.code == .refused || error.code == .notFound, let message = try await cancelHere(uid) {
                return message
            }
            throw error
        }
    }

    /// Nil when the journal does not know it.
    private func cancelHere(_ uid: String) async throws(GatewayError) -> Message? {
        let now = clock.now
        let cancellation = try await write { database in
            if try database.first("SELECT 1 FROM inbound WHERE uid = ?", [uid]) != nil {
                return OutgoingText.Cancellation.impossible("only a text that is to be sent can be cancelled")
            }
            return try OutgoingText.cancel(uid, now: now, database)
        }
        switch cancellation {
        case .cancelled(let text):
            hub.emit(
                "message.cancelled",
                text.json(sim: text.simWanted, state: "failed", errorCode: OutgoingText.cancelledCode))
            await outbound.cancelled(text)
        case .wasCancelled: break
        case .impossible(let sentence): throw GatewayError(.refused, sentence)
        case .settled(let sentence): return try await cancelThere(uid, sentence)
        case .notHere: return nil
        }
        return try await message(uid: uid).message
    }

    private func cancelThere(_ uid: String, _ refusal: String) async throws(GatewayError) -> Message {
        let message = try await change(uid, .cancel, refusal: refusal)
        var json = EventJSON()
        json.add("uid", message.uid)
        json.add("storage_id", message.storageID)
        json.add("phone", message.phone)
        json.add("state", "failed")
        json.add("error_code", OutgoingText.cancelledCode)
        hub.emit("message.cancelled", json.text)
        return message
    }

    public func settle(uid: String, _ settlement: Settlement) async throws(GatewayError) -> Message {
        if settlement.outcome == .resend {
            guard try read({ try OutgoingText.find(uid, $0)?.state ?? .unknown }) == .unknown else {
                throw GatewayError(.refused, "this text's fate is known: see `conductor messages show`")
            }
            return try await retry(uid: uid)
        }
        let now = clock.now
        let isKnown = try read { try OutgoingText.find(uid, $0) != nil }
        let settled = try await write { database in
            try OutgoingText.settle(
                uid, wasSent: settlement.outcome == .sent, by: settlement.by, now: now, database)
        }
        guard let settled else {
            if isKnown {
                throw GatewayError(.refused, "this text's fate is known: see `conductor messages show`")
            }
            throw GatewayError(
                .notFound, "this gateway's journal has no such text: settle it at the gateway that sent it")
        }
        if settled.text.state == .failed {
            hub.emit(
                "message.failed",
                settled.text.json(
                    sim: settled.text.simWanted, state: "failed", errorCode: OutgoingText.givenUpCode,
                    error: "a person said that it did not arrive"))
        } else {
            settled.announce(hub)
        }
        await outbound.reported([settled])
        return try await message(uid: uid).message
    }

    public func retryFailed(_ request: BulkRetry) async throws(GatewayError) -> BulkRetryReport {
        // Addresses of one storage mean nothing in another that takes its place.
        let storage = host.servingStorage?.handle
        let found = try await failed(request, storage)
        var report = BulkRetryReport(found: found.count, byClass: [:])
        for text in found { report.byClass[text.kind.rawValue, default: 0] += 1 }
        report.skipped = found.count { $0.way == .none }
        if request.dryRun { return report }
        try refuseWhileObserving()
        var changedStorage = false
        let now = clock.now
        for text in found {
            switch text.way {
            case .journal(let uid):
                guard
                    let again = try await write({ database in
                        try OutgoingText.requeue(uid, from: [.failed, .undelivered], now: now, database)
                    })
                else {
                    report.skipped += 1
                    continue
                }
                await outbound.again(again)
                report.retried += 1
            case .storage(let id):
                if try await requeue(id, in: storage) {
                    report.retried += 1
                    changedStorage = true
                } else {
                    report.skipped += 1
                }
            case .none: break
            }
        }
        if changedStorage { await storageWasChanged() }
        return report
    }

    // MARK: Behind them

    /// A failed text and where it is put back from.
    private struct Failed {
        enum Way: Equatable {
            case journal(String)
            case storage(Int64)
            /// Born in a journal that has dropped it since.
            case none
        }

        var kind: FailureClass
        var way: Way
        var at: Timestamp
    }

    /// Those that fit, oldest first: of one person, too, they go in their order (B11).
    private func failed(_ request: BulkRetry, _ storage: StorageHandle?) async throws(GatewayError) -> [Failed] {
        let born = try read { database in
            try database.all(
                """
                SELECT * FROM outbound WHERE state IN ('failed', 'undelivered')
                    AND NOT \(StorageMarks.isClaimedHere) ORDER BY seq
                """
            ).map(Message.init(outbound:))
        }
        let bornHere = Set(born.compactMap(\.uid))
        var found = born.compactMap { text in
            text.uid.flatMap { Self.fitting(text, .journal($0), request) }
        }
        guard let storage else { return found }
        var query = MessageQuery(direction: .outbound, status: .failed, oldestFirst: true, limit: 1_000)
        while true {
            let page: [Message]
            do {
                page = try await storage.messages(query)
            } catch {
                throw GatewayError(.unavailable, "storage: \(error)")
            }
            for text in page {
                if let uid = text.uid, bornHere.contains(uid) { continue }
                let isRow = text.origin == nil || text.origin == "table"
                guard let id = text.storageID,
                    let failed = Self.fitting(text, isRow ? .storage(id) : .none, request)
                else { continue }
                found.append(failed)
            }
            guard page.count == Int(query.limit), let last = page.last?.storageID else { break }
            query.cursor = last
        }
        return found.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element)
    }

    private static func fitting(_ text: Message, _ way: Failed.Way, _ request: BulkRetry) -> Failed? {
        guard let kind = FailureClass(errorCode: text.errorCode) else { return nil }
        guard request.failureClass.map({ $0 == kind }) ?? (kind != .policy) else { return nil }
        if let since = request.since, max(text.lastRetryAt ?? text.timestamp, text.timestamp) < since { return nil }
        return Failed(kind: kind, way: way, at: text.timestamp)
    }

    private func requeue(_ id: Int64, in storage: StorageHandle?) async throws(GatewayError) -> Bool {
        guard let storage else { return false }
        do {
            return try await storage.change(MessageChange(storageID: id, kind: .requeue))
        } catch {
            throw GatewayError(.unavailable, "storage: \(error)")
        }
    }

    /// By its id, or a row that no gateway has begun to send by its address in storage, as `row:7`.
    static func find(_ uid: String, in storage: StorageHandle) async throws(PluginError) -> Message? {
        guard uid.hasPrefix("row:") else { return try await storage.messages(MessageQuery(uid: uid, limit: 1)).first }
        guard let id = Int64(uid.dropFirst(4)), id > 0, id < .max else { return nil }
        let row = try await storage.messages(MessageQuery(cursor: id + 1, limit: 1)).first
        return row?.storageID == id ? row : nil
    }

    private func read<Value>(_ body: (Database) throws -> Value) throws(GatewayError) -> Value {
        do {
            return try journal.read(body)
        } catch {
            throw GatewayError(.unavailable, "the journal could not be read: \(error)")
        }
    }

    private func write<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(GatewayError) -> Value {
        do {
            return try await journal.writer.write(body)
        } catch {
            throw GatewayError(.unavailable, "\(error)")
        }
    }
}

extension Gateway {
    /// The text that this request's idempotency key stands for; nil when it is new.
    func known(_ request: SendRequest, _ number: PhoneNumber) throws(GatewayError) -> OutgoingText? {
        do {
            return try journal.read { try OutgoingText.known(request, number, $0) }
        } catch let error as GatewayError {
            throw error
        } catch {
            throw GatewayError(.unavailable, "the journal could not be read: \(error)")
        }
    }

    /// Refuses an offer that the rules do not let out.
    func refuse(promotion text: String) throws(GatewayError) {
        let refused = options.policy.content.refusedPromotions
        guard !refused.isEmpty,
            let found = ContentLint.warnings(text, isPromotion: true).first(where: { refused.contains($0.code) })
        else { return }
        throw GatewayError(.refused, "\(found.code.rawValue): \(found.message)")
    }
}

extension OutgoingText {
    /// The text that an idempotency key stands for, as long as the journal has it: a week, and until it is settled.
    ///
    /// - Throws: `GatewayError` where the key was used for another number or other words. What is said beside them (the
    ///   SIM, the time) is the first text's.
    static func known(
        _ request: SendRequest, _ number: PhoneNumber, _ database: Database
    ) throws -> OutgoingText? {
        guard let key = request.idempotencyKey,
            let row = try database.first("SELECT * FROM outbound WHERE idempotency_key = ?", [key])
        else { return nil }
        let text = OutgoingText(row: row)
        guard text.phone == number.text, text.content == request.text else {
            throw GatewayError(
                .refused,
                "this idempotency key was used for another text: a new text needs a new key, and nothing was queued")
        }
        return text
    }
}
