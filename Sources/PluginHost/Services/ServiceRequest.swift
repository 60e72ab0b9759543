public import PluginKit

/// What a plugin asks of the host as a value: what the C tables of this process make, and what a worker's socket carries.
public enum ServiceRequest: Sendable, Hashable {
    /// `conductor.host.send/1`
    case send(OutgoingRequest)
    /// `conductor.host.conversation/1`
    case conversation(ConversationQuery)
    /// `conductor.host.contact/1`, as the next one.
    case contact(phone: String)
    case changeContact(ContactChange)
    /// `conductor.host.crm/1`
    case customer(CustomerQuery)
    /// `conductor.host.kv/1`, as the next ones.
    case value(key: String)
    case setValue(KeyValueEntry)
    case removeValue(key: String)
    case keys(KeyValueQuery)
    /// `conductor.host.http/1`
    case http(HTTPRequest)
}

/// What the host answered; which case belongs to which request is fixed.
public enum ServiceReply: Sendable, Hashable {
    /// To `setValue` and `removeValue`.
    case done
    /// To `send`.
    case sent(SendReceipt)
    /// To `conversation`.
    case conversation(ConversationPage)
    /// To `contact` and `changeContact`.
    case contact(Contact)
    /// To `customer`.
    case card(CustomerCard)
    /// To `value`; nil when there is none.
    case value([UInt8]?)
    /// To `keys`, in the order of their bytes.
    case keys([String])
    /// To `http`.
    case http(HTTPResponse)
}
