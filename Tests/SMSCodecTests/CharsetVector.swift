import Foundation
import SMSCodec

/// One vector of an alphabet, an address, a time or a period.
struct CharsetVector {
    private let vector: Vector

    init(_ vector: Vector) {
        self.vector = vector
    }

    /// What is wrong, empty when nothing is; nil when the operation is not one of today's.
    func problem() -> String? {
        switch vector.operation {
        case "gsm7_pack":
            let septets = GSM7.septets(of: text("text")) ?? []
            return difference(Hex.encode(GSM7.pack(septets)), "packed_hex") + difference(septets.count, "septets")
        case "gsm7_octets_pack":
            return difference(
                Hex.encode(GSM7.pack(octets("septet_values_hex"), fillBits: number("fill_bits"))), "packed_hex")
        case "ussd_pack":
            return difference(
                Hex.encode(USSDText.pack(octets("septet_values_hex"), fillBits: number("fill_bits"))), "packed_hex")
        case "gsm7_unpack":
            return difference(
                GSM7.text(of: GSM7.unpack(octets("packed_hex"), count: number("septets"))), "text")
        case "ussd_unpack": return difference(USSDText.text(of: octets("packed_hex")), "text")
        case "gsm7_unpack_udh": return part()
        case "ucs2":
            return difference(Hex.encode(UserData(text: text("text")).content), "hex")
        case "scts_decode": return time()
        case "validity_relative":
            return difference(Validity.relative(UInt8(number("tp_vp"))).seconds ?? -1, "seconds")
        case "address_encode", "smsc_encode", "address_decode": return address()
        default: return nil
        }
    }

    /// User data and times are read as a TPDU has them, for that is how they come.
    private func part() -> String {
        let pdu = "400491214300001110102143650000"
        let bytes = (Hex.decode(pdu) ?? []).dropLast() + [UInt8(number("septets_total"))] + octets("ud_hex")
        guard case .deliver(let message) = try? TPDU.decode(Array(bytes), hasServiceCentre: false) else {
            return "refused"
        }
        let place = message.userData.concatenation
        let found: NSDictionary = [
            "ref": Int(place?.reference ?? 0), "total": Int(place?.total ?? 0), "seq": Int(place?.sequence ?? 0),
        ]
        let wanted = vector.expect["concat"] as? NSDictionary
        return difference(message.userData.text, "text") + (found == wanted ? "" : "\(found)")
    }

    private func time() -> String {
        let pdu = (Hex.decode("00049121430000") ?? []) + octets("hex") + [0]
        guard case .deliver(let message) = try? TPDU.decode(pdu, hasServiceCentre: false) else { return "refused" }
        return difference(message.time?.description ?? "none", "iso")
    }

    private func address() -> String {
        switch vector.operation {
        case "address_decode":
            let pdu = [0x00] + octets("hex") + (Hex.decode("0000" + "11101021436500" + "00") ?? [])
            guard case .deliver(let message) = try? TPDU.decode(pdu, hasServiceCentre: false) else { return "refused" }
            return difference(message.sender.display, "number")
        case "smsc_encode":
            let submit = Submit(
                serviceCentre: Address(number: text("number")), recipient: Address(number: "1"),
                userData: UserData(text: ""))
            let wanted = vector.expect["hex"] as? String ?? "none"
            return Hex.encode(submit.encode(withServiceCentre: true)).hasPrefix(wanted + "0100") ? "" : "not \(wanted)"
        default:
            var recipient = Address(number: text("number"))
            if let type = vector.input["toa"] as? Int {
                recipient = Address(
                    typeOfNumber: UInt8(type >> 4 & 7), numberingPlan: UInt8(type & 15), value: text("number"))
            }
            let bytes = Submit(recipient: recipient, userData: UserData(text: "")).encode()
            // Before the address: first octet and reference; behind it: PID, DCS and a length of zero.
            return difference(Hex.encode(bytes.dropFirst(2).dropLast(3)), "hex")
        }
    }

    private func difference<Value: Equatable>(_ found: Value, _ key: String) -> String {
        guard let wanted = vector.expect[key] as? Value else { return "" }
        return found == wanted ? "" : "\(key): \(found), not \(wanted). "
    }

    private func text(_ key: String) -> String { vector.input[key] as? String ?? "" }
    private func number(_ key: String) -> Int { vector.input[key] as? Int ?? 0 }
    private func octets(_ key: String) -> [UInt8] { Hex.decode(text(key)) ?? [] }
}
