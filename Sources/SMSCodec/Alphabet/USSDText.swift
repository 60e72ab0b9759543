/// Septets as USSD packs them: it has no count of septets, so the last seven spare bits are filled with a carriage
/// return, and a text that ends in one on an octet boundary gets a second (TS 23.038 §6.1.2.3.1).
public enum USSDText {
    private static let carriageReturn: UInt8 = 0x0D

    /// The octets of `septets`; `fillBits` (0...6) zero bits go first.
    public static func pack(_ septets: [UInt8], fillBits: Int = 0) -> [UInt8] {
        var septets = septets
        let spare = (8 - (septets.count * 7 + fillBits) % 8) % 8
        if spare == 7 || (spare == 0 && septets.last == carriageReturn) {
            septets.append(carriageReturn)
        }
        return GSM7.pack(septets, fillBits: fillBits)
    }

    /// The text of `octets`, without the carriage return that only fills.
    public static func text(of octets: [UInt8]) -> String {
        var septets = GSM7.unpack(octets, count: octets.count * 8 / 7)
        let endsOctet = septets.count % 8 == 0
        let doubled = septets.count % 8 == 1 && septets.dropLast().last == carriageReturn
        if septets.last == carriageReturn, endsOctet || doubled { septets.removeLast() }
        return GSM7.text(of: septets)
    }
}
