import SMSCodec

/// TPDUs as the network makes and reads them.
enum ShortMessages {
    /// The parts of a text from `sender` (a number, or a name of up to 11 characters), service-centre address first.
    static func deliver(
        from sender: String, body: String, reference: UInt16, at unixSeconds: Int64, to profile: ModemProfile
    ) throws(SimulatorError) -> [[UInt8]] {
        let segmentation: Segmentation
        do {
            segmentation = try Segmentation.split(body, reference: reference)
        } catch {
            throw SimulatorError("a text cannot be sent: \(error)")
        }
        let address = address(sender)
        guard address.isEncodable else { throw SimulatorError("a sender is neither a number nor a short name") }
        return segmentation.parts.map { part in
            Deliver(
                serviceCentre: Address(number: profile.serviceCentre), sender: address,
                time: ServiceCentreTime(unixSeconds: unixSeconds, offsetMinutes: profile.zoneMinutes), userData: part
            ).encode()
        }
    }

    private static func address(_ text: String) -> Address {
        let isNumber =
            !text.isEmpty
            && text.utf8.enumerated().allSatisfy { place, byte in
                (48...57).contains(byte) || byte == 42 || byte == 35 || (byte == 43 && place == 0)
            }
        return isNumber ? Address(number: text) : Address(typeOfNumber: 5, numberingPlan: 0, value: text)
    }

    /// What a part says that leaves a modem; nil where it is no SUBMIT.
    static func describe(_ tpdu: [UInt8]) -> Submission? {
        guard
            case .submit(let submit)? = try? TPDU.decode(
                tpdu, direction: .mobileOriginated, hasServiceCentre: false)
        else { return nil }
        return Submission(
            recipient: submit.recipient.display, text: submit.userData.text, wantsReport: submit.requestReport,
            tpdu: tpdu)
    }

    /// The DELIVER that a submission to another simulated SIM becomes.
    static func relay(_ submission: Submission, from sender: ModemProfile, at unixSeconds: Int64) -> [UInt8]? {
        guard
            case .submit(let submit)? = try? TPDU.decode(
                submission.tpdu, direction: .mobileOriginated, hasServiceCentre: false)
        else { return nil }
        return Deliver(
            serviceCentre: Address(number: sender.serviceCentre), sender: Address(number: sender.number),
            protocolIdentifier: submit.protocolIdentifier, dataCoding: submit.dataCoding,
            time: ServiceCentreTime(unixSeconds: unixSeconds, offsetMinutes: sender.zoneMinutes),
            userData: submit.userData
        ).encode()
    }

    /// A status report, service-centre address first.
    static func report(
        reference: UInt8, recipient: String, submitted: Int64, discharged: Int64, status: UInt8, _ profile: ModemProfile
    ) -> [UInt8] {
        StatusReport(
            serviceCentre: Address(number: profile.serviceCentre), reference: reference, recipient: address(recipient),
            submitted: ServiceCentreTime(unixSeconds: submitted, offsetMinutes: profile.zoneMinutes),
            discharged: ServiceCentreTime(unixSeconds: discharged, offsetMinutes: profile.zoneMinutes),
            status: ReportStatus(rawValue: status)
        ).encode()
    }

    /// 0...3 where a DELIVER has a message class; nil where it has none, or is no DELIVER.
    static func messageClass(_ pdu: [UInt8]) -> Int? {
        guard case .deliver(let deliver)? = try? TPDU.decode(pdu) else { return nil }
        return DataCoding(rawValue: deliver.dataCoding).messageClass.map { Int($0) }
    }

    // MARK: Text mode

    /// What follows `<stat>,` in text mode, and the body (TS 27.005 §3.4.2). Line ends and quotes in the body stay as
    /// they are: text mode has no way to tell them from its own.
    static func textMode(_ pdu: [UInt8], characterSet: String) -> (header: String, body: String) {
        switch try? TPDU.decode(pdu) {
        case .deliver(let deliver)?:
            let time = deliver.time.map { ModemTime(unixSeconds: $0.unixSeconds, zoneMinutes: $0.offsetMinutes).text }
            let sender = coded(deliver.sender.display, characterSet)
            return ("\"\(sender)\",,\"\(time ?? "")\"", coded(deliver.userData.text, characterSet))
        case .statusReport(let report)?:
            return ("6,\(report.reference),\"\(report.recipient.display)\",145,,,\(report.status.rawValue)", "")
        case .submit(let submit)?: return ("\"\(submit.recipient.display)\",,", submit.userData.text)
        case .deliverReport?, .submitReport?, .command?: return ("\"\",,", "")
        case nil: return ("\"\",,", "")
        }
    }

    private static func coded(_ text: String, _ characterSet: String) -> String {
        guard characterSet == "UCS2" else { return text }
        var hex: [UInt8] = []
        hex.append(hex: text.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] })
        return String(decoding: hex, as: UTF8.self)
    }

    /// The SUBMIT of a text typed in text mode; nil where it cannot be one message.
    static func submit(to recipient: String, typed octets: [UInt8], _ characterSet: String) -> [UInt8]? {
        var text = String(decoding: octets, as: UTF8.self)
        var number = recipient
        if characterSet == "UCS2" {
            guard let body = ucs2(text), let digits = ucs2(recipient) else { return nil }
            text = body
            number = digits
        }
        guard !text.isEmpty else {
            return Submit(recipient: Address(number: number), userData: UserData(encoding: .gsm7, content: [])).encode()
        }
        guard let parts = try? Segmentation.split(text, reference: 0).parts, parts.count == 1 else { return nil }
        let address = Address(number: number)
        return address.isEncodable ? Submit(recipient: address, userData: parts[0]).encode() : nil
    }

    private static func ucs2(_ hex: String) -> String? {
        guard let octets = [UInt8].octets(hex: hex.utf8), octets.count.isMultiple(of: 2) else { return nil }
        let units = stride(from: 0, to: octets.count, by: 2).map { UInt16(octets[$0]) << 8 | UInt16(octets[$0 + 1]) }
        return String(decoding: units, as: UTF16.self)
    }
}
