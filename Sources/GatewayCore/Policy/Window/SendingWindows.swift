/// When texts of each class may leave; nil: at any time. Confirmations of STOP and START, and the answer to HELP, leave
/// at any time.
public struct SendingWindows: Sendable, Hashable {
    public var conversation: SendingWindow?
    public var notice: SendingWindow?
    /// Offers: 8 to 21 o'clock, as 47 CFR 64.1200(c)(1) has it for telephone solicitations.
    public var promotion: SendingWindow? = SendingWindow(spans: [.init(days: Set(0...6), start: 480, end: 1_260)])
    /// The clock of the recipient's zone counts where the number tells it, and of all of them where it tells several; else
    /// the shop's.
    public var isRecipients = true
    /// So long after a person wrote, texts to them that are no offers may leave at any time.
    public var graceMilliseconds: Int64 = 3_600_000

    public init() {}

    func window(for purpose: OutgoingText.Purpose) -> SendingWindow? {
        switch purpose {
        case .conversation: conversation
        case .notice: notice
        case .promotion: promotion
        case .consent, .check: nil
        }
    }
}
