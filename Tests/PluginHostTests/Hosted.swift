import Foundation
import PluginKit
import Testing

@testable import PluginHost

/// A plugin behind the host, as if it were in this process: the contract suites run on it.
struct Hosted: Responder, Notifier, Storage, CustomerDirectory {
    static let info = PluginInfo(id: "hosted", name: "Hosted", version: "1.0.0")
    let workshop: Workshop
    let host: PluginHost

    init(_ workshop: Workshop, _ adjust: (inout PluginHost.Configuration) -> Void = { _ in }) {
        self.workshop = workshop
        host = workshop.host(adjust)
    }

    init(host: PluginKit.Host, settings: Settings) throws { throw PluginError(.unsupported, "made by its test") }

    func start() async throws {
        await host.start()
        guard let report = host.reports.first, host.reports.count == 1, report.state == .running else {
            throw PluginError(.unavailable, host.reports.first?.problem ?? "there is no such plugin")
        }
    }

    /// Whatever was asked of it, it lived through it.
    func stop() async {
        for report in host.reports {
            #expect(report.restarts == 0 && report.lastError == nil, "\(report.lastError ?? "")")
        }
        await host.stop()
        #expect(host.reports.map(\.problem) == [nil])
    }

    func respond(to text: InboundText, context: CallContext) async throws -> Decision {
        guard let handle = host.responders.first else { throw PluginError(.unavailable, "it is gone") }
        return try await handle.respond(to: text)
    }

    func notify(_ event: Event, context: CallContext) async throws {
        guard let handle = host.notifiers.first else { throw PluginError(.unavailable, "it is gone") }
        try await handle.notify(event)
    }

    func put(_ messages: [Message], context: CallContext) async throws { try await host.standingStorage.put(messages) }

    func exchange(_ request: ExchangeRequest, context: CallContext) async throws -> ExchangeReply {
        try await host.standingStorage.exchange(request)
    }

    func owned(by gateway: String, context: CallContext) async throws -> [Message] {
        try await host.standingStorage.owned(by: gateway)
    }

    func messages(_ query: MessageQuery, context: CallContext) async throws -> [Message] {
        try await host.standingStorage.messages(query)
    }

    func change(_ change: MessageChange, context: CallContext) async throws -> Bool {
        try await host.standingStorage.change(change)
    }

    func recordConsent(_ events: [ConsentEvent], context: CallContext) async throws {
        try await host.standingStorage.recordConsent(events)
    }

    func consent(_ query: ConsentQuery, context: CallContext) async throws -> ConsentPage {
        try await host.standingStorage.consent(query)
    }

    func erase(_ request: ErasureRequest, context: CallContext) async throws -> ErasureReply {
        try await host.standingStorage.erase(request)
    }

    func contact(_ phone: String, context: CallContext) async throws -> StoredContact {
        try await host.standingStorage.contact(phone)
    }

    func heartbeat(_ presence: GatewayPresence, context: CallContext) async throws -> [GatewayPresence] {
        try await host.standingStorage.heartbeat(presence)
    }

    func customers(_ query: CustomerQuery, context: CallContext) async throws -> [Customer] {
        guard let directory = host.customers else { throw PluginError(.unsupported, "nobody knows customers") }
        return try await directory.customers(query)
    }

    func search(_ search: CustomerSearch, context: CallContext) async throws -> [Customer] {
        guard let directory = host.customers else { throw PluginError(.unsupported, "nobody knows customers") }
        return try await directory.search(search)
    }

    func records(_ query: RecordQuery, context: CallContext) async throws -> [CustomerRecord] {
        guard let directory = host.customers else { throw PluginError(.unsupported, "nobody knows customers") }
        return try await directory.records(query)
    }

    func putRecords(_ batch: RecordBatch, context: CallContext) async throws -> RecordReply {
        guard let directory = host.customers else { throw PluginError(.unsupported, "nobody knows customers") }
        return try await directory.putRecords(batch)
    }

    func importRows(_ batch: ImportBatch, context: CallContext) async throws -> ImportReply {
        guard let directory = host.customers else { throw PluginError(.unsupported, "nobody knows customers") }
        return try await directory.importRows(batch)
    }

    func endImport(_ end: ImportEnd, context: CallContext) async throws -> [ImportTableChange] {
        guard let directory = host.customers else { throw PluginError(.unsupported, "nobody knows customers") }
        return try await directory.endImport(end)
    }

    func list(_ query: ListQuery, context: CallContext) async throws -> ListPage {
        guard let directory = host.customers else { throw PluginError(.unsupported, "nobody knows customers") }
        return try await directory.list(query)
    }

    func changeCustomers(_ change: CustomerChange, context: CallContext) async throws -> CustomerDifferences {
        guard let directory = host.customers else { throw PluginError(.unsupported, "nobody knows customers") }
        return try await directory.change(change)
    }

    func health(context: CallContext) async throws -> StorageHealth { try await host.standingStorage.health() }
}
