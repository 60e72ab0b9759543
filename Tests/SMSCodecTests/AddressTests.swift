import SMSCodec
import Testing

struct AddressTests {
    @Test(
        "an address is written and read",
        arguments: [
            ("+16195550123", "0B916191550521F3"), ("5550123", "0781550521F3"), ("12", "028121"),
            ("*100#", "05811A00FB"),
            ("1*#abc", "0681A1CBED"),
        ])
    func numeric(number: String, field: String) throws {
        let bytes = Submit(recipient: Address(number: number), userData: UserData(text: "")).encode()
        #expect(Hex.encode(bytes.dropFirst(2).dropLast(3)) == field)
        guard case .submit(let back) = try TPDU.decode(bytes, direction: .mobileOriginated, hasServiceCentre: false)
        else {
            Issue.record("not a submit")
            return
        }
        #expect(back.recipient.display == number)
    }

    @Test("a number of any length keeps its digits", arguments: 1...20)
    func lengths(count: Int) throws {
        let digits = String((0..<count).map { Character(String(($0 + 1) % 10)) })
        let message = Deliver(
            serviceCentre: Address(number: "+" + digits), sender: Address(number: digits), time: nil,
            userData: UserData(text: "x"))
        guard case .deliver(let back) = try TPDU.decode(message.encode()) else {
            Issue.record("not a deliver")
            return
        }
        #expect(back.sender == message.sender)
        #expect(back.serviceCentre == message.serviceCentre)
    }

    @Test("a name of any length survives, a trailing @ too", arguments: 1...11)
    func names(count: Int) throws {
        for last in ["@", "x"] {
            let name = String(repeating: "N", count: count - 1) + last
            let sender = Address(typeOfNumber: 5, numberingPlan: 0, value: name)
            let message = Deliver(sender: sender, time: nil, userData: UserData(text: "x"))
            guard case .deliver(let back) = try TPDU.decode(message.encode()) else {
                Issue.record("not a deliver")
                return
            }
            #expect(back.sender.value == name)
        }
    }

    @Test("all types of number are kept", arguments: 0...7 as ClosedRange<UInt8>)
    func types(type: UInt8) throws {
        let sender = Address(typeOfNumber: type, numberingPlan: 1, value: "123")
        let message = Deliver(sender: sender, time: nil, userData: UserData(text: "x"))
        guard case .deliver(let back) = try TPDU.decode(message.encode()) else {
            Issue.record("not a deliver")
            return
        }
        #expect(back.sender == sender)
        #expect(back.sender.display == (type == 1 ? "+123" : "123"))
    }

    @Test(
        "B9: what is no number is encoded as an empty address, never as a part of itself",
        arguments: ["", "unknown", "+1 619 555", "619-555-0123", "+123456789012345678901"])
    func unencodable(number: String) {
        let address = Address(number: number)
        #expect(!address.isEncodable)
        let bytes = Submit(recipient: address, userData: UserData(text: "x")).encode()
        #expect(bytes[2] == 0)
    }

    @Test("an address of more than 20 semi-octets is refused")
    func tooLong() {
        let bytes: [UInt8] = [0, 0x00, 21, 0x91] + [UInt8](repeating: 0x11, count: 40)
        #expect {
            try TPDU.decode(bytes)
        } throws: { error in
            (error as? PDUError)?.code == .addressTooLong && (error as? PDUError)?.offset == 2
        }
    }
}
