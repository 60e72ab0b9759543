/// SMS-COMMAND: the phone asks the service centre to do something with a text it sent before (TS 23.040 §9.2.2.4).
public struct Command: Sendable, Hashable {
    /// What is asked for (TS 23.040 §9.2.3.19).
    public enum Kind: Sendable, Hashable {
        /// What became of the text?
        case enquiry
        /// Send no status report of it.
        case cancelStatusReport
        /// Delete it.
        case delete
        /// Send a status report of it.
        case enableStatusReport
        /// A type that the specification reserves.
        case reserved
        /// A type of the service centre's own.
        case serviceCentreSpecific
    }

    /// The service centre it goes to; nil leaves it to the SIM.
    public var serviceCentre: Address?
    /// True to have a status report sent as the answer.
    public var requestReport: Bool
    /// TP-MR of the command itself.
    public var reference: UInt8
    /// TP-PID (TS 23.040 §9.2.3.9).
    public var protocolIdentifier: UInt8
    /// TP-CT.
    public var commandType: UInt8
    /// TP-MN: TP-MR of the text that it is about.
    public var messageNumber: UInt8
    /// To whom that text went.
    public var recipient: Address
    /// TP-CD: octets for the service centre, with a header where TP-UDHI says so.
    public var data: UserData

    /// A command about the text `messageNumber` to `recipient`.
    public init(
        serviceCentre: Address? = nil, requestReport: Bool = false, reference: UInt8 = 0, commandType: UInt8,
        messageNumber: UInt8, recipient: Address, data: UserData = UserData(encoding: .octets, content: [])
    ) {
        self.serviceCentre = serviceCentre
        self.requestReport = requestReport
        self.reference = reference
        protocolIdentifier = 0
        self.commandType = commandType
        self.messageNumber = messageNumber
        self.recipient = recipient
        self.data = data
    }

    init(_ reader: inout ByteReader, first: UInt8, serviceCentre: Address?) throws(PDUError) {
        self.serviceCentre = serviceCentre
        requestReport = first & FirstOctet.statusReport != 0
        reference = try reader.octet("message reference")
        protocolIdentifier = try reader.octet("protocol identifier")
        commandType = try reader.octet("command type")
        messageNumber = try reader.octet("message number")
        recipient = try Address.read(&reader)
        data = try UserData.read(
            &reader, coding: DataCoding(encoding: .octets), hasHeader: first & FirstOctet.hasHeader != 0)
    }

    /// What is asked for.
    public var kind: Kind {
        switch commandType {
        case 0x00: .enquiry
        case 0x01: .cancelStatusReport
        case 0x02: .delete
        case 0x03: .enableStatusReport
        case 0xE0...0xFF: .serviceCentreSpecific
        default: .reserved
        }
    }

    /// The octets: the TPDU alone, or with the service-centre address before it.
    public func encode(withServiceCentre: Bool = false) -> [UInt8] {
        var bytes: [UInt8] = []
        if withServiceCentre { Address.writeServiceCentre(serviceCentre, to: &bytes) }
        bytes.append(
            FirstOctet.make(
                0x02, (requestReport, FirstOctet.statusReport), (data.header != nil, FirstOctet.hasHeader)))
        bytes += [reference, protocolIdentifier, commandType, messageNumber]
        recipient.write(to: &bytes)
        data.write(to: &bytes)
        return bytes
    }
}
