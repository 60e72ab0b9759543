import SMSCodec
import Testing

/// Single octets, and what TS 23.040 and TS 23.038 say they mean.
struct FieldMeaningTests {
    @Test(
        "TP-PID tells what a message asks for",
        arguments: [
            (0x00, ProtocolIdentifier.Kind.plain), (0x01, .otherProtocol(1)), (0x20, .interworking(0)),
            (0x32, .interworking(0x12)), (0x3F, .interworking(0x1F)), (0x40, .typeZero), (0x41, .replace(1)),
            (0x47, .replace(7)), (0x48, .deviceTriggering), (0x49, .plain), (0x5F, .returnCall),
            (0x7D, .phoneDataDownload),
            (0x7F, .simDataDownload), (0x80, .plain), (0xBF, .plain), (0xC0, .serviceCentreSpecific),
        ] as [(UInt8, ProtocolIdentifier.Kind)])
    func protocolIdentifier(octet: UInt8, kind: ProtocolIdentifier.Kind) {
        #expect(ProtocolIdentifier(rawValue: octet).kind == kind)
        #expect((ProtocolIdentifier(rawValue: octet).replaces != nil) == (0x41...0x47).contains(octet))
    }

    @Test("every octet has a meaning in words, as TP-PID, TP-FCS and TP-Status")
    func words() {
        for octet in UInt8.min...UInt8.max {
            #expect(ProtocolIdentifier(rawValue: octet).meaning != "")
            #expect(!FailureCause(rawValue: octet).meaning.isEmpty)
            #expect(!ReportStatus(rawValue: octet).meaning.isEmpty)
        }
        #expect(ProtocolIdentifier(rawValue: 0x32).meaning == "Internet electronic mail")
    }

    @Test(
        "TP-Status 0...255 falls into its class",
        arguments: [
            (0x00...0x00, ReportStatus.Outcome.delivered), (0x01...0x1F, .unconfirmed), (0x20...0x3F, .stillTrying),
            (0x40...0x5F, .failed), (0x60...0xFF, .gaveUp),
        ] as [(ClosedRange<UInt8>, ReportStatus.Outcome)])
    func status(octets: ClosedRange<UInt8>, outcome: ReportStatus.Outcome) {
        for octet in octets { #expect(ReportStatus(rawValue: octet).outcome == outcome) }
    }

    @Test(
        "an enhanced validity period is read in each of its forms",
        arguments: [
            ("00000000000000", nil, false), ("40000000000000", nil, true), ("01A70000000000", 86_400, false),
            ("022D0000000000", 45, false), ("02000000000000", nil, false), ("03214365000000", 45_296, false),
            ("43100000000000", 3_600, true), ("03420000000000", nil, false), ("030A0000000000", nil, false),
            ("04FF0000000000", nil, false), ("07FF0000000000", nil, false), ("81000B00000000", 3_600, false),
            ("FFFFFFFFFFFFFF", nil, true),
        ] as [(String, Int?, Bool)])
    func enhanced(hex: String, seconds: Int?, isSingleShot: Bool) throws {
        let octets = try #require(Hex.decode(hex))
        let bytes = [0x09, 0, 1, 0x81, 0xF5, 0, 0] + octets + [0]
        guard
            case .submit(let message) = try TPDU.decode(bytes, direction: .mobileOriginated, hasServiceCentre: false)
        else {
            Issue.record("another type")
            return
        }
        #expect(message.validity == .enhanced(octets))
        #expect(message.validity?.seconds == seconds)
        #expect(message.validity?.isSingleShot == isSingleShot)
        #expect(message.encode() == bytes)
    }

    @Test("a data coding scheme tells alphabet, class, what waits, and whether it is compressed; all 256")
    func dataCoding() {
        for octet in UInt8.min...UInt8.max {
            let coding = DataCoding(rawValue: octet)
            let low = octet & 0x0F
            switch octet >> 4 {
            case 0x0...0x7:
                let alphabets: [Encoding] = [.gsm7, .octets, .ucs2, .gsm7]
                #expect(coding.encoding == alphabets[Int(low >> 2)])
                #expect(coding.messageClass == (octet & 0x10 == 0 ? nil : low & 3))
                #expect(coding.isCompressed == (octet & 0x20 != 0) && coding.messageWaiting == nil)
            case 0x8...0xB:
                #expect(coding.encoding == .gsm7)
                #expect(coding.messageClass == nil && !coding.isCompressed && coding.messageWaiting == nil)
            case 0xC...0xE:
                #expect(coding.encoding == (octet >> 4 == 0xE ? .ucs2 : .gsm7))
                #expect(coding.messageWaiting?.isStored == (octet >> 4 != 0xC))
                #expect(coding.messageWaiting?.isActive == (low & 8 != 0))
                #expect(coding.messageWaiting?.kind.rawValue == low & 3)
                #expect(coding.messageClass == nil && !coding.isCompressed)
            default:
                #expect(coding.encoding == (low & 4 != 0 ? .octets : .gsm7))
                #expect(coding.messageClass == low & 3 && !coding.isCompressed && coding.messageWaiting == nil)
            }
        }
    }

    @Test("compressed text is refused and not guessed", arguments: [0x20, 0x3F, 0x60, 0x7F] as [UInt8])
    func compressed(coding: UInt8) {
        let bytes = [0x04, 1, 0x81, 0xF5, 0, coding, 0x11, 0x10, 0x10, 0x21, 0x43, 0x65, 0, 1, 0x41]
        #expect {
            try TPDU.decode(bytes, hasServiceCentre: false)
        } throws: { error in
            (error as? PDUError)?.code == .compressed
        }
    }

    @Test(
        "the bits of a waiting-message element tell kinds of `other` apart and change no other kind",
        arguments: [
            (0x80, 0, true), (0x01, 1, false), (0x62, 2, false), (0x03, 3, false), (0x87, 3, true), (0x04, 0, false),
        ]
            as [(UInt8, UInt8, Bool)])
    func messagesWaiting(octet: UInt8, kind: UInt8, isStored: Bool) throws {
        let part = UserData(header: [0x01, 2, octet, 9], encoding: .gsm7, content: [])
        let waiting = try #require(part.messagesWaiting.first)
        #expect(waiting.kind.rawValue == kind && waiting.isStored == isStored && waiting.count == 9)
    }

    @Test("a name of a service centre comes back, whatever its length")
    func serviceCentreName() throws {
        for length in 1...11 {
            for octet: UInt8 in [0x00, 0x41, 0x9B, 0xFF] {
                let prefix = [UInt8(length + 1), 0xD0] + [UInt8](repeating: octet, count: length)
                let bytes = prefix + [0x04, 1, 0x81, 0xF5, 0, 0, 0x11, 0x10, 0x10, 0x21, 0x43, 0x65, 0, 0]
                let read = try TPDU.decode(bytes)
                #expect(try TPDU.decode(read.encode()) == read)
            }
        }
        // Found by the fuzzer: nine septets, of which an escape before a code without a meaning is one, so that the
        // name has eight, the last an @.
        let found = try #require(Hex.decode("095103087E08DB4C0B00" + "0000"))
        let read = try TPDU.decode(found, direction: .mobileOriginated)
        #expect(try TPDU.decode(read.encode(), direction: .mobileOriginated) == read)
    }
}
