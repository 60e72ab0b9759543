/// SMS-STATUS-REPORT: what became of a text that went out (TS 23.040 §9.2.2.3).
public struct StatusReport: Sendable, Hashable {
    /// The service centre it came from, where the modem told.
    public var serviceCentre: Address?
    /// TP-MR of the text it is about, as the modem told when that was sent.
    public var reference: UInt8
    /// To whom that text went.
    public var recipient: Address
    /// When the service centre had the text, as it wrote that.
    public var submittedStamp: TimeStamp
    /// When the text arrived, or the service centre last tried, as it wrote that.
    public var dischargedStamp: TimeStamp
    /// What became of the text.
    public var status: ReportStatus
    /// True when more messages wait at the service centre.
    public var moreMessages: Bool
    /// True when the report was forwarded or spawned.
    public var loopPrevention: Bool
    /// True when it answers an SMS-COMMAND and not a text.
    public var answersCommand: Bool
    var parameters = OptionalParameters()

    /// A report about the text `reference` to `recipient`.
    public init(
        serviceCentre: Address? = nil, reference: UInt8, recipient: Address, submitted: ServiceCentreTime?,
        discharged: ServiceCentreTime?, status: ReportStatus
    ) {
        self.serviceCentre = serviceCentre
        self.reference = reference
        self.recipient = recipient
        submittedStamp = TimeStamp(submitted)
        dischargedStamp = TimeStamp(discharged)
        self.status = status
        moreMessages = false
        loopPrevention = false
        answersCommand = false
    }

    init(_ reader: inout ByteReader, first: UInt8, serviceCentre: Address?) throws(PDUError) {
        self.serviceCentre = serviceCentre
        reference = try reader.octet("message reference")
        recipient = try Address.read(&reader)
        submittedStamp = TimeStamp(octets: try reader.octets(TimeStamp.length, "time stamp"))
        dischargedStamp = TimeStamp(octets: try reader.octets(TimeStamp.length, "discharge time"))
        status = ReportStatus(rawValue: try reader.octet("status"))
        moreMessages = first & FirstOctet.noMoreMessages == 0
        loopPrevention = first & FirstOctet.loopPrevention != 0
        answersCommand = first & FirstOctet.statusReport != 0
        // A SIM fills the octets behind a report with ones (TS 31.102 §4.2.25), and some modems hand them out with it.
        guard !reader.hasOnlyFiller else { return }
        parameters = try OptionalParameters(indicatorFrom: &reader)
        try parameters.read(&reader, hasHeader: first & FirstOctet.hasHeader != 0)
    }

    /// TP-PI as it came; nil when the report ends with the status.
    public var parameterIndicator: UInt8? {
        get { parameters.indicator }
        set { parameters.indicator = newValue }
    }

    /// TP-PID, where it is there.
    public var protocolIdentifier: UInt8? {
        get { parameters.protocolIdentifier }
        set { parameters.protocolIdentifier = newValue }
    }

    /// TP-DCS, where it is there.
    public var dataCoding: UInt8? {
        get { parameters.dataCoding }
        set { parameters.dataCoding = newValue }
    }

    /// Something the service centre adds, where it does.
    public var userData: UserData? {
        get { parameters.userData }
        set { parameters.userData = newValue }
    }

    /// When the service centre had the text; nil when what it wrote is no time.
    public var submitted: ServiceCentreTime? {
        get { submittedStamp.time }
        set { submittedStamp = TimeStamp(newValue) }
    }

    /// When the text arrived, or the last try was; nil when what the service centre wrote is no time.
    public var discharged: ServiceCentreTime? {
        get { dischargedStamp.time }
        set { dischargedStamp = TimeStamp(newValue) }
    }

    /// The octets: service-centre address, unless that is left out, and TPDU.
    public func encode(withServiceCentre: Bool = true) -> [UInt8] {
        var bytes: [UInt8] = []
        if withServiceCentre { Address.writeServiceCentre(serviceCentre, to: &bytes) }
        bytes.append(
            FirstOctet.make(
                0x02, (!moreMessages, FirstOctet.noMoreMessages), (loopPrevention, FirstOctet.loopPrevention),
                (answersCommand, FirstOctet.statusReport), (userData?.header != nil, FirstOctet.hasHeader)))
        bytes.append(reference)
        recipient.write(to: &bytes)
        bytes += submittedStamp.octets
        bytes += dischargedStamp.octets
        bytes.append(status.rawValue)
        if parameters.isPresent {
            parameters.writeIndicator(to: &bytes)
            parameters.write(to: &bytes)
        }
        return bytes
    }
}
