import SMSCodec

/// What a TPDU says, as one JSON object.
enum PDUDescription {
    /// The line for `digits`, hexadecimal ones in ASCII.
    static func line(for digits: [UInt8], direction: TPDU.Direction, hasServiceCentre: Bool) -> [UInt8] {
        do throws(PDUError) {
            guard let bytes = Hex.decode(digits) else {
                throw PDUError(.notHexadecimal, detail: "\(digits.count) characters")
            }
            return try object(for: bytes, direction: direction, hasServiceCentre: hasServiceCentre).line
        } catch {
            var object = PDUJSONObject()
            object.add("error", error.description)
            return object.line
        }
    }

    private static func object(
        for bytes: [UInt8], direction: TPDU.Direction, hasServiceCentre: Bool
    ) throws(PDUError) -> PDUJSONObject {
        let (tpdu, length) = try TPDU.decodePrefix(bytes, direction: direction, hasServiceCentre: hasServiceCentre)
        // It decoded, so the service-centre address and the first octet are there.
        let start = hasServiceCentre ? Int(bytes[0]) + 1 : 0
        var object = PDUJSONObject()
        if hasServiceCentre { object.add("smsc", tpdu.serviceCentre?.display) }
        object.add("tpdu_length", bytes.count - start)
        // TP-UDHI: a report may have it set and carry nothing.
        let hasHeader = bytes[start] & 0x40 != 0
        switch tpdu {
        case .deliver(let message): add(message, hasHeader: hasHeader, to: &object)
        case .submit(let message): add(message, hasHeader: hasHeader, to: &object)
        case .statusReport(let report): add(report, hasHeader: hasHeader, to: &object)
        }
        if length < bytes.count { object.add("trailing_hex", Hex.encode(bytes[length...])) }
        return object
    }

    private static func add(_ message: Deliver, hasHeader: Bool, to object: inout PDUJSONObject) {
        object.add("type", "deliver")
        object.add("more_messages", message.moreMessages)
        object.add("lp", message.loopPrevention)
        object.add("sri", message.statusReportIndication)
        object.add("udhi", hasHeader)
        object.add("rp", message.replyPath)
        add(message.sender, to: &object)
        object.add("pid", message.protocolIdentifier)
        object.add("dcs", message.dataCoding)
        object.add("timestamp", message.time?.description)
        object.add("timestamp_raw", Hex.encode(message.timeStamp.octets))
        PDUUserDataDescription.add(message.userData, coding: message.dataCoding, to: &object)
    }

    private static func add(_ message: Submit, hasHeader: Bool, to object: inout PDUJSONObject) {
        object.add("type", "submit")
        object.add("rd", message.rejectDuplicates)
        object.add("srr", message.requestReport)
        object.add("udhi", hasHeader)
        object.add("rp", message.replyPath)
        object.add("mr", message.reference)
        add(message.recipient, to: &object)
        object.add("pid", message.protocolIdentifier)
        object.add("dcs", message.dataCoding)
        add(message.validity, to: &object)
        PDUUserDataDescription.add(message.userData, coding: message.dataCoding, to: &object)
    }

    private static func add(_ report: StatusReport, hasHeader: Bool, to object: inout PDUJSONObject) {
        object.add("type", "status_report")
        object.add("more_messages", report.moreMessages)
        object.add("lp", report.loopPrevention)
        object.add("srq", report.answersCommand)
        object.add("udhi", hasHeader)
        object.add("mr", report.reference)
        add(report.recipient, to: &object)
        object.add("timestamp", report.submitted?.description)
        object.add("timestamp_raw", Hex.encode(report.submittedStamp.octets))
        object.add("discharge_time", report.discharged?.description)
        object.add("discharge_raw", Hex.encode(report.dischargedStamp.octets))
        object.add("status", report.status.rawValue)
        object.add("status_class", className(of: report.status))
        if let indicator = report.parameterIndicator { object.add("pi", indicator) }
        if let identifier = report.protocolIdentifier { object.add("pid", identifier) }
        if let coding = report.dataCoding { object.add("dcs", coding) }
        if let userData = report.userData {
            PDUUserDataDescription.add(userData, coding: report.dataCoding ?? 0, to: &object)
        }
    }

    private static func add(_ address: Address, to object: inout PDUJSONObject) {
        let types = [
            "unknown", "international", "national", "network_specific", "subscriber", "alphanumeric", "abbreviated",
            "reserved",
        ]
        object.add("number", address.display)
        object.add("number_type", types[Int(address.typeOfNumber)])
        object.add("toa", address.typeOfAddress)
    }

    private static func add(_ validity: Validity?, to object: inout PDUJSONObject) {
        var period = PDUJSONObject()
        switch validity {
        case nil:
            object.add("vpf", "none")
            return
        case .relative(let octet):
            object.add("vpf", "relative")
            period.add("relative", octet)
            period.add("seconds", Validity.relative(octet).seconds ?? 0)
        case .absolute(let stamp):
            object.add("vpf", "absolute")
            period.add("absolute", stamp.time?.description)
            period.add("raw", Hex.encode(stamp.octets))
        case .enhanced(let octets):
            object.add("vpf", "enhanced")
            period.add("raw", Hex.encode(octets))
        }
        object.add("validity", period)
    }

    /// The group of a status as TS 23.040 §9.2.3.15 has them.
    private static func className(of status: ReportStatus) -> String {
        switch status.rawValue {
        case ..<0x20: "delivered"
        case ..<0x40: "temporary_retrying"
        case ..<0x60: "permanent"
        case ..<0x80: "temporary_gave_up"
        default: "reserved"
        }
    }
}

extension TPDU {
    /// The service centre, whatever the type.
    fileprivate var serviceCentre: Address? {
        switch self {
        case .deliver(let message): message.serviceCentre
        case .submit(let message): message.serviceCentre
        case .statusReport(let report): report.serviceCentre
        }
    }
}
