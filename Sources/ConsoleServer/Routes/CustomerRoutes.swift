import Foundation
import GatewayCore
import HTTPTypes
import Hummingbird
import NIOCore
import PluginKit

/// `/api/v1/customers`: those of the business, as a person types, by number, and what people change of them; `/api/v1/crm`:
/// lists of them, of receipts and articles.
struct CustomerRoutes {
    let control: any GatewayControl

    func add(to router: RouterGroup<BasicRequestContext>) {
        router.group("customers").get { request, _ in
            let search = try Self.search(request.uri.queryParameters)
            return try Answer.json(CustomerPage(customers: try await control.customers(search)))
        }
        router.get("customers/rules") { _, _ in
            try await self.change(CustomerChange(.rules([:]), isPreview: true))
        }
        router.post("customers/rules") { request, _ in
            let wish = try await Answer.read(CustomerRulesRequest.self, from: request)
            return try await self.change(CustomerChange(.rules(wish.rules), isPreview: wish.dryRun))
        }
        router.post("customers/merge") { request, _ in
            let wish = try await Answer.read(CustomerMergeRequest.self, from: request)
            return try await self.change(
                CustomerChange(.merge(into: wish.into, others: wish.others), isPreview: wish.dryRun))
        }
        router.post("customers/recount") { request, _ in
            let wish = try await Answer.read(CustomerRecountRequest.self, from: request)
            let what = CustomerChange.What.recount(
                after: wish.after, limit: wish.limit ?? 500, lowers: wish.lower ?? false)
            return try await self.change(CustomerChange(what, isPreview: wish.dryRun))
        }
        router.get("customers/:number") { request, context in
            let written = try context.parameters.require("number")
            let query = try Self.query(written.removingPercentEncoding ?? written, request.uri.queryParameters)
            return try Answer.json(try await control.customer(query))
        }
        router.get("crm/:list") { request, context in
            let name = context.parameters.get("list") ?? ""
            guard let list = CustomerList(rawValue: name) else {
                let known = CustomerList.allCases.map(\.rawValue).joined(separator: ", ")
                throw GatewayError(.notFound, "there is no list \(name.prefix(40)); there are: \(known)")
            }
            return Self.page(try await control.list(try Self.query(list, request.uri.queryParameters)))
        }
    }

    private func change(_ change: CustomerChange) async throws -> Response {
        let done = try await control.changeCustomers(change)
        return try Answer.json(CustomerDifferencePage(differences: done.differences, nextAfter: done.next))
    }

    /// `purchases`, 0 to 100.
    static func query(
        _ number: String, _ parameters: some Collection<(key: Substring, value: Substring)>
    ) throws -> CustomerQuery {
        var query = CustomerQuery(phone: number)
        for (key, value) in parameters {
            guard key == "purchases" else {
                throw GatewayError(.invalid, "unknown query parameter \"\(key)\"; known: purchases")
            }
            guard let count = Int32(value), (0...100).contains(count) else {
                throw GatewayError(.invalid, "the query parameter \"purchases\" is a number from 0 to 100")
            }
            query.purchases = count
        }
        return query
    }

    /// `order`, `direction`, `limit`, `cursor`, and the filters of the list.
    static func query(
        _ list: CustomerList, _ parameters: some Collection<(key: Substring, value: Substring)>
    ) throws -> ListQuery {
        var query = ListQuery(list)
        for (key, value) in parameters {
            switch key {
            case "order": query.order = String(value)
            case "direction":
                guard value == "asc" || value == "desc" else {
                    throw GatewayError(.invalid, "the query parameter \"direction\" is asc or desc")
                }
                query.isDescending = value == "desc"
            case "cursor": query.after = String(value)
            case "limit":
                guard let limit = Int32(value), (1...1000).contains(limit) else {
                    throw GatewayError(.invalid, "the query parameter \"limit\" is a number from 1 to 1000")
                }
                query.limit = limit
            default: query.filters[String(key)] = String(value)
            }
        }
        return query
    }

    /// Rows are what the storage tells of them.
    private static func page(_ page: ListPage) -> Response {
        let next =
            page.next.map { ",\"next_cursor\":\(CustomerRecord(["c": .text($0)]).json.dropFirst(5).dropLast())" } ?? ""
        let body = "{\"rows\":[\(page.rows.map(\.json).joined(separator: ","))]\(next)}"
        return Response(
            status: .ok, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: body)))
    }

    /// An unknown key or value is an error, as everywhere.
    static func search(_ parameters: some Collection<(key: Substring, value: Substring)>) throws -> CustomerSearch {
        var search = CustomerSearch(words: "")
        for (key, value) in parameters {
            switch key {
            case "search": search.words = String(value)
            case "limit":
                guard let limit = Int32(value), (1...100).contains(limit) else {
                    throw GatewayError(.invalid, "the query parameter \"limit\" is a number from 1 to 100")
                }
                search.limit = limit
            default: throw GatewayError(.invalid, "unknown query parameter \"\(key)\"; known: search, limit")
            }
        }
        guard !search.words.isEmpty else {
            throw GatewayError(.invalid, "the query parameter \"search\" is missing: the words to look for")
        }
        return search
    }
}
