import Foundation
import GatewayCore
import Hummingbird
import PluginKit

/// `/api/v1/customers`: those of the business, as a person types.
struct CustomerRoutes {
    let control: any GatewayControl

    func add(to router: RouterGroup<BasicRequestContext>) {
        router.group("customers").get { request, _ in
            let search = try Self.search(request.uri.queryParameters)
            return try Answer.json(CustomerPage(customers: try await control.customers(search)))
        }
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
