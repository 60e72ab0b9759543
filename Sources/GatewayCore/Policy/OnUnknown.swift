/// What becomes of a text of which nobody knows whether it left, when its delivery report has not come in time; one
/// answer a class of texts.
public struct OnUnknown: Sendable, Hashable {
    public enum Action: String, Sendable, Hashable, Codable, CaseIterable {
        /// A person is asked: nothing is ever sent twice.
        case ask = "wait_report_then_ask"
        /// It is sent again: for texts that had better come twice than never.
        case resend
    }

    /// Answers, and what people write.
    public var conversation = Action.ask
    /// Something a person waits for: a code, an order, an appointment.
    public var notice = Action.ask
    /// Offers.
    public var promotion = Action.ask

    public init() {}

    /// The same for every class.
    public init(all action: Action) {
        (conversation, notice, promotion) = (action, action, action)
    }

    /// The one confirmation of STOP is one, whatever the rest is.
    func resends(_ purpose: OutgoingText.Purpose) -> Bool {
        switch purpose {
        case .conversation: conversation == .resend
        case .notice: notice == .resend
        case .promotion: promotion == .resend
        case .consent: false
        // Its time is over: the next one tells more.
        case .check: false
        }
    }
}
