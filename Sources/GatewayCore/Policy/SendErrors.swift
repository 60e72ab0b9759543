internal import ModemKit

/// What a refusal by modem or network means for the text: try again, or give up.
enum SendErrors {
    /// The numbers of TS 27.005 §3.2.5, TS 24.011 §8.2.5.4 and TS 23.040 §9.2.3.22 that blame the number or the PDU:
    /// another attempt cannot help. Those that blame SIM, modem or network are tried again, perhaps by another modem.
    private static let permanent: Set<Int> = [
        1, 21, 28, 29, 30, 50, 69, 81, 95, 96, 97, 98, 99, 111,
        128, 129, 130, 143, 144, 145, 159, 160, 161, 175, 176, 195, 196, 197, 198, 199, 213,
        304, 305, 340,
    ]

    static func isPermanent(_ code: SubmissionOutcome.ErrorCode?) -> Bool {
        if case .cms(let number) = code { permanent.contains(number) } else { false }
    }

    /// CMS 332: the network did not answer in time. The part may have left: that is no refusal.
    static func isUncertain(_ code: SubmissionOutcome.ErrorCode?) -> Bool {
        code == .cms(332)
    }

    /// A stable word for the table's `error_code`.
    static func word(_ code: SubmissionOutcome.ErrorCode?) -> String {
        switch code {
        case .cms(let number): "cms-\(number)"
        case .cme(let number): "cme-\(number)"
        case nil: "modem-error"
        }
    }

    /// One sentence for people.
    static func sentence(_ code: SubmissionOutcome.ErrorCode?) -> String {
        switch code {
        case .cms(let number): cms[number] ?? "the network or modem refused it (CMS \(number))"
        case .cme(let number): "the modem refused it (CME \(number))"
        case nil: "the modem answered ERROR without a reason"
        }
    }

    private static let cms: [Int: String] = [
        1: "the number is not allocated",
        8: "the operator bars this SIM from sending",
        10: "this SIM may not send texts: ask the operator, or top it up",
        21: "the network rejected the short message",
        27: "the destination is out of order",
        28: "the number is not known to the network",
        29: "the facility was rejected",
        30: "the subscriber is unknown",
        38: "the network is out of order",
        41: "the network had a temporary failure",
        42: "the network is congested",
        47: "the network had no resources",
        50: "the facility is not subscribed on this SIM",
        69: "the network does not implement this",
        96: "the network found the message invalid",
        208: "the SIM's message storage is full",
        300: "the modem failed",
        301: "the modem's SMS service is reserved",
        304: "the modem found the PDU invalid",
        305: "the modem found a parameter invalid",
        310: "there is no SIM in the modem",
        311: "the SIM asks for its PIN",
        313: "the SIM failed",
        314: "the SIM is busy",
        316: "the SIM asks for its PUK",
        320: "the modem's memory failed",
        322: "the modem's memory is full",
        330: "the service centre's address is not known: set AT+CSCA",
        331: "the modem has no network service",
        332: "the network did not answer in time",
        500: "the modem gave no reason (unknown error)",
        512: "the modem could not send just now",
    ]
}

extension SubmissionOutcome {
    /// The network has it, or may have: it counts for the limits.
    var mayHaveLeft: Bool {
        switch self {
        case .accepted, .unknown: true
        case .refused(let code): SendErrors.isUncertain(code)
        case .notSent: false
        }
    }
}
