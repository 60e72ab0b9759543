/// A transfer protocol data unit: one SMS as it goes between a phone and its service centre (TS 23.040 §9.2.2).
public enum TPDU: Sendable, Hashable {
    /// A text, or a part of one, that came in.
    case deliver(Deliver)
    /// A text, or a part of one, that goes out.
    case submit(Submit)
    /// What became of a text that went out.
    case statusReport(StatusReport)
    /// The phone's answer to a text that came in.
    case deliverReport(DeliverReport)
    /// The service centre's answer to a text that went out.
    case submitReport(SubmitReport)
    /// What the phone wants done with a text that went out.
    case command(Command)

    /// Which way a message goes: the same type bits mean something else either way.
    public enum Direction: Sendable, Hashable {
        /// To the phone: what a modem received.
        case mobileTerminated
        /// From the phone: what a modem sends, or stored to send.
        case mobileOriginated
    }

    /// Decodes `bytes`: the service-centre address, where `hasServiceCentre`, then the TPDU. Octets behind the TPDU are
    /// passed over, as modems store such.
    ///
    /// It answers or throws for any octets whatever.
    public static func decode(
        _ bytes: [UInt8], direction: Direction = .mobileTerminated, hasServiceCentre: Bool = true
    ) throws(PDUError) -> TPDU {
        try decodePrefix(bytes, direction: direction, hasServiceCentre: hasServiceCentre).tpdu
    }

    /// As `decode`, and says how many octets the message took from the beginning of `bytes`.
    public static func decodePrefix(
        _ bytes: [UInt8], direction: Direction = .mobileTerminated, hasServiceCentre: Bool = true
    ) throws(PDUError) -> (tpdu: TPDU, length: Int) {
        var reader = ByteReader(bytes)
        let serviceCentre = hasServiceCentre ? try Address.readServiceCentre(&reader) : nil
        let place = reader.position
        let first = try reader.octet("first octet")
        let tpdu: TPDU
        switch (direction, first & 0x03) {
        // A phone takes the reserved type as an SMS-DELIVER (TS 23.040 §9.2.3.1); a service centre does not.
        case (.mobileTerminated, 0), (.mobileTerminated, 3):
            tpdu = .deliver(try Deliver(&reader, first: first, serviceCentre: serviceCentre))
        case (.mobileTerminated, 1):
            tpdu = .submitReport(try SubmitReport(&reader, first: first, serviceCentre: serviceCentre))
        case (.mobileTerminated, 2):
            tpdu = .statusReport(try StatusReport(&reader, first: first, serviceCentre: serviceCentre))
        case (.mobileOriginated, 0):
            tpdu = .deliverReport(try DeliverReport(&reader, first: first, serviceCentre: serviceCentre))
        case (.mobileOriginated, 1): tpdu = .submit(try Submit(&reader, first: first, serviceCentre: serviceCentre))
        case (.mobileOriginated, 2):
            tpdu = .command(try Command(&reader, first: first, serviceCentre: serviceCentre))
        default:
            throw PDUError(.unsupportedType, offset: place, detail: "message type 3, which is reserved")
        }
        return (tpdu, reader.position)
    }

    /// The service centre it came from or goes to, where one is given.
    public var serviceCentre: Address? {
        switch self {
        case .deliver(let message): message.serviceCentre
        case .submit(let message): message.serviceCentre
        case .statusReport(let report): report.serviceCentre
        case .deliverReport(let report): report.serviceCentre
        case .submitReport(let report): report.serviceCentre
        case .command(let command): command.serviceCentre
        }
    }

    /// The octets: service-centre address, unless that is left out, and TPDU.
    public func encode(withServiceCentre: Bool = true) -> [UInt8] {
        switch self {
        case .deliver(let message): message.encode(withServiceCentre: withServiceCentre)
        case .submit(let message): message.encode(withServiceCentre: withServiceCentre)
        case .statusReport(let report): report.encode(withServiceCentre: withServiceCentre)
        case .deliverReport(let report): report.encode(withServiceCentre: withServiceCentre)
        case .submitReport(let report): report.encode(withServiceCentre: withServiceCentre)
        case .command(let command): command.encode(withServiceCentre: withServiceCentre)
        }
    }
}

/// The bits of a TPDU's first octet that more than one type has.
enum FirstOctet {
    /// TP-MMS: set when no more messages wait; TP-RD in a submitted one.
    static let noMoreMessages: UInt8 = 0x04
    static let rejectDuplicates: UInt8 = 0x04
    static let loopPrevention: UInt8 = 0x08
    /// TP-SRI, TP-SRR or TP-SRQ.
    static let statusReport: UInt8 = 0x20
    static let hasHeader: UInt8 = 0x40
    static let replyPath: UInt8 = 0x80

    /// The octet of `type` with those of `flags` that are true.
    static func make(_ type: UInt8, _ flags: (Bool, UInt8)...) -> UInt8 {
        flags.reduce(type) { $1.0 ? $0 | $1.1 : $0 }
    }
}
