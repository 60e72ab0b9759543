import SMSCodec

/// What the answers to a message say, and a command, as members of a JSON object.
enum PDUReportDescription {
    static func add(_ report: DeliverReport, hasHeader: Bool, to writer: inout PDUJSONWriter) {
        writer.add("type", plain: "deliver_report")
        writer.add("udhi", hasHeader)
        add(report.failure, to: &writer)
        writer.add("pi", report.parameterIndicator)
        add(report.protocolIdentifier, report.dataCoding, report.userData, to: &writer)
    }

    static func add(_ report: SubmitReport, hasHeader: Bool, to writer: inout PDUJSONWriter) {
        writer.add("type", plain: "submit_report")
        writer.add("udhi", hasHeader)
        add(report.failure, to: &writer)
        writer.add("pi", report.parameterIndicator)
        writer.add("timestamp", report.time?.description)
        writer.add("timestamp_raw", hex: report.timeStamp.octets)
        add(report.protocolIdentifier, report.dataCoding, report.userData, to: &writer)
    }

    static func add(_ command: Command, hasHeader: Bool, to writer: inout PDUJSONWriter) {
        writer.add("type", plain: "command")
        writer.add("srr", command.requestReport)
        writer.add("udhi", hasHeader)
        writer.add("mr", command.reference)
        PDUDescription.addIdentifier(command.protocolIdentifier, to: &writer)
        writer.add("ct", command.commandType)
        writer.add("ct_meaning", plain: name(of: command.kind))
        writer.add("mn", command.messageNumber)
        PDUDescription.add(command.recipient, to: &writer)
        writer.add("cdl", command.data.lengthField)
        PDUUserDataDescription.addHeader(of: command.data, to: &writer)
        writer.add("data_hex", hex: command.data.content)
    }

    private static func add(_ failure: FailureCause?, to writer: inout PDUJSONWriter) {
        guard let failure else { return }
        writer.add("fcs", failure.rawValue)
        writer.add("fcs_meaning", failure.meaning)
    }

    private static func add(
        _ identifier: UInt8?, _ coding: UInt8?, _ userData: UserData?, to writer: inout PDUJSONWriter
    ) {
        if let identifier { PDUDescription.addIdentifier(identifier, to: &writer) }
        if let coding { writer.add("dcs", coding) }
        if let userData { PDUUserDataDescription.add(userData, coding: coding ?? 0, to: &writer) }
    }

    private static func name(of kind: Command.Kind) -> StaticString {
        switch kind {
        case .enquiry: "enquiry"
        case .cancelStatusReport: "cancel_status_report"
        case .delete: "delete"
        case .enableStatusReport: "enable_status_report"
        case .reserved: "reserved"
        case .serviceCentreSpecific: "service_centre_specific"
        }
    }
}
