import SMSCodec
import Testing

@testable import ModemKit

@Suite("What a trace keeps of a PDU")
struct PDUMaskTests {
    static let numbers = ["+16195550123", "6195550123", "+447911123456", "+4915112345678", "72345", "+861381234567890"]
    static let texts = [
        "", "hi", "Meet me at 9", String(repeating: "secret ", count: 22) + "ok", "Приве́т, 世界", "😀 party",
        "{euro €}", String(repeating: "long text that goes over more parts ", count: 12),
    ]

    static let time = ServiceCentreTime(unixSeconds: 1_790_000_000, offsetMinutes: -480)

    /// The fields that must stay.
    private func mask(_ octets: [UInt8], isSent: Bool) throws -> (before: TPDU, after: TPDU) {
        var masked = octets
        PDUMask.mask(&masked, isSent: isSent)
        #expect(masked.count == octets.count)
        let direction: TPDU.Direction = isSent ? .mobileOriginated : .mobileTerminated
        return (try TPDU.decode(octets, direction: direction), try TPDU.decode(masked, direction: direction))
    }

    private func check(_ before: Address?, _ after: Address?) {
        #expect(before?.typeOfAddress == after?.typeOfAddress)
        #expect(before?.value.utf8.count == after?.value.utf8.count)
        #expect(before == nil || before?.value != after?.value)
    }

    private func check(_ before: UserData, _ after: UserData) {
        #expect(before.encoding == after.encoding)
        #expect(before.header == after.header)
        #expect(before.lengthField == after.lengthField)
        let units = after.encoding == .ucs2 ? after.unitCount : after.content.count
        #expect(after.text == String(repeating: "x", count: units))
    }

    private func parts(_ text: String) throws -> [UserData] {
        text.isEmpty ? [UserData(text: "")] : try Segmentation.split(text, reference: 7).parts
    }

    @Test("A text that came: number and text are others, of the same length; all else stays", arguments: numbers, texts)
    func deliver(number: String, text: String) throws {
        for part in try parts(text) {
            let message = Deliver(
                serviceCentre: Address(number: "+12063130004"), sender: Address(number: number), time: Self.time,
                userData: part)
            let (before, after) = try mask(message.encode(), isSent: false)
            guard case .deliver(let one) = before, case .deliver(let other) = after else {
                Issue.record("no longer a text")
                return
            }
            check(one.serviceCentre, other.serviceCentre)
            check(one.sender, other.sender)
            check(one.userData, other.userData)
            #expect(one.timeStamp == other.timeStamp)
            #expect(one.dataCoding == other.dataCoding)
        }
    }

    @Test("A text that goes out, with and without a period", arguments: numbers, texts)
    func submit(number: String, text: String) throws {
        for validity in [nil, Validity(minutes: 60), .absolute(TimeStamp(Self.time))] as [Validity?] {
            for part in try parts(text) {
                let message = Submit(
                    reference: 3, recipient: Address(number: number), requestReport: true, validity: validity,
                    userData: part)
                let (before, after) = try mask(message.encode(withServiceCentre: true), isSent: true)
                guard case .submit(let one) = before, case .submit(let other) = after else {
                    Issue.record("no longer a text")
                    return
                }
                check(one.recipient, other.recipient)
                check(one.userData, other.userData)
                #expect(one.validity == other.validity)
                #expect(one.reference == other.reference)
            }
        }
    }

    @Test("A report keeps its reference, times and status", arguments: numbers)
    func report(number: String) throws {
        let message = StatusReport(
            serviceCentre: Address(number: "+12063130004"), reference: 42, recipient: Address(number: number),
            submitted: Self.time, discharged: Self.time, status: ReportStatus(rawValue: 0x46))
        for tail in [[], [0xFF, 0xFF, 0xFF]] as [[UInt8]] {
            let (before, after) = try mask(message.encode() + tail, isSent: false)
            guard case .statusReport(var one) = before, case .statusReport(var other) = after else {
                Issue.record("no longer a report")
                return
            }
            check(one.serviceCentre, other.serviceCentre)
            check(one.recipient, other.recipient)
            (one.recipient, other.recipient) = (Address(number: "1"), Address(number: "1"))
            (one.serviceCentre, other.serviceCentre) = (nil, nil)
            #expect(one == other)
        }
    }

    @Test("A sender with a name has another one of the same length")
    func name() throws {
        let sender = Address(typeOfNumber: 5, numberingPlan: 0, value: "Anna Bell")
        let message = Deliver(sender: sender, time: Self.time, userData: UserData(text: "hi"))
        let (_, after) = try mask(message.encode(), isSent: false)
        guard case .deliver(let other) = after else {
            Issue.record("no longer a text")
            return
        }
        #expect(other.sender.value == "xxxxxxxxx")
    }

    @Test("Of a header stay the elements that put a text together; the others keep their place")
    func header() throws {
        // A reply address (0x22) is a number.
        let elements: [UInt8] = [0x00, 0x03, 0x07, 0x02, 0x01, 0x22, 0x04, 0x91, 0x61, 0x91, 0x55]
        let message = Deliver(
            sender: Address(number: "+16195550123"), time: Self.time,
            userData: UserData(header: elements, encoding: .gsm7, content: Array("hello".utf8)))
        let (_, after) = try mask(message.encode(), isSent: false)
        guard case .deliver(let other) = after else {
            Issue.record("no longer a text")
            return
        }
        #expect(other.userData.header == [0x00, 0x03, 0x07, 0x02, 0x01, 0x22, 0x04, 0, 0, 0, 0])
        #expect(other.userData.text == "xxxxx")
    }

    @Test("Whatever octets come, nothing of a text's octets is left, and the length stays")
    func cut() {
        let message = Deliver(
            serviceCentre: Address(number: "+12063130004"), sender: Address(number: "+16195550123"), time: Self.time,
            userData: UserData(text: "Meet me at nine, please"))
        let octets = message.encode()
        let text = Array(octets.suffix(20))
        for count in 0...octets.count {
            for isSent in [false, true] {
                for start in 0...min(count, 8) {
                    var piece = Array(octets[start..<count])
                    PDUMask.mask(&piece, isSent: isSent)
                    #expect(piece.count == count - start)
                    for length in stride(from: 6, through: 20, by: 7) {
                        #expect(!piece.joinedHex.contains(Array(text.prefix(length)).joinedHex))
                    }
                }
            }
        }
    }
}

extension [UInt8] {
    fileprivate var joinedHex: String { Hex.encode(self) }
}
