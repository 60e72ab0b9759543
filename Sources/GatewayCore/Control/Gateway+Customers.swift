internal import PluginHost
public import PluginKit

/// Customers of the business, for people.
extension Gateway {
    public func list(_ query: ListQuery) async throws(GatewayError) -> ListPage {
        try await ask { directory throws(PluginError) in try await directory.list(query) }
    }

    public func customers(_ search: CustomerSearch) async throws(GatewayError) -> [Customer] {
        guard (1...100).contains(search.limit) else {
            throw GatewayError(.invalid, "limit is \(search.limit): it may be 1 to 100")
        }
        return try await ask { directory throws(PluginError) in try await directory.search(search) }
    }

    public func customer(_ query: CustomerQuery) async throws(GatewayError) -> CustomerCard {
        try await ask { _ throws(PluginError) in try await card(query) }
    }

    public func changeCustomers(_ change: CustomerChange) async throws(GatewayError) -> CustomerDifferences {
        if !change.isPreview { try refuseWhileObserving() }
        return try await ask { directory throws(PluginError) in
            try change.check()
            return try await directory.change(change)
        }
    }

    private func ask<Reply>(
        _ question: (CustomersHandle) async throws(PluginError) -> Reply
    ) async throws(GatewayError) -> Reply {
        guard let directory = host.customers else {
            throw GatewayError(.unavailable, "no plugin that serves here knows customers")
        }
        do {
            return try await question(directory)
        } catch {
            let isWrong = error.code == .invalid || error.code == .unsupported
            throw GatewayError(isWrong ? .invalid : .unavailable, error.message)
        }
    }
}
