internal import ModemKit

/// What kind of failure a text ended with: what people can do about it depends on it.
public enum FailureClass: String, Sendable, Hashable, Codable, CaseIterable {
    /// Network, SIM or modem would not take it until its attempts were used up: another time it may go.
    case temporary
    /// The number or the text is at fault: another attempt cannot help as it is.
    case permanent
    /// The network took it, and could not deliver it.
    case undelivered
    /// A rule forbade it: consent, a limit, the content.
    case policy

    /// Codes of failures that a person decided: nothing is wrong with them.
    static let decided: Set<String> = [OutgoingText.cancelledCode, OutgoingText.givenUpCode]

    /// Codes of texts that cannot be sent as they are, whoever asks.
    private static let unfit: Set<String> = ["invalid-number", "invalid-text", "empty-body", "foreign-status"]

    /// The class of a failed text by its `error_code`; nil where a person decided it.
    public init?(errorCode: String?) {
        guard let code = errorCode else {
            self = .permanent
            return
        }
        if Self.decided.contains(code) { return nil }
        if Self.unfit.contains(code) {
            self = .permanent
        } else if code.hasPrefix("report-") {
            self = .undelivered
        } else if code == "modem-error" || code.hasPrefix("cme-") {
            self = .temporary
        } else if code.hasPrefix("cms-"), let number = Int(code.dropFirst(4)) {
            self = SendErrors.isPermanent(.cms(number)) ? .permanent : .temporary
        } else {
            self = .policy
        }
    }

    /// One sentence for people.
    public var sentence: String {
        switch self {
        case .temporary: "network, SIM or modem would not take it; another time it may go"
        case .permanent: "the number or the text is at fault: another attempt cannot help as it is"
        case .undelivered: "the network took it and could not deliver it"
        case .policy: "a rule forbade it"
        }
    }
}
