internal import PluginKit

/// The old table over HTTP. A change names one row and what it must look like, so that of two who change it only one does.
struct OldRows: Sendable {
    let project: Project

    /// Rows in the order of their addresses.
    func select(
        _ filters: [Filter], descending: Bool = false, limit: Int, context: CallContext
    ) async throws(Refusal) -> [OldRow] {
        let order = "order=id." + (descending ? "desc" : "asc")
        let query = ["select=" + OldRow.columns] + filters.map(\.description) + [order, "limit=\(limit)"]
        return try await project.rows(.init(path: "messages", query: query), context).compactMap(OldRow.init)
    }

    func row(_ id: Int64, _ context: CallContext) async throws(Refusal) -> OldRow? {
        try await select([.equals("id", id)], limit: 1, context: context).first
    }

    /// Changes the row if it still has the hash that was seen, and whatever else is asked for.
    ///
    /// - Returns: the row as it is now; nil when it was not changed.
    func change(
        _ id: Int64, hash: String?, _ filters: [Filter] = [], context: CallContext,
        _ members: (inout JSONWriter) -> Void
    ) async throws(Refusal) -> OldRow? {
        var json = JSONWriter()
        json.object(nil, members)
        let conditions = [Filter.equals("id", id), .equals("message_hash", hash)] + filters
        let rows = try await project.rows(
            .init(
                method: "PATCH", path: "messages",
                query: conditions.map(\.description) + ["select=" + OldRow.columns],
                prefer: "return=representation,handling=strict,max-affected=1", body: json.bytes), context)
        return rows.first.flatMap(OldRow.init)
    }

    /// Inserts all or none, on a connection of its own: libcurl must not repeat it by itself.
    func insert(_ messages: [Message], _ context: CallContext) async throws(Refusal) -> [OldRow] {
        var json = JSONWriter()
        json.array { json in
            for message in messages {
                json.object { json in
                    json.member("phone_number", message.phone)
                    json.member("content", message.content)
                    json.member("timestamp", message.timestamp.description)
                    json.member("modem_timestamp", message.modemTimestamp?.description)
                    json.member("status", message.status.rawValue)
                    json.member("direction", message.direction.rawValue)
                    json.member("modem_index", message.modemIndex)
                    json.member("message_hash", message.mark.text)
                    json.member("retry_count", message.retryCount)
                    json.member("last_retry_at", message.lastRetryAt?.description)
                }
            }
        }
        return try await project.rows(
            .init(
                method: "POST", path: "messages", query: ["select=" + OldRow.columns],
                prefer: "return=representation", body: json.bytes, isFresh: true), context
        ).compactMap(OldRow.init)
    }

    /// Deletes these rows and no others; those that `filters` exclude stay.
    func delete(_ ids: [Int64], _ filters: [Filter], _ context: CallContext) async throws(Refusal) -> Int64 {
        var deleted: Int64 = 0
        var rest = ids[...]
        while !rest.isEmpty {
            let part = rest.prefix(200)
            let conditions = [Filter.oneOf("id", part.map { String($0) })] + filters
            deleted += Int64(
                try await project.rows(
                    .init(
                        method: "DELETE", path: "messages", query: conditions.map(\.description) + ["select=id"],
                        prefer: "return=representation,handling=strict,max-affected=\(part.count)"), context
                ).count)
            rest = rest.dropFirst(200)
        }
        return deleted
    }
}

extension Message {
    /// Of a text that a gateway's journal has.
    var mark: Mark {
        Mark(
            uid: uid, state: direction == .outbound ? deliveryStatus : nil,
            code: direction == .outbound ? errorCode : nil, owner: Mark.journal)
    }
}
