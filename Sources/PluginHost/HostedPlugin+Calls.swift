import CPluginABI
import PluginKit

extension HostedPlugin: PluginRuntime {
    @concurrent
    func call(_ call: PluginCall) async throws(PluginError) -> PluginReply {
        switch call {
        case .respond(let text): .decision(try await respond(to: text))
        case .notify(let event): try await notify(event)
        case .put(let messages): try await put(messages)
        case .exchange(let request): .exchange(try await exchange(request))
        case .owned(let gateway): .messages(try await owned(by: gateway))
        case .messages(let query): .messages(try await messages(query))
        case .change(let change): .changed(try await self.change(change))
        case .recordConsent(let events): try await recordConsent(events)
        case .consent(let query): .consent(try await consent(query))
        case .health: .health(try await health())
        case .erase(let request): .erased(try await erase(request))
        case .contact(let phone): .contact(try await contact(phone))
        case .sizes: .sizes(try await sizes())
        case .heartbeat(let presence): .fleet(try await heartbeat(presence))
        case .customers(let query): .customers(try await customers(query))
        case .customerSearch(let search): .customers(try await customers(search))
        case .records(let query): .records(try await records(query))
        case .putRecords(let batch): .recordsPut(try await putRecords(batch))
        case .importRows(let batch): .imported(try await importRows(batch))
        case .endImport(let end): .importEnded(try await endImport(end))
        case .list(let query): .listed(try await list(query))
        case .changeCustomers(let change): .customersChanged(try await changeCustomers(change))
        }
    }

    private func respond(to text: InboundText) async throws(PluginError) -> Decision {
        guard let respond = responder?.respond else { throw .notOffered }
        return try await invoke(as: Decision.self) { raw, call, token in
            var arena = Arena()
            var form = text.cForm(in: &arena)
            respond(raw, call, &form, Completions.decision, token)
            arena.end()
        }
    }

    private func notify(_ event: Event) async throws(PluginError) -> PluginReply {
        guard let notify = notifier?.notify else { throw .notOffered }
        try await invoke(as: Void.self) { raw, call, token in
            var arena = Arena()
            var form = event.cForm(in: &arena)
            notify(raw, call, &form, Completions.none, token)
            arena.end()
        }
        return .done
    }

    private func put(_ messages: [Message]) async throws(PluginError) -> PluginReply {
        guard let put = storage?.put else { throw .notOffered }
        try await invoke(as: Void.self) { raw, call, token in
            var arena = Arena(capacity: 256 + messages.count * 384)
            put(raw, call, arena.array(messages), Completions.none, token)
            arena.end()
        }
        return .done
    }

    private func exchange(_ request: ExchangeRequest) async throws(PluginError) -> ExchangeReply {
        guard let exchange = storage?.exchange else { throw .notOffered }
        let reply = try await invoke(as: ExchangeReply.self) { raw, call, token in
            var arena = Arena(capacity: 512 + (request.finished.count + request.starting.count) * 256)
            var form = request.cForm(in: &arena)
            exchange(raw, call, &form, Completions.exchange, token)
            arena.end()
        }
        // Which rows were begun is not known then: whoever asks finds out with `owned`, and sends nothing before.
        guard reply.started.count == request.starting.count else {
            throw PluginError(
                .internal,
                "the storage was asked to begin \(request.starting.count) rows, and said of \(reply.started.count) "
                    + "whether they are begun")
        }
        return reply
    }

    private func owned(by gateway: String) async throws(PluginError) -> [Message] {
        guard let owned = storage?.owned else { throw .notOffered }
        return try await invoke(as: MessagesReply.self) { raw, call, token in
            var arena = Arena()
            owned(raw, call, arena.slice(gateway), Completions.messages, token)
            arena.end()
        }.messages
    }

    private func messages(_ query: MessageQuery) async throws(PluginError) -> [Message] {
        guard let messages = storage?.messages else { throw .notOffered }
        return try await invoke(as: MessagesReply.self) { raw, call, token in
            var arena = Arena()
            var form = query.cForm(in: &arena)
            messages(raw, call, &form, Completions.messages, token)
            arena.end()
        }.messages
    }

    private func change(_ change: MessageChange) async throws(PluginError) -> Bool {
        guard let function = storage?.change else { throw .notOffered }
        return try await invoke(as: ChangeReply.self) { raw, call, token in
            var arena = Arena()
            var form = change.cForm(in: &arena)
            function(raw, call, &form, Completions.change, token)
            arena.end()
        }.changed
    }

    private func recordConsent(_ events: [ConsentEvent]) async throws(PluginError) -> PluginReply {
        guard let record = storage?.record_consent else { throw .notOffered }
        try await invoke(as: Void.self) { raw, call, token in
            var arena = Arena()
            record(raw, call, arena.array(events), Completions.none, token)
            arena.end()
        }
        return .done
    }

    private func consent(_ query: ConsentQuery) async throws(PluginError) -> ConsentPage {
        guard let consent = storage?.consent else {
            throw PluginError(.unsupported, "this storage only records consent, and does not give it back")
        }
        return try await invoke(as: ConsentPage.self) { raw, call, token in
            var arena = Arena()
            var form = query.cForm(in: &arena)
            consent(raw, call, &form, Completions.consent, token)
            arena.end()
        }
    }

    private func health() async throws(PluginError) -> StorageHealth {
        guard let health = storage?.health else { throw .notOffered }
        return try await invoke(as: StorageHealth.self) { raw, call, token in
            health(raw, call, Completions.health, token)
        }
    }

