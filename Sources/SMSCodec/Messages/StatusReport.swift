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
    /// TP-PI as it came; nil when the report ends with the status.
    public var parameterIndicator: UInt8?
    /// TP-PID, where it is there.
    public var protocolIdentifier: UInt8?
    /// TP-DCS, where it is there.
    public var dataCoding: UInt8?
    /// Something the service centre adds, where it does.
    public var userData: UserData?

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
        guard reader.remaining > 0 else { return }
        let indicator = try reader.octet("parameter indicator")
        parameterIndicator = indicator
        var last = indicator
        while last & Indicator.more != 0 { last = try reader.octet("parameter indicator") }
        if indicator & Indicator.protocolIdentifier != 0 {
            protocolIdentifier = try reader.octet("protocol identifier")
        }
        if indicator & Indicator.dataCoding != 0 { dataCoding = try reader.octet("data coding scheme") }
        if indicator & Indicator.userData != 0 {
            userData = try UserData.read(
                &reader, coding: DataCoding(rawValue: dataCoding ?? 0), hasHeader: first & FirstOctet.hasHeader != 0)
        }
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
        writeParameters(to: &bytes)
        return bytes
    }

    private func writeParameters(to bytes: inout [UInt8]) {
        let indicator = FirstOctet.make(
            (parameterIndicator ?? 0) & Indicator.reserved, (protocolIdentifier != nil, Indicator.protocolIdentifier),
            (dataCoding != nil, Indicator.dataCoding), (userData != nil, Indicator.userData))
        guard indicator != 0 || parameterIndicator != nil else { return }
        bytes.append(indicator)
        if let protocolIdentifier { bytes.append(protocolIdentifier) }
        if let dataCoding { bytes.append(dataCoding) }
        userData?.write(to: &bytes)
    }

    /// The bits of TP-PI (TS 23.040 §9.2.3.27).
    private enum Indicator {
        static let protocolIdentifier: UInt8 = 0x01
        static let dataCoding: UInt8 = 0x02
        static let userData: UInt8 = 0x04
        static let reserved: UInt8 = 0x78
        static let more: UInt8 = 0x80
    }
}
