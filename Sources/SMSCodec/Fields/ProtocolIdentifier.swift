/// What a TP-PID says (TS 23.040 §9.2.3.9): for whom, beside a person, a message is.
public struct ProtocolIdentifier: RawRepresentable, Sendable, Hashable {
    /// The octet as it came.
    public var rawValue: UInt8

    /// The identifier `rawValue`.
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// What an identifier asks for.
    public enum Kind: Sendable, Hashable {
        /// From phone to phone, without more. Reserved values are this, too, as the specification says.
        case plain
        /// From phone to phone by another protocol than that between phone and service centre: its number, 1...31.
        case otherProtocol(UInt8)
        /// Through a device of another network; its number, 0...31.
        case interworking(UInt8)
        /// Type 0: to be acknowledged and thrown away.
        case typeZero
        /// Takes the place of the last text from the same sender with the same number, 1...7.
        case replace(UInt8)
        /// A trigger for a device (MTC, TS 23.682).
        case deviceTriggering
        /// An enhanced message that is obsolete.
        case enhancedObsolete
        /// The person shall call back.
        case returnCall
        /// For ANSI-136 networks.
        case ansi136
        /// Data for the phone itself.
        case phoneDataDownload
        /// To bring the phone back to its home network's settings ("de-personalisation").
        case phoneDepersonalisation
        /// Data for the SIM.
        case simDataDownload
        /// The service centre's own.
        case serviceCentreSpecific
    }

    /// What it asks for.
    public var kind: Kind {
        switch rawValue {
        case 0x00: .plain
        case 0x01...0x1F: .otherProtocol(rawValue)
        case 0x20...0x3F: .interworking(rawValue & 0x1F)
        case 0x40: .typeZero
        case 0x41...0x47: .replace(rawValue & 0x07)
        case 0x48: .deviceTriggering
        case 0x5E: .enhancedObsolete
        case 0x5F: .returnCall
        case 0x7C: .ansi136
        case 0x7D: .phoneDataDownload
        case 0x7E: .phoneDepersonalisation
        case 0x7F: .simDataDownload
        case 0xC0...0xFF: .serviceCentreSpecific
        default: .plain
        }
    }

    /// The number of the text whose place it takes, 1...7; nil when it takes none.
    public var replaces: UInt8? {
        guard case .replace(let number) = kind else { return nil }
        return number
    }

    /// What it asks for in words; nil for a plain text and for values that are reserved.
    public var meaning: String? {
        switch kind {
        case .plain: nil
        case .otherProtocol(let number): "protocol \(number) between phone and phone"
        case .interworking(let device): Self.device(device)
        case .typeZero: "short message type 0"
        case .replace(let number): "replace short message type \(number)"
        case .deviceTriggering: "device triggering"
        case .enhancedObsolete: "enhanced message service, obsolete"
        case .returnCall: "return call"
        case .ansi136: "ANSI-136 R-DATA"
        case .phoneDataDownload: "data download to the phone"
        case .phoneDepersonalisation: "de-personalisation of the phone"
        case .simDataDownload: "data download to the SIM"
        case .serviceCentreSpecific: "specific to the service centre"
        }
    }

    private static func device(_ number: UInt8) -> String {
        switch number {
        case 0x00: "telematic device of the destination's kind"
        case 0x01: "telex"
        case 0x02: "group 3 telefax"
        case 0x03: "group 4 telefax"
        case 0x04: "voice telephone"
        case 0x05: "ERMES"
        case 0x06: "national paging system"
        case 0x07: "videotex"
        case 0x08: "teletex, carrier unspecified"
        case 0x09: "teletex in PSPDN"
        case 0x0A: "teletex in CSPDN"
        case 0x0B: "teletex in analog PSTN"
        case 0x0C: "teletex in digital ISDN"
        case 0x0D: "UCI"
        case 0x10: "message handling facility"
        case 0x11: "public X.400 message handling system"
        case 0x12: "Internet electronic mail"
        case 0x18...0x1E: "device specific to the service centre"
        case 0x1F: "phone of the network"
        default: "reserved telematic device \(number)"
        }
    }
}