    private func erase(_ request: ErasureRequest) async throws(PluginError) -> ErasureReply {
        guard let erase = storage?.erase else {
            throw PluginError(.unsupported, "this storage cannot erase: delete the rows where they are kept")
        }
        return try await invoke(as: ErasureReply.self) { raw, call, token in
            var arena = Arena()
            var form = request.cForm(in: &arena)
            erase(raw, call, &form, Completions.erasure, token)
            arena.end()
        }
    }

    private func contact(_ phone: String) async throws(PluginError) -> StoredContact {
        guard let contact = storage?.contact else {
            throw PluginError(.unsupported, "this storage cannot tell what it keeps of a person")
        }
        return try await invoke(as: StoredContact.self) { raw, call, token in
            var arena = Arena()
            contact(raw, call, arena.slice(phone), Completions.contact, token)
            arena.end()
        }
    }

    private func sizes() async throws(PluginError) -> [StorageTable] {
        guard let sizes = storage?.sizes else {
            throw PluginError(.unsupported, "this storage does not tell what its tables take")
        }
        return try await invoke(as: SizesReply.self) { raw, call, token in
            sizes(raw, call, Completions.sizes, token)
        }.tables
    }

    private func heartbeat(_ presence: GatewayPresence) async throws(PluginError) -> [GatewayPresence] {
        guard let heartbeat = storage?.heartbeat else {
            throw PluginError(.unsupported, "gateways do not see each other on this storage")
        }
        return try await invoke(as: FleetReply.self) { raw, call, token in
            var arena = Arena()
            var form = presence.cForm(in: &arena)
            heartbeat(raw, call, &form, Completions.fleet, token)
            arena.end()
        }.gateways
    }

    private func customers(_ query: CustomerQuery) async throws(PluginError) -> [Customer] {
        guard let customers = crm?.customers else { throw .notOffered }
        return try await invoke(as: CustomersReply.self) { raw, call, token in
            var arena = Arena()
            var form = query.cForm(in: &arena)
            customers(raw, call, &form, Completions.customers, token)
            arena.end()
        }.customers
    }

    private func customers(_ search: CustomerSearch) async throws(PluginError) -> [Customer] {
        guard let function = crm?.search else {
            throw PluginError(.unsupported, "the plugin that knows customers cannot be searched")
        }
        return try await invoke(as: CustomersReply.self) { raw, call, token in
            var arena = Arena()
            var form = search.cForm(in: &arena)
            function(raw, call, &form, Completions.customers, token)
            arena.end()
        }.customers
    }

    private func records(_ query: RecordQuery) async throws(PluginError) -> [CustomerRecord] {
        guard let records = crm?.records else {
            throw PluginError(.unsupported, "the plugin that knows customers cannot give its tables")
        }
        return try await invoke(as: RecordsReply.self) { raw, call, token in
            var arena = Arena()
            var form = query.cForm(in: &arena)
            records(raw, call, &form, Completions.records, token)
            arena.end()
        }.records
    }

    private func putRecords(_ batch: RecordBatch) async throws(PluginError) -> RecordReply {
        guard let put = crm?.put_records else {
            throw PluginError(.unsupported, "the plugin that knows customers takes no rows into its tables")
        }
        let reply = try await invoke(as: RecordReply.self) { raw, call, token in
            var arena = Arena(capacity: 256 + batch.records.count * 384)
            var form = batch.cForm(in: &arena)
            put(raw, call, &form, Completions.recordsPut, token)
            arena.end()
        }
        guard reply.outcomes.count == batch.records.count else { throw .wrongReply }
        return reply
    }

    private func importRows(_ batch: ImportBatch) async throws(PluginError) -> ImportReply {
        guard let rows = crm?.import_rows else { throw PluginError(.unsupported, "nothing can be imported here") }
        let reply = try await invoke(as: ImportReply.self) { raw, call, token in
            let cells = batch.sections.reduce(0) { $0 + $1.values.count }
            var arena = Arena(capacity: 1_024 + cells * 64)
            var form = batch.cForm(in: &arena)
            rows(raw, call, &form, Completions.imported, token)
            arena.end()
        }
        guard reply.outcomes.count == batch.sections.reduce(0, { $0 + $1.count }) else { throw .wrongReply }
        return reply
    }

    private func endImport(_ end: ImportEnd) async throws(PluginError) -> [ImportTableChange] {
        guard let function = crm?.end_import else { throw PluginError(.unsupported, "nothing can be imported here") }
        return try await invoke(as: ImportSummary.self) { raw, call, token in
            var arena = Arena()
            var form = end.cForm(in: &arena)
            function(raw, call, &form, Completions.importEnded, token)
            arena.end()
        }.tables
    }

    private func list(_ query: ListQuery) async throws(PluginError) -> ListPage {
        guard let list = crm?.list else { throw PluginError(.unsupported, "customers are not listed here") }
        return try await invoke(as: ListPage.self) { raw, call, token in
            var arena = Arena()
            var form = query.cForm(in: &arena)
            list(raw, call, &form, Completions.listed, token)
            arena.end()
        }
    }

    private func changeCustomers(_ change: CustomerChange) async throws(PluginError) -> CustomerDifferences {
        guard let function = crm?.change_customers else {
            throw PluginError(.unsupported, "customers are not changed here")
        }
        return try await invoke(as: CustomerDifferences.self) { raw, call, token in
            var arena = Arena()
            var form = change.cForm(in: &arena)
            function(raw, call, &form, Completions.customersChanged, token)
            arena.end()
        }
    }
}
