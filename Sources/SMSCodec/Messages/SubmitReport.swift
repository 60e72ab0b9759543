/// SMS-SUBMIT-REPORT: the service centre's answer to an SMS-SUBMIT or an SMS-COMMAND (TS 23.040 §9.2.2.2a).
public struct SubmitReport: Sendable, Hashable {
    /// The service centre it came from, where the modem told.
    public var serviceCentre: Address?
    /// Why the message was refused; nil when it was taken.
    public var failure: FailureCause?
    /// When the service centre had the message, as it wrote that.
    public var timeStamp: TimeStamp
    var parameters: OptionalParameters

    /// An answer of `time` that takes the message, or refuses it for `failure`.
    public init(serviceCentre: Address? = nil, failure: FailureCause? = nil, time: ServiceCentreTime) {
        self.serviceCentre = serviceCentre
        self.failure = failure
        timeStamp = TimeStamp(time)
        parameters = OptionalParameters()
        parameters.indicator = 0
    }

    /// One whose time is none is refused: unlike a text, nothing is lost with it, and a wrong guess at the octet that
    /// may be TP-FCS or TP-PI shows here.
    init(_ reader: inout ByteReader, first: UInt8, serviceCentre: Address?) throws(PDUError) {
        self.serviceCentre = serviceCentre
        failure = try FailureCause.readIfPresent(&reader)
        parameters = try OptionalParameters(indicatorFrom: &reader)
        let place = reader.position
        timeStamp = TimeStamp(octets: try reader.octets(TimeStamp.length, "service-centre time stamp"))
        guard timeStamp.time != nil else {
            throw PDUError(.impossibleTime, offset: place, detail: "the time stamp of an SMS-SUBMIT-REPORT")
        }
        try parameters.read(&reader, hasHeader: first & FirstOctet.hasHeader != 0)
    }

    /// When the service centre had the message.
    public var time: ServiceCentreTime? { timeStamp.time }

    /// TP-PI as it came.
    public var parameterIndicator: UInt8 { parameters.indicator ?? 0 }

    /// TP-PID, where it is there.
    public var protocolIdentifier: UInt8? { parameters.protocolIdentifier }

    /// TP-DCS, where it is there.
    public var dataCoding: UInt8? { parameters.dataCoding }

    /// Something the service centre adds, where it does.
    public var userData: UserData? { parameters.userData }

    /// The octets: service-centre address, unless that is left out, and TPDU.
    public func encode(withServiceCentre: Bool = true) -> [UInt8] {
        var bytes: [UInt8] = []
        if withServiceCentre { Address.writeServiceCentre(serviceCentre, to: &bytes) }
        bytes.append(FirstOctet.make(0x01, (userData?.header != nil, FirstOctet.hasHeader)))
        if let failure { bytes.append(failure.rawValue) }
        parameters.writeIndicator(to: &bytes)
        bytes += timeStamp.octets
        parameters.write(to: &bytes)
        return bytes
    }
}
