internal import PluginKit
internal import Synchronization

/// Sending: what finished, what begins, what may be chosen from next.
extension OldTable {
    /// See `Storage.exchange`. Each step may be repeated; they are not one transaction.
    func exchange(_ request: ExchangeRequest, context: CallContext) async throws -> ExchangeReply {
        try await exchanges.take {
            try await self.dropDoubts(except: Set(request.starting.map(\.uid)), context)
            _ = try await Self.each(request.finished) { try await self.finish($0, by: request.gateway, context) }
            let started = try await Self.each(request.starting) {
                try await self.start($0, by: request.gateway, context)
            }
            let (claimed, nextDue) = try await self.claim(request, context)
            return ExchangeReply(started: started, claimed: claimed, nextDueMilliseconds: nextDue)
        }
    }

    // MARK: Begin

    /// Turns a claimed row into one that this gateway sends: a change that names the attempts and the hash that were seen,
    /// so that of two programs only one wins.
    private func start(_ start: ExchangeRequest.Start, by gateway: String, _ context: CallContext) async throws -> Bool
    {
        let mark = Mark(uid: start.uid, state: .sending, owner: gateway)
        let now = host.now
        let (claim, known) = state.withLock { ($0.claims[start.storageID], $0.known[start.uid]) }
        guard Mark.canHold(uid: start.uid) else { return false }
        if let known, known.id == start.storageID, known.hash == mark.text { return true }
        if let claim, claim.gateway == gateway, claim.until > now {
            let attempts = claim.row.retryCount
            do {
                let begun = try await rows.change(
                    start.storageID, hash: claim.row.hash,
                    [
                        .equals("direction", claim.row.direction), .equals("status", claim.row.writtenStatus),
                        .equals("retry_count", attempts),
                    ], context: context
                ) { json in
                    json.member("message_hash", mark.text)
                    json.member("retry_count", (attempts ?? 0) + 1)
                    json.member("last_retry_at", now.description)
                    json.member("updated_at", now.description)
                }
                if let begun { return took(begun) }
            } catch {
                if error.isUncertain {
                    let doubt = OldTableState.Doubt(
                        id: start.storageID, attempts: attempts, mark: mark, since: Gate.now)
                    state.withLock { $0.doubts[start.uid] = doubt }
                }
                throw error
            }
        }
        // Done before, and the answer was lost; or somebody else was quicker.
        guard let row = try await rows.row(start.storageID, context) else { return drop(start) }
        if row.mark == mark, row.isQueued { return took(row) }
        if claim != nil, row.status == "sent", row.mark == nil {
            host.log(
                .warning,
                "another sender works on this table: a row that waited here became `sent`; stop it, or texts go out twice"
            )
        }
        return drop(start)
    }

    private func took(_ row: OldRow) -> Bool {
        state.withLock { state in
            state.claims[row.id] = nil
            state.notBefore[row.id] = nil
            state.note(row)
            if let uid = row.mark?.uid { state.doubts[uid] = nil }
        }
        return true
    }

    private func drop(_ start: ExchangeRequest.Start) -> Bool {
        state.withLock { state in
            state.claims[start.storageID] = nil
            state.doubts[start.uid] = nil
        }
        return false
    }

    /// Begins whose answer was lost and that nobody asks for any more: were they done, the row would wait for ever for a
    /// gateway that does not know of it. It is given back, as it was.
    private func dropDoubts(except uids: Set<String>, _ context: CallContext) async throws {
        let doubts = state.withLock { state in state.doubts.filter { !uids.contains($0.key) } }
        for (uid, doubt) in doubts {
            if let row = try await rows.row(doubt.id, context), row.mark == doubt.mark, row.isQueued {
                _ = try await rows.change(doubt.id, hash: row.hash, context: context) { json in
                    json.member("message_hash", Mark(uid: uid).text)
                    json.member("retry_count", doubt.attempts)
                }
            } else if Gate.now - doubt.since < settleMilliseconds {
                continue
            }
            state.withLock { $0.doubts[uid] = nil }
        }
    }

