internal import PluginKit

extension Gateway {
    /// Passes over the tables until both storages have the same, where programs or triggers write meanwhile.
    private static let customerPasses = 5

    /// - Throws: `.refused` where one of both cannot give or take the tables, before anything is changed.
    func customerCopy(_ from: SwitchSide, _ to: SwitchSide, isDryRun: Bool) async throws -> CustomerCopy {
        guard let here = from.customers, let there = to.customers else {
            let side = from.customers == nil ? from : to
            throw GatewayError(.refused, "\(side.dropIn) keeps no customers: switch without --crm")
        }
        let copy = CustomerCopy(here: here, there: there, changes: !isDryRun, progress: switching)
        try await refusing { try await copy.check() }
        return copy
    }

    /// Beside the traffic: nothing of a text waits for it.
    func run(_ copy: CustomerCopy) async throws -> [StorageSwitchReport.Table] {
        try await refusing {
            var all: [CustomerTally] = []
            for attempt in 0..<(copy.changes ? Self.customerPasses : 1) {
                let found = try await copy.run(attempt: attempt)
                all = all.isEmpty ? found : zip(found, all).map { $0.after($1) }
                if !copy.changes || found.allSatisfy(\.isEqual) {
                    return all.map { .init($0, isDryRun: !copy.changes) }
                }
            }
            let table = all.first { !$0.isEqual }?.table.rawValue ?? "customers"
            throw GatewayError(
                .refused,
                "the storages do not have the same \(table) after copying \(Self.customerPasses) times: another program, or "
                    + "a rule of the table's own, changes rows there; stop it, and switch again")
        }
    }

    /// What a person has to mend is no outage.
    private func refusing<T>(_ work: () async throws -> T) async throws -> T {
        do {
            return try await work()
        } catch let error as PluginError where [.unsupported, .conflict, .invalid].contains(error.code) {
            throw GatewayError(.refused, "customers cannot be copied: \(error.message). Nothing was switched")
        }
    }
}
