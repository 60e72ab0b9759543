internal import PluginKit
internal import Synchronization

/// Storing texts by their uid, which is in their mark.
extension OldTable {
    /// See `Storage.put`. A text that waits here to be sent is not put into the table before it is settled: there, any
    /// program that sends what is queued would send it, too.
    func put(_ messages: [Message], context: CallContext) async throws {
        try FunctionStore.check(messages)
        if messages.contains(where: { !Mark.canHold(uid: $0.uid ?? "") }) {
            throw PluginError(.invalid, "the uid of a text is none that a journal makes: letters, digits and hyphens")
        }
        try await puts.take { try await self.store(messages, context) }
    }

    private func store(_ messages: [Message], _ context: CallContext) async throws {
        let settled = messages.filter { !($0.direction == .outbound && $0.status == .queued) }
        state.withLock { state in
            for message in messages {
                guard let uid = message.uid else { continue }
                let isSettled = !(message.direction == .outbound && message.status == .queued)
                state.waiting[uid] =
                    isSettled
                    ? nil
                    : OldTableState.Waiting(
                        recipient: PhoneForm.recipient(message.phone) ?? "", notBefore: message.notBefore,
                        attempts: message.retryCount)
            }
        }
        var rest = settled[...]
        while !rest.isEmpty {
            try await store(batch: Array(rest.prefix(batch)), context)
            rest = rest.dropFirst(batch)
        }
    }

    private func store(batch: [Message], _ context: CallContext) async throws {
        let there = try await find(batch, context)
        let missing = batch.filter { there[$0.uid ?? ""] == nil }
        try await insert(missing, context)
        let changed = batch.compactMap { message in there[message.uid ?? ""].map { (message, $0) } }
        _ = try await Self.each(changed) { message, row in try await self.amend(row, to: message, context) }
    }

    /// Rows of these texts by uid: a look before anything is inserted, since an insert may have been done whose answer was
    /// lost, also by this gateway's former life.
    private func find(_ messages: [Message], _ context: CallContext) async throws -> [String: OldRow] {
        var found: [String: OldRow] = [:]
        func note(_ rows: [OldRow]) {
            state.withLock { state in rows.forEach { state.note($0) } }
            for row in rows { if let uid = row.mark?.uid, found[uid] == nil { found[uid] = row } }
        }
        let known = state.withLock { state in messages.compactMap { state.known[$0.uid ?? ""]?.id } }
        for ids in known.chunks(of: 200) {
            let filter = Filter.oneOf("id", ids.map { String($0) })
            note(try await rows.select([filter], limit: ids.count, context: context))
        }
        let unknown = messages.filter { found[$0.uid ?? ""] == nil }
        // Marks of texts that came are the same for ever; those of texts that go end with how they stand.
        for texts in unknown.filter({ $0.direction == .inbound }).chunks(of: 100) {
            let filter = Filter.oneOf("message_hash", texts.map(\.mark.text))
            note(try await rows.select([filter], limit: 1_000, context: context))
        }
        for texts in unknown.filter({ $0.direction == .outbound }).chunks(of: 50) {
            let filter = Filter.any(texts.map { "message_hash.like.\(Mark.pattern(uid: $0.uid ?? ""))" })
            note(try await rows.select([filter], limit: 1_000, context: context))
        }
        return found
    }

    private func insert(_ messages: [Message], _ context: CallContext) async throws {
        if messages.isEmpty { return }
        let uids = messages.compactMap(\.uid)
        let since = state.withLock { state in uids.compactMap { state.uncertain[$0] }.max() }
        if let since, Gate.now - since < settleMilliseconds {
            throw PluginError(
                .unavailable,
                "whether the project took some texts is not known: they are looked for, and put again when that can do no "
                    + "harm", retryAfterMilliseconds: min(2_000, settleMilliseconds - (Gate.now - since)))
        }
        do {
            let inserted = try await rows.insert(messages, context)
            state.withLock { state in
                for row in inserted { state.note(row) }
                for uid in uids { state.uncertain[uid] = nil }
            }
        } catch {
            if error.isUncertain {
                state.withLock { state in for uid in uids { state.uncertain[uid] = Gate.now } }
            }
            throw error
        }
    }

    /// Changes a row to what the text is now. What a person has read stays so.
    private func amend(_ seen: OldRow, to message: Message, _ context: CallContext) async throws {
        var row = seen
        state.withLock { $0.uncertain[message.uid ?? ""] = nil }
        for _ in 0..<3 {
            let status = row.status == "read" && message.status == .unread ? "read" : message.status.rawValue
            let isSame =
                row.phone == message.phone && row.content == message.content && row.status == status
                && row.modemTimestamp == message.modemTimestamp && row.modemIndex == message.modemIndex
                && row.hash == message.mark.text && (row.retryCount ?? 0) == message.retryCount
            if isSame { return }
            let target = message
            let changed = try await rows.change(
                row.id, hash: row.hash, [.equals("status", row.writtenStatus)], context: context
            ) { [host] json in
                json.member("phone_number", target.phone)
                json.member("content", target.content)
                json.member("status", status)
                json.member("modem_timestamp", target.modemTimestamp?.description)
                json.member("modem_index", target.modemIndex)
                json.member("message_hash", target.mark.text)
                json.member("retry_count", target.retryCount)
                json.member("last_retry_at", target.lastRetryAt?.description)
                json.member("updated_at", host.now.description)
            }
            if let changed { return state.withLock { $0.note(changed) } }
            // Somebody was quicker, or it was deleted.
            guard let now = try await rows.row(row.id, context), now.mark?.uid == message.uid else { return }
            row = now
        }
        throw PluginError(.unavailable, "a row is changed all the time by another program", retryAfterMilliseconds: 500)
    }
}

extension Array {
    /// In parts of at most `size`.
    func chunks(of size: Int) -> [[Element]] {
        stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min($0 + size, count)]) }
    }
}
