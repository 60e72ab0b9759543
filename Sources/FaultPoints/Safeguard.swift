#if CONDUCTOR_TORTURE
    internal import Glibc

    /// A rule on which the promise "never lost, never twice" stands. The torture build can switch each off, to show that
    /// the harness sees what then goes wrong; no other build has this type.
    public enum Safeguard: String, Sendable, CaseIterable {
        /// What was read is durable before the modem forgets it (A1).
        case journalBeforeDelete = "journal-before-delete"
        /// The intent is durable before the PDU is written (B1).
        case intentBeforePDU = "intent-before-pdu"
        /// What is read again is recognised (decision 2).
        case rereadRecognition = "reread-recognition"
        /// Storage has confirmed that a row is ours before it is sent (decision 3).
        case begin
        /// The texts of one recipient leave one after the other (B11).
        case recipientOrder = "recipient-order"
        /// Decision and answer are one transaction.
        case decisionWithReply = "decision-with-reply"

        /// `CONDUCTOR_SAFEGUARDS_OFF`: names, with commas between them.
        private static let off: Set<String> = {
            guard let value = getenv("CONDUCTOR_SAFEGUARDS_OFF").map({ String(cString: $0) }) else { return [] }
            return Set(value.split(separator: ",").map(String.init))
        }()

        /// Whether it holds in this run.
        public var isOn: Bool { !Self.off.contains(rawValue) }
    }
#endif
