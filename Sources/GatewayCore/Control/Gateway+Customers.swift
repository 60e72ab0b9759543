internal import PluginHost
public import PluginKit

extension Gateway {
    public func list(_ query: ListQuery) async throws(GatewayError) -> ListPage {
        guard let directory = host.customers else {
            throw GatewayError(.unavailable, "no plugin that serves here knows customers")
        }
        do {
            return try await directory.list(query)
        } catch {
            let isWrong = error.code == .invalid || error.code == .unsupported
            throw GatewayError(isWrong ? .invalid : .unavailable, error.message)
        }
    }

    public func customers(_ search: CustomerSearch) async throws(GatewayError) -> [Customer] {
        guard (1...100).contains(search.limit) else {
            throw GatewayError(.invalid, "limit is \(search.limit): it may be 1 to 100")
        }
        guard let directory = host.customers else {
            throw GatewayError(.unavailable, "no plugin that serves here knows customers")
        }
        do {
            return try await directory.search(search)
        } catch {
            let isWrong = error.code == .invalid || error.code == .unsupported
            throw GatewayError(isWrong ? .invalid : .unavailable, error.message)
        }
    }
}
