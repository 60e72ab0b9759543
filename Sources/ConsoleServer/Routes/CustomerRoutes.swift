import Foundation
import GatewayCore
import HTTPTypes
import Hummingbird
import NIOCore
import PluginKit

/// `/api/v1/customers`: those of the business, as a person types; `/api/v1/crm`: lists of them, of receipts and articles.
struct CustomerRoutes {
    let control: any GatewayControl

    func add(to router: RouterGroup<BasicRequestContext>) {
        router.group("customers").get { request, _ in
            let search = try Self.search(request.uri.queryParameters)
            return try Answer.json(CustomerPage(customers: try await control.customers(search)))
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
