import PluginKit

/// One call of a capability as a value: what a handle asks, what a worker's socket carries.
enum PluginCall: Sendable, Hashable {
    /// `conductor.responder/1`
    case respond(InboundText)
    /// `conductor.notifier/1`
    case notify(Event)
    /// `conductor.storage/1`, as the next ones.
    case put([Message])
    case exchange(ExchangeRequest)
    case owned(gateway: String)
    case messages(MessageQuery)
    case change(MessageChange)
    case recordConsent([ConsentEvent])
    case consent(ConsentQuery)
    case health
    case erase(ErasureRequest)
    case contact(phone: String)
    case sizes
    case heartbeat(GatewayPresence)
    /// `conductor.crm/1`
    case customers(CustomerQuery)
    case customerSearch(CustomerSearch)
    case records(RecordQuery)
    case putRecords(RecordBatch)
    case importRows(ImportBatch)
    case endImport(ImportEnd)
    case list(ListQuery)
    case changeCustomers(CustomerChange)
}

/// What a call was answered with; which case belongs to which call is fixed.
enum PluginReply: Sendable, Hashable {
    /// To `notify`, `put` and `recordConsent`.
    case done
    /// To `respond`.
    case decision(Decision)
    /// To `exchange`.
    case exchange(ExchangeReply)
    /// To `owned` and `messages`.
    case messages([Message])
    /// To `change`.
    case changed(Bool)
    /// To `consent`.
    case consent(ConsentPage)
    /// To `health`.
    case health(StorageHealth)
    /// To `erase`.
    case erased(ErasureReply)
    /// To `contact`.
    case contact(StoredContact)
    /// To `sizes`.
    case sizes([StorageTable])
    /// To `heartbeat`.
    case fleet([GatewayPresence])
    /// To `customers` and `customerSearch`.
    case customers([Customer])
    /// To `records`.
    case records([CustomerRecord])
    /// To `putRecords`.
    case recordsPut(RecordReply)
    /// To `importRows`.
    case imported(ImportReply)
    /// To `endImport`.
    case importEnded([ImportTableChange])
    /// To `list`.
    case listed(ListPage)
    /// To `changeCustomers`.
    case customersChanged(CustomerDifferences)
}
