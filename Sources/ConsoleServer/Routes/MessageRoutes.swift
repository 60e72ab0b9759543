import Foundation
import GatewayCore
import HTTPTypes
import Hummingbird
import PluginKit

/// `/api/v1/messages`.
struct MessageRoutes {
    let control: any GatewayControl

    func add(to router: RouterGroup<BasicRequestContext>) {
        let messages = router.group("messages")
        messages.get { request, _ in try await list(request) }
        messages.post { request, _ in try await send(request) }
        messages.get("{uid}") { _, context in
            try Answer.json(try await control.message(uid: try Self.uid(context)))
        }
        messages.post("retry") { request, _ in
            try Answer.json(try await control.retryFailed(try await Answer.read(BulkRetry.self, from: request)))
        }
        messages.post("{uid}/retry") { request, context in
            try await Answer.readNothing(from: request)
            return try Answer.json(try await control.retry(uid: try Self.uid(context)))
        }
        messages.post("{uid}/cancel") { request, context in
            try await Answer.readNothing(from: request)
            return try Answer.json(try await control.cancel(uid: try Self.uid(context)))
        }
        messages.post("{uid}/settle") { request, context in
            let settlement = try await Answer.read(Settlement.self, from: request)
            return try Answer.json(try await control.settle(uid: try Self.uid(context), settlement))
        }
        messages.post("{uid}/read") { request, context in
            try await Answer.readNothing(from: request)
            try await control.markRead(uid: try Self.uid(context))
            return Response(status: .noContent)
        }
    }

    /// `row:7`, the address of a row without id, comes with its colon escaped.
    private static func uid(_ context: BasicRequestContext) throws -> String {
        let written = try context.parameters.require("uid")
        return written.removingPercentEncoding ?? written
    }

    private func list(_ request: Request) async throws -> Response {
        let query = try Self.query(request.uri.queryParameters)
        let messages = try await control.messages(query)
        let isFull = messages.count >= Int(query.limit)
        // Without an address it is a page of the journal, and the next one begins after so many.
        let next = messages.last.map { $0.storageID ?? min(query.cursor ?? 0, 0) - Int64(messages.count) }
        return try Answer.json(MessagePage(messages: messages, nextCursor: isFull ? next : nil))
    }

    private func send(_ request: Request) async throws -> Response {
        var wanted = try await Answer.read(SendRequest.self, from: request)
        if let name = HTTPField.Name("Idempotency-Key"), let key = request.headers[name] {
            wanted.idempotencyKey = key
        }
        wanted.origin = wanted.origin == "cli" ? "cli" : "api"
        let queued = try await control.send(wanted)
        let location = queued.message.uid.map { "/api/v1/messages/\($0)" }
        return try Answer.json(
            queued, status: queued.isRepetition ? .ok : .created, headers: location.map { [.location: $0] } ?? [:])
    }

    /// An unknown key or value is an error: a filter that is silently ignored shows texts nobody asked for.
    static func query(_ parameters: some Collection<(key: Substring, value: Substring)>) throws -> MessageQuery {
        var query = MessageQuery()
        for (key, value) in parameters {
            let text = String(value)
            switch key {
            case "direction": query.direction = try word(text, key)
            case "status": query.status = try word(text, key)
            case "delivery_status": query.deliveryStatus = try word(text, key)
            case "phone": query.phone = text
            case "search": query.search = text
            case "order":
                guard text == "oldest" || text == "newest" else { throw wrong(key, "is oldest or newest") }
                query.oldestFirst = text == "oldest"
            case "cursor":
                guard let cursor = Int64(text) else { throw wrong(key, "is a number from \"next_cursor\"") }
                query.cursor = cursor
            case "limit":
                guard let limit = Int32(text), (1...1000).contains(limit) else {
                    throw wrong(key, "is a number from 1 to 1000")
                }
                query.limit = limit
            default:
                throw GatewayError(
                    .invalid,
                    "unknown query parameter \"\(key)\"; known: direction, status, delivery_status, phone, search, order, "
                        + "cursor, limit")
            }
        }
        return query
    }

    private static func word<Word: RawRepresentable<String>>(_ text: String, _ key: Substring) throws -> Word {
        guard let word = Word(rawValue: text) else { throw wrong(key, "has no such value") }
        return word
    }

    private static func wrong(_ key: Substring, _ what: String) -> GatewayError {
        GatewayError(.invalid, "the query parameter \"\(key)\" \(what)")
    }
}
