/// SMS-DELIVER-REPORT: the phone's answer to an SMS-DELIVER (TS 23.040 §9.2.2.1a).
public struct DeliverReport: Sendable, Hashable {
    /// The service centre it goes to, where the modem told.
    public var serviceCentre: Address?
    /// Why the message was refused; nil when it was taken.
    public var failure: FailureCause?
    var parameters: OptionalParameters

    /// An answer that takes the message, or refuses it for `failure`.
    public init(serviceCentre: Address? = nil, failure: FailureCause? = nil) {
        self.serviceCentre = serviceCentre
        self.failure = failure
        parameters = OptionalParameters()
        parameters.indicator = 0
    }

    init(_ reader: inout ByteReader, first: UInt8, serviceCentre: Address?) throws(PDUError) {
        self.serviceCentre = serviceCentre
        failure = try FailureCause.readIfPresent(&reader)
        parameters = try OptionalParameters(indicatorFrom: &reader)
        try parameters.read(&reader, hasHeader: first & FirstOctet.hasHeader != 0)
    }

    /// TP-PI as it came.
    public var parameterIndicator: UInt8 { parameters.indicator ?? 0 }

    /// TP-PID, where it is there.
    public var protocolIdentifier: UInt8? { parameters.protocolIdentifier }

    /// TP-DCS, where it is there.
    public var dataCoding: UInt8? { parameters.dataCoding }

    /// Data for the sender's program, where they are there.
    public var userData: UserData? { parameters.userData }

    /// The octets: service-centre address, unless that is left out, and TPDU.
    public func encode(withServiceCentre: Bool = true) -> [UInt8] {
        var bytes: [UInt8] = []
        if withServiceCentre { Address.writeServiceCentre(serviceCentre, to: &bytes) }
        bytes.append(FirstOctet.make(0x00, (userData?.header != nil, FirstOctet.hasHeader)))
        if let failure { bytes.append(failure.rawValue) }
        parameters.writeIndicator(to: &bytes)
        parameters.write(to: &bytes)
        return bytes
    }
}
