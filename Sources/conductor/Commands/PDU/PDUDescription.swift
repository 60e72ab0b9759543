import SMSCodec

/// What a TPDU says, as one JSON object.
enum PDUDescription {
    /// The line for `digits`, hexadecimal ones in ASCII.
    static func line(for digits: [UInt8], direction: TPDU.Direction, hasServiceCentre: Bool) -> [UInt8] {
        var writer = PDUJSONWriter()
        add(digits[...], direction: direction, hasServiceCentre: hasServiceCentre, to: &writer)
        return writer.bytes
    }

    /// Adds the line for `digits` to `writer`.
    static func add(
        _ digits: ArraySlice<UInt8>, direction: TPDU.Direction, hasServiceCentre: Bool, to writer: inout PDUJSONWriter
    ) {
        writer.beginLine()
        do throws(PDUError) {
            guard let bytes = Hex.decode(digits) else {
                throw PDUError(.notHexadecimal, detail: "\(digits.count) characters")
            }
            let (tpdu, length) = try TPDU.decodePrefix(
                bytes, direction: direction, hasServiceCentre: hasServiceCentre)
            // It decoded, so the service-centre address and the first octet are there.
            let start = hasServiceCentre ? Int(bytes[0]) + 1 : 0
            if hasServiceCentre { writer.add("smsc", tpdu.serviceCentre?.display) }
            writer.add("tpdu_length", bytes.count - start)
            // TP-UDHI: a report may have it set and carry nothing.
            add(tpdu, hasHeader: bytes[start] & 0x40 != 0, to: &writer)
            if length < bytes.count { writer.add("trailing_hex", hex: bytes[length...]) }
        } catch {
            writer.restartLine()
            writer.add("error", error.description)
        }
        writer.endLine()
    }

    private static func add(_ tpdu: TPDU, hasHeader: Bool, to writer: inout PDUJSONWriter) {
        switch tpdu {
        case .deliver(let message): add(message, hasHeader: hasHeader, to: &writer)
        case .submit(let message): add(message, hasHeader: hasHeader, to: &writer)
        case .statusReport(let report): add(report, hasHeader: hasHeader, to: &writer)
        case .deliverReport(let report): PDUReportDescription.add(report, hasHeader: hasHeader, to: &writer)
        case .submitReport(let report): PDUReportDescription.add(report, hasHeader: hasHeader, to: &writer)
        case .command(let command): PDUReportDescription.add(command, hasHeader: hasHeader, to: &writer)
        }
    }

    private static func add(_ message: Deliver, hasHeader: Bool, to writer: inout PDUJSONWriter) {
        writer.add("type", plain: "deliver")
        if message.hasReservedType { writer.add("mti", 3) }
        writer.add("more_messages", message.moreMessages)
        writer.add("lp", message.loopPrevention)
        writer.add("sri", message.statusReportIndication)
        writer.add("udhi", hasHeader)
        writer.add("rp", message.replyPath)
        add(message.sender, to: &writer)
        addIdentifier(message.protocolIdentifier, to: &writer)
        writer.add("dcs", message.dataCoding)
        writer.add("timestamp", message.time?.description)
        writer.add("timestamp_raw", hex: message.timeStamp.octets)
        PDUUserDataDescription.add(message.userData, coding: message.dataCoding, to: &writer)
    }

    private static func add(_ message: Submit, hasHeader: Bool, to writer: inout PDUJSONWriter) {
        writer.add("type", plain: "submit")
        writer.add("rd", message.rejectDuplicates)
        writer.add("srr", message.requestReport)
        writer.add("udhi", hasHeader)
        writer.add("rp", message.replyPath)
        writer.add("mr", message.reference)
        add(message.recipient, to: &writer)
        addIdentifier(message.protocolIdentifier, to: &writer)
        writer.add("dcs", message.dataCoding)
        add(message.validity, to: &writer)
        PDUUserDataDescription.add(message.userData, coding: message.dataCoding, to: &writer)
    }

    private static func add(_ report: StatusReport, hasHeader: Bool, to writer: inout PDUJSONWriter) {
        writer.add("type", plain: "status_report")
        writer.add("more_messages", report.moreMessages)
        writer.add("lp", report.loopPrevention)
        writer.add("srq", report.answersCommand)
        writer.add("udhi", hasHeader)
        writer.add("mr", report.reference)
        add(report.recipient, to: &writer)
        writer.add("timestamp", report.submitted?.description)
        writer.add("timestamp_raw", hex: report.submittedStamp.octets)
        writer.add("discharge_time", report.discharged?.description)
        writer.add("discharge_raw", hex: report.dischargedStamp.octets)
        writer.add("status", report.status.rawValue)
        writer.add("status_class", plain: className(of: report.status))
        writer.add("status_meaning", report.status.meaning)
        if let indicator = report.parameterIndicator { writer.add("pi", indicator) }
        if let identifier = report.protocolIdentifier { addIdentifier(identifier, to: &writer) }
        if let coding = report.dataCoding { writer.add("dcs", coding) }
        if let userData = report.userData {
            PDUUserDataDescription.add(userData, coding: report.dataCoding ?? 0, to: &writer)
        }
    }

    /// Adds TP-PID, in words, too, where it asks for something.
    static func addIdentifier(_ octet: UInt8, to writer: inout PDUJSONWriter) {
        writer.add("pid", octet)
        let identifier = ProtocolIdentifier(rawValue: octet)
        if let meaning = identifier.meaning { writer.add("pid_meaning", meaning) }
        if let number = identifier.replaces { writer.add("replace", number) }
    }

    static func add(_ address: Address, to writer: inout PDUJSONWriter) {
        writer.add("number", address.display)
        writer.add("number_type", plain: typeName(of: address))
        writer.add("toa", address.typeOfAddress)
    }

    private static func typeName(of address: Address) -> StaticString {
        switch address.typeOfNumber {
        case 0: "unknown"
        case 1: "international"
        case 2: "national"
        case 3: "network_specific"
        case 4: "subscriber"
        case 5: "alphanumeric"
        case 6: "abbreviated"
        default: "reserved"
        }
    }

    private static func add(_ validity: Validity?, to writer: inout PDUJSONWriter) {
        guard let validity else {
            writer.add("vpf", plain: "none")
            return
        }
        switch validity {
        case .relative(let octet):
            writer.add("vpf", plain: "relative")
            writer.add(
                "validity",
                object: { period in
                    period.add("relative", octet)
                    period.add("seconds", validity.seconds ?? 0)
                })
        case .absolute(let stamp):
            writer.add("vpf", plain: "absolute")
            writer.add(
                "validity",
                object: { period in
                    period.add("absolute", stamp.time?.description)
                    period.add("raw", hex: stamp.octets)
                })
        case .enhanced(let octets):
            writer.add("vpf", plain: "enhanced")
            writer.add(
                "validity",
                object: { period in
                    period.add("enhanced", hex: octets)
                    period.add("raw", hex: octets)
                    if let seconds = validity.seconds { period.add("seconds", seconds) }
                    period.add("single_shot", validity.isSingleShot)
                })
        }
    }

    /// The group of a status as TS 23.040 §9.2.3.15 has them.
    private static func className(of status: ReportStatus) -> StaticString {
        switch status.rawValue {
        case ..<0x20: "delivered"
        case ..<0x40: "temporary_retrying"
        case ..<0x60: "permanent"
        case ..<0x80: "temporary_gave_up"
        default: "reserved"
        }
    }
}
