/// SMS-SUBMIT: a text, or a part of one, from the phone to the service centre (TS 23.040 §9.2.2.2).
public struct Submit: Sendable, Hashable {
    /// The service centre to use; nil leaves it to the SIM.
    public var serviceCentre: Address?
    /// TP-MR; modems set their own and tell it with the result.
    public var reference: UInt8
    /// To whom it goes.
    public var recipient: Address
    /// TP-PID (TS 23.040 §9.2.3.9); 0 for a plain text.
    public var protocolIdentifier: UInt8
    /// TP-DCS; `DataCoding` reads it.
    public var dataCoding: UInt8
    /// True to have a status report sent when the text arrived or was given up.
    public var requestReport: Bool
    /// True to have the service centre refuse a second text of the same reference to the same recipient.
    public var rejectDuplicates: Bool
    /// True to let the answer go through this service centre.
    public var replyPath: Bool
    /// How long the service centre tries; nil leaves it to the network.
    public var validity: Validity?
    /// The text and its header.
    public var userData: UserData

    /// A text to `recipient`; `messageClass` 0 shows at once and is not stored, 1 to 3 as TS 23.038 §4 says.
    public init(
        serviceCentre: Address? = nil, reference: UInt8 = 0, recipient: Address, requestReport: Bool = false,
        rejectDuplicates: Bool = false, replyPath: Bool = false, validity: Validity? = nil,
        messageClass: UInt8? = nil, userData: UserData
    ) {
        self.serviceCentre = serviceCentre
        self.reference = reference
        self.recipient = recipient
        protocolIdentifier = 0
        dataCoding = DataCoding(encoding: userData.encoding, messageClass: messageClass).rawValue
        self.requestReport = requestReport
        self.rejectDuplicates = rejectDuplicates
        self.replyPath = replyPath
        self.validity = validity
        self.userData = userData
    }

    init(_ reader: inout ByteReader, first: UInt8, serviceCentre: Address?) throws(PDUError) {
        self.serviceCentre = serviceCentre
        reference = try reader.octet("message reference")
        recipient = try Address.read(&reader)
        protocolIdentifier = try reader.octet("protocol identifier")
        dataCoding = try reader.octet("data coding scheme")
        validity = try Validity.read(&reader, first: first)
        rejectDuplicates = first & FirstOctet.rejectDuplicates != 0
        requestReport = first & FirstOctet.statusReport != 0
        replyPath = first & FirstOctet.replyPath != 0
        userData = try UserData.read(
            &reader, coding: DataCoding(rawValue: dataCoding), hasHeader: first & FirstOctet.hasHeader != 0)
    }

    /// The message class, 0...3, where it has one.
    public var messageClass: UInt8? { DataCoding(rawValue: dataCoding).messageClass }

    /// The octets: the TPDU alone, or with the service-centre address before it, as AT+CMGS wants it.
    public func encode(withServiceCentre: Bool = false) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(176)
        if withServiceCentre { Address.writeServiceCentre(serviceCentre, to: &bytes) }
        bytes.append(
            FirstOctet.make(
                0x01 | (validity?.format ?? 0), (rejectDuplicates, FirstOctet.rejectDuplicates),
                (requestReport, FirstOctet.statusReport), (userData.header != nil, FirstOctet.hasHeader),
                (replyPath, FirstOctet.replyPath)))
        bytes.append(reference)
        recipient.write(to: &bytes)
        bytes.append(protocolIdentifier)
        bytes.append(dataCoding)
        validity?.write(to: &bytes)
        userData.write(to: &bytes)
        return bytes
    }
}
