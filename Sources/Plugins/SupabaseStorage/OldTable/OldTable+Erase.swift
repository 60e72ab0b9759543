internal import PluginKit

/// What is deleted for good, and what is kept of a person.
extension OldTable {
    private static let page = 1_000

    func erase(_ request: ErasureRequest, context: CallContext) async throws -> ErasureReply {
        guard let phone = request.phone else { return try await eraseOld(request, context) }
        let ids = try await ids(of: phone, context) { row in
            // A row is from when it was told or came, whichever is earlier: what came after the erasure began stays.
            guard let from = [row.timestamp, row.createdAt].compactMap(\.self).min() else { return true }
            return from <= request.before
        }
        if request.countsOnly { return ErasureReply(texts: Int64(ids.count)) }
        return ErasureReply(texts: try await rows.delete(ids, [], context))
    }

    private func eraseOld(_ request: ErasureRequest, _ context: CallContext) async throws -> ErasureReply {
        let limit = request.limit > 0 ? Int(request.limit) : Int.max
        var ids: [Int64] = []
        var cursor: Int64 = 0
        while ids.count < limit {
            let page = try await rows.select(
                [.over("id", String(cursor)), .under("timestamp", request.before.description)], limit: Self.page,
                context: context)
            // Nothing of such a row is queued, on its way, or waits for a person's word.
            ids += page.filter { !$0.isQueued && $0.mark?.state != .sending && $0.mark?.state != .unknown }.map(\.id)
            guard page.count == Self.page, let last = page.last else { break }
            cursor = last.id
        }
        ids = Array(ids.prefix(limit))
        if request.countsOnly { return ErasureReply(texts: Int64(ids.count)) }
        let settled = [Filter.isNot("status", "queued")]
        return ErasureReply(texts: try await rows.delete(ids, settled, context), hasMore: ids.count == limit)
    }

    func contact(_ phone: String, context: CallContext) async throws -> StoredContact {
        StoredContact(texts: Int64(try await ids(of: phone, context) { _ in true }.count))
    }

    func heartbeat(_ presence: GatewayPresence, context: CallContext) async throws -> [GatewayPresence] {
        throw PluginError(.unsupported, "the project has the old tables only, and one gateway works on them")
    }

    /// Addresses of a person's rows.
    private func ids(
        of phone: String, _ context: CallContext, _ isMeant: (OldRow) -> Bool
    ) async throws -> [Int64] {
        let recipient = PhoneForm.recipient(phone)
        var ids: [Int64] = []
        var cursor: Int64 = 0
        while true {
            let page = try await rows.select(
                [.over("id", String(cursor)), .like("phone_number", PhoneForm.pattern(phone))], limit: Self.page,
                context: context)
            ids += page.filter { $0.recipient == recipient && isMeant($0) }.map(\.id)
            guard page.count == Self.page, let last = page.last else { return ids }
            cursor = last.id
        }
    }
}
