internal import PluginKit

/// Texts in a project with the migration: each call is one round trip to one function, and repeating it changes nothing.
struct FunctionStore: MessageStore {
    let project: Project
    /// Texts in one request.
    let batch: Int
    let name: GatewayName

    func put(_ messages: [Message], context: CallContext) async throws {
        try Self.check(messages)
        var rest = messages[...]
        while !rest.isEmpty {
            let part = rest.prefix(batch)
            _ = try await project.call("conductor_put", context) { json in
                json.member("gateway", name.value)
                json.array("messages") { json in
                    for message in part { MessageJSON.write(message, to: &json) }
                }
            }
            rest = rest.dropFirst(batch)
        }
    }

    /// A part of what cannot be stored is not stored.
    static func check(_ messages: [Message]) throws(PluginError) {
        if messages.contains(where: { $0.uid == nil }) {
            throw PluginError(.invalid, "a text without uid cannot be stored")
        }
    }

    func exchange(_ request: ExchangeRequest, context: CallContext) async throws -> ExchangeReply {
        name.note(request.gateway)
        let reply = try await project.call("conductor_exchange", context) { json in
            json.member("gateway", request.gateway)
            json.array("finished") { json in request.finished.forEach { ExchangeJSON.write($0, to: &json) } }
            json.array("starting") { json in request.starting.forEach { ExchangeJSON.write($0, to: &json) } }
            json.member("want", request.want)
            json.member("lease_ms", request.leaseMilliseconds)
            json.member("max_age_ms", request.maxAgeMilliseconds)
        }
        let started = reply["started"].elements ?? []
        guard started.count == request.starting.count, let claimed = reply["claimed"].elements else {
            throw Refusal.garbled(200)
        }
        return ExchangeReply(
            started: started.map(\.truth), claimed: claimed.map(MessageJSON.read),
            nextDueMilliseconds: reply["next_due_ms"].integer ?? -1)
    }

    func owned(by gateway: String, context: CallContext) async throws -> [Message] {
        // A gateway asks for rows of its former journals, too: the same id.
        name.note(gateway)
        return try Self.messages(in: await project.call("conductor_owned", context) { $0.member("gateway", gateway) })
    }

    func messages(_ query: MessageQuery, context: CallContext) async throws -> [Message] {
        try query.check()
        let reply = try await project.call("conductor_messages", context) { json in
            json.member("uid", query.uid)
            json.member("phone", query.phone)
            json.member("direction", query.direction?.rawValue)
            json.member("status", query.status?.rawValue)
            json.member("delivery_status", query.deliveryStatus?.rawValue)
            json.member("cursor", query.cursor)
            json.member("oldest_first", query.oldestFirst)
            json.member("limit", query.limit)
            json.present("search", query.search)
        }
        return try Self.messages(in: reply)
    }

    func change(_ change: MessageChange, context: CallContext) async throws -> Bool {
        try await project.call("conductor_change", context, once: change.kind == .requeue) { json in
            json.member("storage_id", change.storageID)
            json.member("kind", change.kind.word)
        }["changed"].truth
    }

    func recordConsent(_ events: [ConsentEvent], context: CallContext) async throws {
        _ = try await project.call("conductor_record_consent", context) { json in
            json.array("events") { json in events.forEach { ConsentJSON.write($0, to: &json) } }
        }
    }

    func consent(_ query: ConsentQuery, context: CallContext) async throws -> ConsentPage {
        guard (1...1000).contains(query.limit) else {
            throw PluginError(.invalid, "limit: \(query.limit) is not within 1 and 1000")
        }
        let reply = try await project.call("conductor_consent", context) { json in
            json.member("after", query.after)
            json.member("limit", query.limit)
        }
        guard let events = reply["events"].elements else { throw Refusal.garbled(200) }
        return ConsentPage(events: events.map(ConsentJSON.read), next: reply["next"].integer ?? query.after)
    }

    func health(context: CallContext) async throws -> StorageHealth {
        Self.health(try await project.call("conductor_health", context), project.location)
    }

    /// A project is the same one before and after its tables are brought up to date.
    static func health(_ reply: JSONValue, _ location: String) -> StorageHealth {
        StorageHealth(
            location: location, rows: reply["rows"].integer ?? 0, bytes: reply["bytes"].integer ?? 0,
            identity: location)
    }

    func sizes(context: CallContext) async throws -> [StorageTable] {
        let reply = try await project.call("conductor_sizes", context)
        guard let tables = reply["tables"].elements else { throw Refusal.garbled(200) }
        return tables.map {
            StorageTable(name: $0["name"].text ?? "", rows: $0["rows"].integer ?? 0, bytes: $0["bytes"].integer)
        }
    }

    func erase(_ request: ErasureRequest, context: CallContext) async throws -> ErasureReply {
        let reply = try await project.call("conductor_erase", context, once: !request.countsOnly) { json in
            json.member("phone", request.phone)
            json.member("before", request.before.milliseconds)
            json.member("limit", request.limit)
            json.member("count_only", request.countsOnly)
        }
        return ErasureReply(
            texts: reply["texts"].integer ?? 0, consent: reply["consent"].integer ?? 0,
            others: reply["others"].integer ?? 0, hasMore: reply["more"].truth)
    }

    func contact(_ phone: String, context: CallContext) async throws -> StoredContact {
        let reply = try await project.call("conductor_contact", context) { $0.member("phone", phone) }
        return StoredContact(
            texts: reply["texts"].integer ?? 0, consent: (reply["consent"].elements ?? []).map(ConsentJSON.read),
            other: reply["other"].isObject ? reply["other"].written : nil)
    }

    func heartbeat(_ presence: GatewayPresence, context: CallContext) async throws -> [GatewayPresence] {
        name.note(presence.gateway)
        let reply = try await project.call("conductor_heartbeat", context) { json in
            json.member("gateway", presence.gateway)
            json.member("version", presence.version)
            json.array("sims") { json in presence.sims.forEach { json.element($0) } }
            json.member("modems", presence.modems)
        }
        guard let gateways = reply["gateways"].elements else { throw Refusal.garbled(200) }
        return gateways.map { gateway in
            GatewayPresence(
                gateway: gateway["gateway"].text ?? "", version: gateway["version"].text ?? "",
                sims: (gateway["sims"].elements ?? []).compactMap(\.text),
                modems: Int32(clamping: gateway["modems"].integer ?? 0),
                seen: Timestamp(milliseconds: gateway["seen"].integer ?? 0), claimed: gateway["claimed"].integer ?? 0,
                sending: gateway["sending"].integer ?? 0)
        }
    }

    func sight(context: CallContext) async throws -> Sight {
        let reply = try await project.call("conductor_sight", context)
        guard let waiting = reply["waiting"].elements else { throw Refusal.garbled(200) }
        return Sight(waiting: Set(waiting.compactMap(\.integer)), consent: reply["consent"].integer ?? 0)
    }

    private static func messages(in reply: JSONValue) throws(Refusal) -> [Message] {
        guard let rows = reply["messages"].elements else { throw .garbled(200) }
        return rows.map(MessageJSON.read)
    }
}

extension MessageQuery {
    func check() throws(PluginError) {
        if !(1...1000).contains(limit) { throw PluginError(.invalid, "limit: \(limit) is not within 1 and 1000") }
    }
}

extension MessageChange.Kind {
    /// As the functions know it.
    var word: String {
        switch self {
        case .markRead: "mark_read"
        case .requeue: "requeue"
        case .cancel: "cancel"
        case .remove: "remove"
        }
    }
}
