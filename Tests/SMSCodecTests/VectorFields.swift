import Foundation
import SMSCodec

/// What the codec makes of a TPDU, under the names of the vectors.
struct VectorFields {
    private(set) var values: [String: Any] = [:]

    init(_ decoded: (tpdu: TPDU, length: Int), bytes: [UInt8], hasServiceCentre: Bool) {
        let prefix = hasServiceCentre ? 1 + Int(bytes[0]) : 0
        let first = bytes[prefix]
        values["tpdu_length"] = bytes.count - prefix
        values["udhi"] = first & 0x40 != 0
        if decoded.length < bytes.count { values["trailing_hex"] = Hex.encode(bytes[decoded.length...]) }
        switch decoded.tpdu {
        case .deliver(let message): set(message)
        case .submit(let message): set(message)
        case .statusReport(let report): set(report)
        case .deliverReport(let report):
            values["type"] = "deliver_report"
            set(report.failure, report.parameterIndicator, report.protocolIdentifier, report.dataCoding)
            if let userData = report.userData { set(userData, coding: report.dataCoding ?? 0) }
        case .submitReport(let report):
            values["type"] = "submit_report"
            values["timestamp"] = report.time?.description ?? NSNull()
            set(report.failure, report.parameterIndicator, report.protocolIdentifier, report.dataCoding)
            if let userData = report.userData { set(userData, coding: report.dataCoding ?? 0) }
        case .command(let command): set(command)
        }
        if !hasServiceCentre { values["smsc"] = nil }
    }

    private mutating func set(_ message: Deliver) {
        values["type"] = "deliver"
        values["lp"] = message.loopPrevention
        values["sri"] = message.statusReportIndication
        values["rp"] = message.replyPath
        values["more_messages"] = message.moreMessages
        set(message.serviceCentre, message.sender)
        values["pid"] = Int(message.protocolIdentifier)
        values["timestamp"] = message.time?.description ?? NSNull()
        values["timestamp_raw"] = Hex.encode(message.timeStamp.octets)
        set(message.userData, coding: message.dataCoding)
    }

    private mutating func set(_ message: Submit) {
        values["type"] = "submit"
        values["rd"] = message.rejectDuplicates
        values["srr"] = message.requestReport
        values["rp"] = message.replyPath
        values["mr"] = Int(message.reference)
        set(message.serviceCentre, message.recipient)
        values["pid"] = Int(message.protocolIdentifier)
        switch message.validity {
        case nil: values["vpf"] = "none"
        case .relative(let octet):
            values["vpf"] = "relative"
            values["validity"] = ["relative": Int(octet), "seconds": message.validity?.seconds ?? -1] as [String: Any]
        case .absolute(let stamp):
            values["vpf"] = "absolute"
            values["validity"] =
                ["absolute": stamp.time?.description ?? "", "raw": Hex.encode(stamp.octets)] as [String: Any]
        case .enhanced: values["vpf"] = "enhanced"
        }
        set(message.userData, coding: message.dataCoding)
    }

    private mutating func set(_ report: StatusReport) {
        values["type"] = "status_report"
        values["lp"] = report.loopPrevention
        values["srq"] = report.answersCommand
        values["more_messages"] = report.moreMessages
        values["mr"] = Int(report.reference)
        set(report.serviceCentre, report.recipient)
        values["timestamp"] = report.submitted?.description ?? NSNull()
        values["timestamp_raw"] = Hex.encode(report.submittedStamp.octets)
        values["discharge_time"] = report.discharged?.description ?? NSNull()
        values["discharge_raw"] = Hex.encode(report.dischargedStamp.octets)
        values["status"] = Int(report.status.rawValue)
        let classes = ["delivered", "temporary_retrying", "permanent", "temporary_gave_up"]
        let octet = Int(report.status.rawValue)
        values["status_class"] = octet < 0x80 ? classes[octet >> 5] : "reserved"
        values["pi"] = report.parameterIndicator.map { Int($0) }
        values["pid"] = report.protocolIdentifier.map { Int($0) }
        values["dcs"] = report.dataCoding.map { Int($0) }
        if let userData = report.userData { set(userData, coding: report.dataCoding ?? 0) }
    }

    private mutating func set(_ failure: FailureCause?, _ indicator: UInt8, _ identifier: UInt8?, _ coding: UInt8?) {
        values["fcs"] = failure.map { Int($0.rawValue) }
        values["pi"] = Int(indicator)
        values["pid"] = identifier.map { Int($0) }
        values["dcs"] = coding.map { Int($0) }
    }

    private mutating func set(_ command: Command) {
        values["type"] = "command"
        values["mr"] = Int(command.reference)
        values["pid"] = Int(command.protocolIdentifier)
        values["ct"] = Int(command.commandType)
        values["mn"] = Int(command.messageNumber)
        set(command.serviceCentre, command.recipient)
        values["data_hex"] = Hex.encode(command.data.content)
    }

    private mutating func set(_ serviceCentre: Address?, _ address: Address) {
        values["smsc"] = serviceCentre?.display ?? NSNull()
        values["number"] = address.display
        values["toa"] = Int(address.typeOfAddress)
        let names = [
            "unknown", "international", "national", "network_specific", "subscriber", "alphanumeric", "abbreviated",
            "reserved",
        ]
        values["number_type"] = names[Int(address.typeOfNumber)]
    }

    private mutating func set(_ userData: UserData, coding: UInt8) {
        let scheme = DataCoding(rawValue: coding)
        values["dcs"] = Int(coding)
        values["udl"] = userData.lengthField
        values["class"] = scheme.messageClass.map { Int($0) }
        if let waiting = scheme.messageWaiting {
            values["mwi"] =
                ["active": waiting.isActive, "type": "\(waiting.kind)", "store": waiting.isStored] as [String: Any]
        }
        switch userData.encoding {
        case .gsm7:
            values["alphabet"] = "gsm7"
            values["septets"] = userData.unitCount
            values["text"] = userData.text
        case .ucs2:
            values["alphabet"] = "ucs2"
            values["text"] = userData.text
        case .octets:
            values["alphabet"] = "8bit"
            values["data_hex"] = Hex.encode(userData.content)
        }
        guard userData.header != nil else { return }
        values["udh"] = userData.elements.map {
            ["iei": Int($0.identifier), "data_hex": Hex.encode($0.data)] as [String: Any]
        }
        let waiting = userData.messagesWaiting.map {
            ["store": $0.isStored, "type": "\($0.kind)", "count": Int($0.count)] as [String: Any]
        }
        if !waiting.isEmpty { values["mwi_ie"] = waiting }
        if let place = userData.concatenation {
            values["concat"] =
                [
                    "ref": Int(place.reference), "total": Int(place.total), "seq": Int(place.sequence),
                    "ref_bits": place.isWide ? 16 : 8,
                ] as [String: Any]
        }
        if let ports = userData.ports {
            values["ports"] =
                ["dst": Int(ports.destination), "src": Int(ports.source), "bits": ports.isWide ? 16 : 8]
                as [String: Any]
        }
    }

    /// The names whose values are not those expected. Shift tables that a vector forces are not looked at.
    func differences(from expect: [String: Any]) -> [String] {
        let notToday: Set = ["text_with_tables", "force_locking", "force_single", "text_notes"]
        return expect.keys.filter { !notToday.contains($0) }.sorted().compactMap { key in
            let wanted = expect[key] as? NSObject
            let found = values[key] as? NSObject
            return wanted == found ? nil : "\(key): \(found ?? "nothing" as NSString), not \(wanted ?? NSNull())"
        }
    }
}
