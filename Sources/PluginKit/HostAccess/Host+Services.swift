import CPluginABI

/// What the host does for a plugin. Each call throws `.unsupported`, naming the grant, when the drop-in does not grant the
/// service; `.invalid` when the request is wrong; `.conflict` when consent or a limit forbids it; `.unavailable` when it
/// cannot be done now; `.cancelled` when the task is. Any task, any thread.
extension Host {
    /// Has a text sent, within the grant's rate: `grants: [{send: {per_hour: 60}}]`. Returns when the text is durable, not
    /// when it has left. Consent, the number's form and limits are the gateway's to judge.
    @discardableResult
    public func send(_ request: OutgoingRequest) async throws(PluginError) -> SendReceipt {
        switch backing {
        case .functions(let host):
            return try await ServiceFunctions.ask(host.services.send, request, otherwise: notGranted("send"))
        case .table(let table):
            guard let function = table.send?.send else { throw notGranted("send") }
            return try await table.ask(as: SendReceipt.self) { raw, call, token in
                var arena = Arena()
                var form = request.cForm(in: &arena)
                function(raw, call, &form, HostCompletions.sent, token)
                arena.end()
            }
        }
    }

    /// Texts from and to a person, newest first. `grants: [conversation]` is for the person the plugin is asked about at
    /// that moment; `{conversation: {numbers: any}}` for anybody.
    public func conversation(
        with phone: String, limit: Int32 = 20, before: Int64? = nil
    ) async throws(PluginError) -> ConversationPage {
        let query = ConversationQuery(phone: phone, limit: limit, before: before)
        switch backing {
        case .functions(let host):
            return try await ServiceFunctions.ask(
                host.services.conversation, query, otherwise: notGranted("conversation"))
        case .table(let table):
            guard let function = table.conversation?.page else { throw notGranted("conversation") }
            return try await table.ask(as: ConversationPage.self) { raw, call, token in
                var arena = Arena()
                var form = query.cForm(in: &arena)
                function(raw, call, &form, HostCompletions.conversation, token)
                arena.end()
            }
        }
    }

    /// What the business keeps about a person. `grants: [contact]`, or `{contact: {numbers: any}}` for anybody.
    public func contact(for phone: String) async throws(PluginError) -> Contact {
        switch backing {
        case .functions(let host):
            return try await ServiceFunctions.ask(host.services.contact, phone, otherwise: notGranted("contact"))
        case .table(let table):
            guard let function = table.contact?.get else { throw notGranted("contact") }
            return try await table.ask(as: Contact.self) { raw, call, token in
                var arena = Arena()
                function(raw, call, arena.slice(phone), HostCompletions.contact, token)
                arena.end()
            }
        }
    }

    /// Changes a contact, as pausing the bot or naming who looks after the person; the contact as it is then.
    @discardableResult
    public func change(_ change: ContactChange) async throws(PluginError) -> Contact {
        switch backing {
        case .functions(let host):
            return try await ServiceFunctions.ask(
                host.services.changeContact, change, otherwise: notGranted("contact"))
        case .table(let table):
            guard let function = table.contact?.change else { throw notGranted("contact") }
            return try await table.ask(as: Contact.self) { raw, call, token in
                var arena = Arena()
                var form = change.cForm(in: &arena)
                function(raw, call, &form, HostCompletions.contact, token)
                arena.end()
            }
        }
    }

    /// The customer with this number and what they bought, newest first; nil when nobody has it. Where several have it,
    /// the one who was here last, marked `isAmbiguous`; `customers(for:)` has them all.
    public func customer(for phone: String, purchases: Int32 = 10) async throws(PluginError) -> Customer? {
        try await customers(for: phone, purchases: purchases).first
    }

    /// Everybody with this number, who was here last first, and what they bought.
    public func customers(for phone: String, purchases: Int32 = 10) async throws(PluginError) -> [Customer] {
        try await card(for: phone, purchases: purchases).customers
    }

    /// Everybody with this number and what they bought, whether they said STOP, and whether people are talking with them:
    /// in one call. `grants: [crm]`, or `{crm: {numbers: any}}` for anybody.
    public func card(for phone: String, purchases: Int32 = 10) async throws(PluginError) -> CustomerCard {
        let query = CustomerQuery(phone: phone, purchases: purchases)
        switch backing {
        case .functions(let host):
            return try await ServiceFunctions.ask(host.services.card, query, otherwise: notGranted("crm"))
        case .table(let table):
            guard let function = table.crm?.customer else { throw notGranted("crm") }
            return try await table.ask(as: CustomerCard.self) { raw, call, token in
                var arena = Arena()
                var form = query.cForm(in: &arena)
                function(raw, call, &form, HostCompletions.customer, token)
                arena.end()
            }
        }
    }

    /// Makes a request to a server that the drop-in names: `grants: [{http: ["https://api.example.com/"]}]`. Whatever the
    /// server answers is returned; `.unavailable` means that none was reached.
    public func http(_ request: HTTPRequest) async throws(PluginError) -> HTTPResponse {
        switch backing {
        case .functions(let host):
            return try await ServiceFunctions.ask(host.services.http, request, otherwise: notGranted("http"))
        case .table(let table):
            guard let function = table.http?.request else { throw notGranted("http") }
            return try await table.ask(as: HTTPResponse.self) { raw, call, token in
                var arena = Arena(capacity: 512 + request.body.count)
                var form = request.cForm(in: &arena)
                function(raw, call, &form, HostCompletions.response, token)
                arena.end()
            }
        }
    }

    /// Small values that outlive the plugin. `grants: [kv]`, which a drop-in has unless it says otherwise.
    public var keyValue: KeyValueStore { KeyValueStore(host: self) }

    /// Figures for `/metrics`. `grants: [metrics]`, which a drop-in has unless it says otherwise; without, nothing happens.
    public var metrics: PluginMetrics { PluginMetrics(host: self) }

    func notGranted(_ grant: String) -> PluginError {
        PluginError(
            .unsupported,
            "the host's service \"\(grant)\" is not granted to this plugin, or this host does not have it: add "
                + "\"\(grant)\" to `grants` in the drop-in \(instanceName)")
    }
}
