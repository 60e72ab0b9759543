/// TP-Status: what became of a text (TS 23.040 §9.2.3.15).
public struct ReportStatus: RawRepresentable, Sendable, Hashable {
    /// The octet as it came.
    public var rawValue: UInt8

    /// The status `rawValue`.
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// What a status comes to.
    public enum Outcome: String, Sendable, Hashable, CaseIterable {
        /// The phone has it.
        case delivered
        /// The service centre is done with it and does not know whether the phone has it.
        case unconfirmed
        /// Not yet, and another report will follow.
        case stillTrying
        /// Never: a permanent error.
        case failed
        /// Not, and the service centre no longer tries, though the error was a passing one.
        case gaveUp
    }

    /// What it comes to. Values the specification reserves from 0x80 on are "service rejected", as it says.
    public var outcome: Outcome {
        switch rawValue {
        case 0x00: .delivered
        case 0x01...0x1F: .unconfirmed
        case 0x20...0x3F: .stillTrying
        case 0x40...0x5F: .failed
        default: .gaveUp
        }
    }

    /// The status in words.
    public var meaning: String {
        switch rawValue {
        case 0x00: "received by the phone"
        case 0x01: "forwarded, delivery not confirmed"
        case 0x02: "replaced by the service centre"
        case 0x20, 0x60: "congestion"
        case 0x21, 0x61: "the phone was busy"
        case 0x22, 0x62: "no response from the phone"
        case 0x23, 0x63: "service rejected"
        case 0x24, 0x44, 0x64: "quality of service not available"
        case 0x25, 0x65: "error in the phone"
        case 0x40: "remote procedure error"
        case 0x41: "incompatible destination"
        case 0x42: "connection rejected by the phone"
        case 0x43: "not obtainable"
        case 0x45: "no interworking available"
        case 0x46: "validity period expired"
        case 0x47: "deleted by the sender"
        case 0x48: "deleted by the service centre"
        case 0x49: "the service centre does not know the text"
        default: "\(Self.group(of: outcome)) (status \(rawValue))"
        }
    }

    private static func group(of outcome: Outcome) -> String {
        switch outcome {
        case .delivered: "received by the phone"
        case .unconfirmed: "completed, delivery not confirmed"
        case .stillTrying: "a passing error, still tried"
        case .failed: "a permanent error"
        case .gaveUp: "a passing error, no longer tried"
        }
    }
}
