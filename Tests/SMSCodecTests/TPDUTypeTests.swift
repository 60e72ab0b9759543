import SMSCodec
import Testing

/// TPDUs beside texts and status reports, and the type that is reserved.
struct TPDUTypeTests {
    private func decode(_ hex: String, _ direction: TPDU.Direction) throws(PDUError) -> TPDU {
        guard let bytes = Hex.decode(hex) else { throw PDUError(.notHexadecimal, detail: "a test") }
        return try TPDU.decode(bytes, direction: direction, hasServiceCentre: false)
    }

    @Test("an SMS-DELIVER-REPORT that takes a text has TP-PI next, one that refuses it TP-FCS")
    func deliverReport() throws {
        guard case .deliverReport(let taken) = try decode("0000", .mobileOriginated) else {
            Issue.record("another type")
            return
        }
        #expect(taken.failure == nil && taken.parameterIndicator == 0 && taken.userData == nil)
        guard case .deliverReport(let refused) = try decode("00D3077F0003D7E30A", .mobileOriginated) else {
            Issue.record("another type")
            return
        }
        #expect(refused.failure?.meaning == "memory exceeded")
        #expect(refused.protocolIdentifier == 0x7F && refused.dataCoding == 0)
        #expect(refused.userData?.text == "WG+")
    }

    @Test("an SMS-SUBMIT-REPORT has its time between TP-PI and what that announces")
    func submitReport() throws {
        guard case .submitReport(let taken) = try decode("01011110102143650041", .mobileTerminated) else {
            Issue.record("another type")
            return
        }
        #expect(taken.failure == nil && taken.protocolIdentifier == 0x41)
        #expect(taken.time?.description == "2011-01-01T12:34:56+00:00")
        guard case .submitReport(let refused) = try decode("01C50011101021436500", .mobileTerminated) else {
            Issue.record("another type")
            return
        }
        #expect(refused.failure?.rawValue == 0xC5 && refused.failure?.meaning == "rejected as a duplicate")
    }

    @Test("an SMS-SUBMIT-REPORT without a real time is refused, for it tells nothing else")
    func submitReportTime() {
        #expect {
            try decode("01001113102143650000", .mobileTerminated)
        } throws: { error in
            (error as? PDUError)?.code == .impossibleTime
        }
    }

    @Test(
        "an SMS-COMMAND tells what is wanted of which text",
        arguments: [
            (0x00, Command.Kind.enquiry), (0x01, .cancelStatusReport), (0x02, .delete), (0x03, .enableStatusReport),
            (0x04, .reserved), (0x1F, .reserved), (0xDF, .reserved), (0xE0, .serviceCentreSpecific),
            (0xFF, .serviceCentreSpecific),
        ] as [(UInt8, Command.Kind)])
    func command(type: UInt8, kind: Command.Kind) throws {
        let hex = "22" + "07" + "00" + Hex.encode([type]) + "2A" + "0791551521F3" + "03" + "616263"
        guard case .command(let command) = try decode(hex, .mobileOriginated) else {
            Issue.record("another type")
            return
        }
        #expect(command.kind == kind)
        #expect(command.reference == 7 && command.messageNumber == 0x2A && command.requestReport)
        #expect(command.recipient.display == "+5551123")
        #expect(command.data.content == Array("abc".utf8))
        #expect(Hex.encode(command.encode()) == hex)
    }

    @Test("the reserved type is an SMS-DELIVER to a phone, and is kept as it came; to a service centre it is nothing")
    func reservedType() throws {
        let hex = "07" + "04" + "91" + "2143" + "00" + "00" + "11101021436500" + "02" + "6135"
        guard case .deliver(let message) = try decode(hex, .mobileTerminated) else {
            Issue.record("another type")
            return
        }
        #expect(message.hasReservedType && message.userData.text == "aj")
        #expect(Hex.encode(message.encode(withServiceCentre: false)) == hex)
        #expect {
            try decode(hex, .mobileOriginated)
        } throws: { error in
            (error as? PDUError)?.code == .unsupportedType
        }
    }

    @Test(
        "A7: no beginning of a report or a command is read, and none stops the codec",
        arguments: [
            ("00D3077F0003D7E30A", TPDU.Direction.mobileOriginated),
            ("01C5071110102143650041000361E1", .mobileTerminated),
            ("220700012A0791551521F303616263", .mobileOriginated),
        ])
    func beginnings(hex: String, direction: TPDU.Direction) throws {
        let bytes = try #require(Hex.decode(hex))
        for length in 0..<bytes.count {
            #expect(throws: PDUError.self) {
                try TPDU.decode(Array(bytes.prefix(length)), direction: direction, hasServiceCentre: false)
            }
        }
    }

    @Test("a status report ends where a SIM fills with ones, and not where its octets are cut")
    func filler() throws {
        let report = "0242049136195150713220052351408132200542" + "00"
        for end in ["", "FF", "FFFFFFFF"] {
            guard case .statusReport(let read) = try decode(report + end, .mobileTerminated) else {
                Issue.record("another type")
                return
            }
            #expect(read.parameterIndicator == nil && read.status.outcome == .delivered)
        }
        for end in ["01", "FF01", "07FF"] {
            #expect(throws: PDUError.self) { try decode(report + end, .mobileTerminated) }
        }
    }

    @Test("TP-PI may go on for octets that mean nothing, and comes back with them")
    func longIndicator() throws {
        let hex = "0242049136195150713220052351408132200542" + "00" + "818002" + "41"
        guard case .statusReport(let read) = try decode(hex, .mobileTerminated) else {
            Issue.record("another type")
            return
        }
        #expect(read.parameterIndicator == 0x81 && read.protocolIdentifier == 0x41)
        #expect(try TPDU.decode(read.encode()) == .statusReport(read))
    }
}
