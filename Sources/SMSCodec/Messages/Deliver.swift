/// SMS-DELIVER: a text, or a part of one, from the service centre to the phone (TS 23.040 §9.2.2.1).
public struct Deliver: Sendable, Hashable {
    /// The service centre it came from, where the modem told.
    public var serviceCentre: Address?
    /// Who wrote it.
    public var sender: Address
    /// TP-PID (TS 23.040 §9.2.3.9); 0 for a plain text.
    public var protocolIdentifier: UInt8
    /// TP-DCS; `DataCoding` reads it.
    public var dataCoding: UInt8
    /// When the service centre had it, as it wrote that.
    public var timeStamp: TimeStamp
    /// True when more texts wait at the service centre.
    public var moreMessages: Bool
    /// True when the text was forwarded or spawned, so that it must not be again.
    public var loopPrevention: Bool
    /// True when an answer may go through the sender's service centre.
    public var replyPath: Bool
    /// True when the sender asked for a status report.
    public var statusReportIndication: Bool
    /// True when the type bits were those that the specification reserves, which a phone takes as an SMS-DELIVER and
    /// keeps (TS 23.040 §9.2.3.1).
    public var hasReservedType: Bool
    /// The text and its header.
    public var userData: UserData

    /// A text from `sender`. `dataCoding` must fit the encoding of `userData`; left out, it is made from that.
    public init(
        serviceCentre: Address? = nil, sender: Address, protocolIdentifier: UInt8 = 0, dataCoding: UInt8? = nil,
        time: ServiceCentreTime?, moreMessages: Bool = false, replyPath: Bool = false,
        statusReportIndication: Bool = false, userData: UserData
    ) {
        self.serviceCentre = serviceCentre
        self.sender = sender
        self.protocolIdentifier = protocolIdentifier
        self.dataCoding = dataCoding ?? DataCoding(encoding: userData.encoding).rawValue
        timeStamp = TimeStamp(time)
        self.moreMessages = moreMessages
        loopPrevention = false
        self.replyPath = replyPath
        self.statusReportIndication = statusReportIndication
        hasReservedType = false
        self.userData = userData
    }

    init(_ reader: inout ByteReader, first: UInt8, serviceCentre: Address?) throws(PDUError) {
        self.serviceCentre = serviceCentre
        sender = try Address.read(&reader)
        protocolIdentifier = try reader.octet("protocol identifier")
        dataCoding = try reader.octet("data coding scheme")
        timeStamp = TimeStamp(octets: try reader.octets(TimeStamp.length, "service-centre time stamp"))
        moreMessages = first & FirstOctet.noMoreMessages == 0
        loopPrevention = first & FirstOctet.loopPrevention != 0
        statusReportIndication = first & FirstOctet.statusReport != 0
        replyPath = first & FirstOctet.replyPath != 0
        hasReservedType = first & 0x03 == 0x03
        userData = try UserData.read(
            &reader, coding: DataCoding(rawValue: dataCoding), hasHeader: first & FirstOctet.hasHeader != 0)
    }

    /// When the service centre had it; nil when what it wrote is no time.
    public var time: ServiceCentreTime? {
        get { timeStamp.time }
        set { timeStamp = TimeStamp(newValue) }
    }

    /// The octets: service-centre address, unless that is left out, and TPDU.
    public func encode(withServiceCentre: Bool = true) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(176)
        if withServiceCentre { Address.writeServiceCentre(serviceCentre, to: &bytes) }
        bytes.append(
            FirstOctet.make(
                hasReservedType ? 0x03 : 0x00, (!moreMessages, FirstOctet.noMoreMessages),
                (loopPrevention, FirstOctet.loopPrevention),
                (statusReportIndication, FirstOctet.statusReport), (userData.header != nil, FirstOctet.hasHeader),
                (replyPath, FirstOctet.replyPath)))
        sender.write(to: &bytes)
        bytes.append(protocolIdentifier)
        bytes.append(dataCoding)
        bytes += timeStamp.octets
        userData.write(to: &bytes)
        return bytes
    }
}
