import SMSCodec
import Testing

struct StatusReportTests {
    @Test(
        "B5: each status has one outcome",
        arguments: [
            (0x00, .delivered), (0x01, .unconfirmed), (0x02, .unconfirmed), (0x1F, .unconfirmed), (0x20, .stillTrying),
            (0x3F, .stillTrying), (0x40, .failed), (0x46, .failed), (0x5F, .failed), (0x60, .gaveUp), (0x7F, .gaveUp),
            (0x80, .gaveUp), (0xFF, .gaveUp),
        ] as [(UInt8, ReportStatus.Outcome)])
    func outcome(octet: UInt8, outcome: ReportStatus.Outcome) {
        #expect(ReportStatus(rawValue: octet).outcome == outcome)
        #expect(!ReportStatus(rawValue: octet).meaning.isEmpty)
    }

    @Test("a report is written and read, with what it may carry")
    func roundTrip() throws {
        var report = StatusReport(
            serviceCentre: Address(number: "+15550100"), reference: 42, recipient: Address(number: "+15550123"),
            submitted: ServiceCentreTime(unixSeconds: 1_700_000_000, offsetMinutes: 60),
            discharged: ServiceCentreTime(unixSeconds: 1_700_000_060, offsetMinutes: -60),
            status: ReportStatus(rawValue: 0x46))
        #expect(try TPDU.decode(report.encode()) == .statusReport(report))
        report.parameterIndicator = 0x07
        report.protocolIdentifier = 1
        report.dataCoding = 8
        report.userData = UserData(header: [0x70, 1, 2], encoding: .ucs2, content: [0x20, 0xAC])
        report.moreMessages = true
        report.loopPrevention = true
        report.answersCommand = true
        #expect(try TPDU.decode(report.encode()) == .statusReport(report))
        report.submitted = nil
        #expect(report.submitted == nil)
        #expect(try TPDU.decode(report.encode()) == .statusReport(report))
    }

    @Test("all flags of texts are kept", arguments: 0..<16)
    func flags(bits: Int) throws {
        var deliver = Deliver(
            sender: Address(number: "123"), protocolIdentifier: 0x41, time: nil, moreMessages: bits & 1 != 0,
            replyPath: bits & 2 != 0, statusReportIndication: bits & 4 != 0, userData: UserData(text: "x"))
        deliver.loopPrevention = bits & 8 != 0
        #expect(try TPDU.decode(deliver.encode()) == .deliver(deliver))
        let validities: [Validity?] = [
            nil, .relative(167), .absolute(TimeStamp(ServiceCentreTime(unixSeconds: 1_700_000_000, offsetMinutes: 0))),
            .enhanced([1, 60, 0, 0, 0, 0, 0]),
        ]
        for validity in validities {
            let submit = Submit(
                reference: 9, recipient: Address(number: "123"), requestReport: bits & 1 != 0,
                rejectDuplicates: bits & 2 != 0, replyPath: bits & 4 != 0, validity: validity,
                messageClass: bits & 8 != 0 ? 0 : nil, userData: UserData(text: "é€"))
            let decoded = try TPDU.decode(submit.encode(), direction: .mobileOriginated, hasServiceCentre: false)
            #expect(decoded == .submit(submit))
            #expect(submit.messageClass == (bits & 8 != 0 ? 0 : nil))
            let prefixed = try TPDU.decode(submit.encode(withServiceCentre: true), direction: .mobileOriginated)
            #expect(prefixed == .submit(submit))
        }
    }
}
