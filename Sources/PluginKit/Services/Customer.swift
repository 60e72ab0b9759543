/// Which customer to look up: `Host.customer`.
public struct CustomerQuery: Sendable, Hashable {
    /// Any form the gateway's normaliser reads.
    public var phone: String
    /// At most so many purchases come with the customer, newest first; 0...100.
    public var purchases: Int32

    public init(phone: String, purchases: Int32 = 10) {
        self.phone = phone
        self.purchases = purchases
    }
}

/// Who has a number, and how it stands with them: `Host.card`.
public struct CustomerCard: Sendable, Hashable, Codable {
    /// Who was here last first; none: nobody in the CRM has the number.
    public var customers: [Customer]
    /// The number has said STOP.
    public var isOptedOut: Bool
    /// There were texts with the number lately, and nobody closed the conversation.
    public var isConversationOpen: Bool

    public init(customers: [Customer], isOptedOut: Bool = false, isConversationOpen: Bool = false) {
        self.customers = customers
        self.isOptedOut = isOptedOut
        self.isConversationOpen = isConversationOpen
    }
}

/// A customer of the business, as its CRM knows them. Amounts are millionths of the shop's currency; dates are
/// `YYYY-MM-DD`. What the CRM does not know is nil.
public struct Customer: Sendable, Hashable, Codable {
    public var id: String
    public var name: String?
    public var email: String?
    /// E.164.
    public var phone: String?
    public var visitCount: Int32?
    public var lifetimeValueMicros: Int64?
    public var firstVisit: String?
    public var lastVisit: String?
    /// `New`, `Casual`, `Regular`, `VIP`.
    public var vipStatus: String?
    /// `Low`, `Medium`, `High`.
    public var churnRisk: String?
    public var averageTransactionMicros: Int64?
    public var daysSinceLastVisit: Int32?
    public var preferredLocation: String?
    public var preferredStaff: String?
    /// Others have the same number: who wrote is one of them, and nothing says which.
    public var isAmbiguous: Bool
    /// Newest first; as many as were asked for.
    public var purchases: [Purchase]

    public init(
        id: String, name: String? = nil, email: String? = nil, phone: String? = nil, visitCount: Int32? = nil,
        lifetimeValueMicros: Int64? = nil, firstVisit: String? = nil, lastVisit: String? = nil,
        vipStatus: String? = nil, churnRisk: String? = nil, averageTransactionMicros: Int64? = nil,
        daysSinceLastVisit: Int32? = nil, preferredLocation: String? = nil, preferredStaff: String? = nil,
        isAmbiguous: Bool = false, purchases: [Purchase] = []
    ) {
        self.id = id
        self.name = name
        self.email = email
        self.phone = phone
        self.visitCount = visitCount
        self.lifetimeValueMicros = lifetimeValueMicros
        self.firstVisit = firstVisit
        self.lastVisit = lastVisit
        self.vipStatus = vipStatus
        self.churnRisk = churnRisk
        self.averageTransactionMicros = averageTransactionMicros
        self.daysSinceLastVisit = daysSinceLastVisit
        self.preferredLocation = preferredLocation
        self.preferredStaff = preferredStaff
        self.isAmbiguous = isAmbiguous
        self.purchases = purchases
    }
}
