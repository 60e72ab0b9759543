internal import PluginKit

/// Who has a number, and who is called so.
extension FunctionStore {
    func customers(_ query: CustomerQuery, context: CallContext) async throws -> [Customer] {
        guard (0...100).contains(query.purchases) else {
            throw PluginError(.invalid, "purchases: \(query.purchases) is not within 0 and 100")
        }
        let reply = try await ask("conductor_customer", context) { json in
            json.member("phone", query.phone)
            json.member("purchases", query.purchases)
        }
        return try CustomerJSON.matches(in: reply, sharesNumber: true)
    }

    func search(_ search: CustomerSearch, context: CallContext) async throws -> [Customer] {
        guard (1...100).contains(search.limit) else {
            throw PluginError(.invalid, "limit: \(search.limit) is not within 1 and 100")
        }
        let reply = try await ask("conductor_find_customers", context) { json in
            json.member("search", search.words)
            json.member("limit", search.limit)
        }
        return try CustomerJSON.matches(in: reply, sharesNumber: false)
    }

    /// The function is there and what it reads is not: somebody dropped it, and repeating does not bring it back.
    func ask(
        _ name: String, _ context: CallContext, _ members: (inout JSONWriter) -> Void
    ) async throws -> JSONValue {
        do {
            return try await project.call(name, context, members)
        } catch let refusal as Refusal where refusal.code == "42P01" || refusal.code == "42703" {
            throw PluginError(
                .unsupported,
                "the project has no customers to look up: its tables customers, transactions, transaction_items and products "
                    + "are not all there, or lack columns; run `conductor storage migrate` to have them "
                    + "(\(refusal.code ?? ""))")
        }
    }

    /// Asks a function of a later step of the migration.
    func askNewer(
        _ name: String, _ context: CallContext, _ members: (inout JSONWriter) -> Void
    ) async throws -> JSONValue {
        do {
            return try await ask(name, context, members)
        } catch let refusal as Refusal where refusal.code == "PGRST202" || refusal.code == "42883" {
            throw PluginError(
                .unsupported, "the project's migration is from before this was built: run `conductor storage migrate`")
        }
    }
}