    // MARK: Settle

    private func finish(_ outcome: ExchangeRequest.Outcome, by gateway: String, _ context: CallContext) async throws {
        guard let uid = outcome.uid else { return try await refuse(outcome, by: gateway, context) }
        let known = state.withLock { $0.known[uid] }
        if known?.outcome == outcome { return }
        guard Mark.canHold(uid: uid) else { return }
        var place = known.map { ($0.id, $0.hash) }
        for _ in 0..<4 {
            if place == nil { place = try await find(uid, at: outcome.storageID, context).map { ($0.id, $0.hash) } }
            guard let (id, hash) = place, let mark = Mark(hash), mark.uid == uid else { return }
            // Giving a row back needs it to be the asker's still.
            if outcome.status == .queued, mark.owner != gateway, mark.owner != Mark.journal { return }
            let isDelivered = mark.state == .delivered || mark.state == .undelivered
            if isDelivered, outcome.deliveryStatus == .accepted { return }
            let isKept =
                outcome.status == .queued
                && (outcome.deliveryStatus == .unknown || outcome.deliveryStatus == .sending)
            let owner = isKept || mark.owner == Mark.journal ? mark.owner : Mark.nobody
            let new = Mark(uid: uid, state: outcome.deliveryStatus, code: outcome.errorCode, owner: owner)
            let changed = try await rows.change(id, hash: hash, [.equals("direction", "outbound")], context: context) {
                [host] json in
                json.member("status", outcome.status.rawValue)
                json.member("message_hash", new.text)
                if let modem = outcome.modemTimestamp { json.member("modem_timestamp", modem.description) }
                json.member("updated_at", host.now.description)
            }
            if let changed { return settled(changed, outcome) }
            // It is another one by now: by this very change, whose answer was lost, or by somebody else's.
            place = nil
        }
        throw PluginError(.unavailable, "a row is changed all the time by another program", retryAfterMilliseconds: 500)
    }

    private func settled(_ row: OldRow, _ outcome: ExchangeRequest.Outcome) {
        state.withLock { state in
            state.note(row, outcome: outcome)
            state.notBefore[row.id] = outcome.status == .queued ? outcome.notBefore : nil
        }
    }

    /// The row of a text. By its address where that is known, which the column has no index for.
    private func find(_ uid: String, at id: Int64?, _ context: CallContext) async throws -> OldRow? {
        let known = state.withLock { $0.known[uid]?.id }
        for id in [known, id].compactMap(\.self) {
            if let row = try await rows.row(id, context), row.mark?.uid == uid { return row }
        }
        let pattern = Filter.like("message_hash", Mark.pattern(uid: uid))
        return try await rows.select([pattern], limit: 10, context: context).first { $0.mark?.uid == uid }
    }

    /// A row whose sending never began. One that only has to wait is remembered, and written nowhere.
    private func refuse(_ outcome: ExchangeRequest.Outcome, by gateway: String, _ context: CallContext) async throws {
        guard let id = outcome.storageID, let claim = state.withLock({ $0.claims[id] }), claim.gateway == gateway
        else { return }
        if outcome.status != .queued || outcome.deliveryStatus != nil {
            let mark = Mark(
                uid: claim.row.mark?.uid, row: id, state: outcome.deliveryStatus, code: outcome.errorCode)
            _ = try await rows.change(
                id, hash: claim.row.hash, [.equals("status", claim.row.writtenStatus)], context: context
            ) { [host] json in
                json.member("status", outcome.status.rawValue)
                json.member("message_hash", mark.text)
                json.member("updated_at", host.now.description)
            }
        }
        state.withLock { state in
            state.claims[id] = nil
            state.notBefore[id] = outcome.status == .queued ? outcome.notBefore : nil
        }
    }
}
