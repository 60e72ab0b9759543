import Foundation
import GatewayCore
import Hummingbird
import PluginKit

/// `/api/v1/optouts`: who is not to be texted.
struct OptOutRoutes {
    let control: any GatewayControl

    func add(to router: RouterGroup<BasicRequestContext>) {
        let optOuts = router.group("optouts")
        optOuts.get { request, _ in
            let query = try Self.query(request.uri.queryParameters)
            let found = try await control.optOuts(query)
            let isFull = query.phone == nil && found.count >= query.limit
            return try Answer.json(OptOutPage(optOuts: found, nextAfter: isFull ? found.last?.phone : nil))
        }
        optOuts.post { request, _ in
            var change = try await Answer.read(OptOutChange.self, from: request)
            change.source = Self.source(change.source)
            return try Answer.json(try await control.addOptOut(change), status: .created)
        }
        optOuts.post("remove") { request, _ in
            var change = try await Answer.read(OptOutChange.self, from: request)
            change.source = Self.source(change.source)
            return try Answer.json(try await control.removeOptOut(change))
        }
        optOuts.post("import") { request, _ in
            let list = try await Answer.read(OptOutImport.self, from: request)
            return try Answer.json(try await control.importOptOuts(list))
        }
    }

    private static func source(_ told: String?) -> String { told == "cli" ? "cli" : "api" }

    private static func query(_ parameters: some Collection<(key: Substring, value: Substring)>) throws -> OptOutQuery {
        var query = OptOutQuery()
        for (key, value) in parameters {
            switch key {
            case "phone": query.phone = String(value)
            case "after": query.after = String(value)
            case "limit":
                guard let limit = Int(value), (1...1000).contains(limit) else {
                    throw GatewayError(.invalid, "the query parameter \"limit\" is a number from 1 to 1000")
                }
                query.limit = limit
            default:
                throw GatewayError(
                    .invalid, "unknown query parameter \"\(key)\"; known: phone, after, limit")
            }
        }
        return query
    }
}
