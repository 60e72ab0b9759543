/// One SMS part handed to a modem.
public struct Submission: Sendable, Hashable {
    /// The SMS-SUBMIT TPDU without service-centre address.
    public var tpdu: [UInt8]
    /// More parts of the same text follow at once (AT+CMMS keeps the link open).
    public var moreFollow: Bool

    public init(tpdu: [UInt8], moreFollow: Bool = false) {
        self.tpdu = tpdu
        self.moreFollow = moreFollow
    }
}

/// What became of a part.
public enum SubmissionOutcome: Sendable, Hashable {
    /// The network took it, under this TP-MR.
    case accepted(reference: UInt8)
    /// Refused: +CMS ERROR or +CME ERROR with its number, or a plain ERROR (nil).
    case refused(code: ErrorCode?)
    /// The PDU was written, or may have been, and no final result came.
    case unknown(reason: String)
    /// Nothing was written to the radio: the port was gone, the permit was refused, no prompt came.
    case notSent(reason: String)

    /// A number of TS 27.005 §3.2.5 (CMS) or TS 27.007 §9.2 (CME): the same number means different things in each.
    public enum ErrorCode: Sendable, Hashable {
        case cms(Int)
        case cme(Int)
    }
}
