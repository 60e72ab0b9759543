internal import PluginKit
internal import Synchronization

/// Reading, and the few changes people make.
extension OldTable {
    private static let largestPage = 1_000

    func owned(by gateway: String, context: CallContext) async throws -> [Message] {
        try await exchanges.take {
            self.state.withLock { state in state.claims = state.claims.filter { $0.value.gateway != gateway } }
            let filters = [
                Filter.equals("direction", "outbound"), .equals("status", "queued"),
                .like("message_hash", Mark.pattern(state: .sending, owner: gateway)),
            ]
            var owned: [OldRow] = []
            var cursor: Int64 = 0
            while true {
                let page = try await self.rows.select(
                    filters + [.over("id", String(cursor))], limit: Self.largestPage, context: context)
                owned += page.filter { $0.mark?.owner == gateway && $0.mark?.state == .sending }
                guard page.count == Self.largestPage, let last = page.last else { break }
                cursor = last.id
            }
            self.state.withLock { state in
                for row in owned {
                    state.note(row)
                    if let uid = row.mark?.uid { state.doubts[uid] = nil }
                }
            }
            return owned.map { $0.message() }
        }
    }

    func messages(_ query: MessageQuery, context: CallContext) async throws -> [Message] {
        try query.check()
        if query.search != nil {
            throw PluginError(
                .unsupported,
                "the project has the old tables only, and no index of words: run `conductor storage migrate`")
        }
        var filters: [Filter] = []
        if let uid = query.uid {
            guard Mark.canHold(uid: uid) else { return [] }
            filters.append(.like("message_hash", Mark.pattern(uid: uid)))
        }
        if let direction = query.direction { filters.append(.equals("direction", direction.rawValue)) }
        if let status = query.status { filters.append(.equals("status", status.rawValue)) }
        switch query.deliveryStatus {
        case nil: break
        // Those that are too old have no mark.
        case .held: filters += [.equals("direction", "outbound"), .equals("status", "queued")]
        case .some(let state): filters.append(.like("message_hash", Mark.pattern(state: state)))
        }
        if let phone = query.phone { filters.append(.like("phone_number", PhoneForm.pattern(phone))) }
        let phone = query.phone.map { PhoneForm.recipient($0) ?? $0 }
        // What is found by a pattern is read again: patterns find some rows too many.
        return try await walk(filters, query, context) { message in
            (phone == nil || message.phone == phone) && (query.uid == nil || message.uid == query.uid)
                && (query.deliveryStatus == nil || message.deliveryStatus == query.deliveryStatus)
        }
    }

    private func walk(
        _ filters: [Filter], _ query: MessageQuery, _ context: CallContext, _ isMeant: (Message) -> Bool
    ) async throws -> [Message] {
        let limit = Int(query.limit)
        var found: [Message] = []
        var cursor = query.cursor
        while true {
            var page = filters
            if let cursor { page.append(query.oldestFirst ? .over("id", "\(cursor)") : .under("id", "\(cursor)")) }
            let rows = try await rows.select(page, descending: !query.oldestFirst, limit: limit, context: context)
            found += rows.map(message).filter(isMeant)
            guard found.count < limit, rows.count == limit, let last = rows.last else { break }
            cursor = last.id
        }
        return Array(found.prefix(limit))
    }

    func change(_ change: MessageChange, context: CallContext) async throws -> Bool {
        for _ in 0..<3 {
            guard let row = try await rows.row(change.storageID, context) else { return change.kind == .remove }
            if change.kind == .remove {
                guard isSettled(row) else { return false }
                if try await rows.delete([row.id], [.equals("status", row.writtenStatus)], context) > 0 { return true }
                continue
            }
            guard let wanted = wanted(change.kind, row) else { return isDone(change.kind, row) }
            let changed = try await rows.change(
                row.id, hash: row.hash,
                [.equals("status", row.writtenStatus), .equals("retry_count", row.retryCount)], context: context
            ) { [host] json in
                json.member("status", wanted.status.rawValue)
                json.member("message_hash", wanted.hash)
                json.member("updated_at", host.now.description)
            }
            guard let changed else { continue }
            state.withLock { state in
                state.claims[row.id] = nil
                if change.kind != .markRead { state.notBefore[row.id] = nil }
                state.note(changed)
            }
            return true
        }
        throw PluginError(
            .unavailable, "the row is changed all the time by another program", retryAfterMilliseconds: 500)
    }

    /// What the row is to become; nil when the change is not legal.
    private func wanted(_ kind: MessageChange.Kind, _ row: OldRow) -> (status: Message.Status, hash: String?)? {
        let mark = row.mark
        switch kind {
        case .markRead:
            return row.direction == "inbound" && row.status == "unread" ? (.read, row.hash) : nil
        case .requeue:
            guard row.direction == "outbound", mark?.owner != Mark.journal else { return nil }
            let waits = row.isQueued && [.held, .unknown].contains(message(row).deliveryStatus)
            guard row.status == "failed" || waits else { return nil }
            return (.queued, Mark(uid: mark?.uid, row: row.id, code: Mark.wanted).text)
        case .cancel:
            // One that a gateway has claimed may be cancelled: its begin finds another hash. One that is begun may not.
            guard row.isQueued, mark?.isOnItsWay != true, mark?.owner != Mark.journal else { return nil }
            return (.failed, Mark(uid: mark?.uid, row: row.id, state: .refused, code: "cancelled").text)
        case .remove: return nil
        }
    }

    /// Nobody waits for it any more.
    private func isSettled(_ row: OldRow) -> Bool {
        let isOpen = [.sending, .unknown, .held].contains(message(row).deliveryStatus)
        return row.direction == "inbound" && row.status == "read"
            || row.direction == "outbound" && ["sent", "failed"].contains(row.status) && !isOpen
    }

    /// Repeated: it is so already.
    private func isDone(_ kind: MessageChange.Kind, _ row: OldRow) -> Bool {
        switch kind {
        case .markRead: row.direction == "inbound" && row.status == "read"
        case .cancel: row.direction == "outbound" && row.status == "failed" && row.mark?.code == "cancelled"
        case .requeue, .remove: false
        }
    }
}
