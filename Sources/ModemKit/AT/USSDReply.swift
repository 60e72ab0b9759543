import SMSCodec

/// What AT+CUSD reports (TS 27.007 §7.15).
public struct USSDReply: Sendable, Hashable {
    public enum State: String, Sendable, Hashable, Codable {
        /// The network has said what there is to say.
        case done
        /// The network waits for an answer.
        case asks
        /// The network, or the other side, has ended the session.
        case ended
        /// Another client answered it.
        case elsewhere
        case unsupported
        case timedOut
    }

    public var state: State
    /// As the modem printed it, between its quotes.
    var raw: String
    /// The alphabet it says it used (TS 23.038 §5); nil where it says none.
    var coding: Int?

    /// Reads what follows `+CUSD:`.
    init(_ rest: some Collection<UInt8>) {
        // Some modems leave the quotes out, and some texts have commas and quotes in them: the first field is a number,
        // a number after the last comma is the alphabet, and all between is text.
        var bytes = Array(rest)[...]
        while bytes.first == 0x20 { bytes.removeFirst() }
        let digits = bytes.prefix { $0 >= 0x30 && $0 <= 0x39 }
        switch Int(String(decoding: digits, as: UTF8.self)) {
        case 0: state = .done
        case 1: state = .asks
        case 3: state = .elsewhere
        case 4: state = .unsupported
        case 5: state = .timedOut
        default: state = .ended
        }
        bytes = bytes.dropFirst(digits.count)
        while let byte = bytes.first, byte == 0x20 || byte == UInt8(ascii: ",") { bytes.removeFirst() }
        if let comma = bytes.lastIndex(of: UInt8(ascii: ",")) {
            let tail = String(decoding: bytes[bytes.index(after: comma)...], as: UTF8.self)
            let plain = tail.drop { $0 == " " }
            if let number = Int(plain), (0...255).contains(number), bytes[..<comma].last(where: { $0 != 0x20 }) != nil {
                coding = number
                bytes = bytes[..<comma]
            }
        }
        while bytes.last == 0x20 { bytes.removeLast() }
        if bytes.first == UInt8(ascii: "\"") { bytes.removeFirst() }
        if bytes.last == UInt8(ascii: "\"") { bytes.removeLast() }
        raw = String(decoding: bytes, as: UTF8.self)
    }

    /// The text in words, whatever form the modem gave it.
    ///
    /// Hex is septets or UCS-2 by the alphabet that is told; where none is told, by what it looks like.
    public var text: String {
        let digits = Array(raw.utf8)
        guard digits.count >= 4, digits.count.isMultiple(of: 2), let octets = HexBytes.decode(digits) else {
            return raw
        }
        if saysUCS2, octets.count.isMultiple(of: 2) { return Answers.ucs2(octets) }
        // A few digits are what they look like: an amount, a code. They would be hex of anything.
        if digits.count < 12, digits.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) { return raw }
        return looksLikeUCS2(octets) ? Answers.ucs2(octets) : USSDText.text(of: octets)
    }

    /// General data coding: bits 3 and 2 are the alphabet; 17 is UCS-2 after a language.
    private var saysUCS2: Bool {
        coding.map { $0 & 0xC0 == 0x40 && $0 & 0x0C == 0x08 || $0 == 0x11 } ?? false
    }

    private func looksLikeUCS2(_ octets: [UInt8]) -> Bool {
        guard octets.count.isMultiple(of: 2) else { return false }
        // Letters of one script share their high octet: one value there in most places.
        let high = stride(from: 0, to: octets.count, by: 2).map { octets[$0] }
        let counts = Dictionary(high.map { ($0, 1) }, uniquingKeysWith: +)
        let most = counts.max { $0.value < $1.value }
        guard let most, most.key < 0x20 else { return false }
        return most.value * 5 >= high.count * 3
    }
}

extension ModemFamily.USSDForm {
    /// AT+CUSD that sends `code`; nil where the code has a character that cannot be sent.
    func command(_ code: String) -> String? {
        switch self {
        case .text:
            guard code.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") }) else { return nil }
            return "AT+CUSD=1,\"\(code)\",15"
        case .packedHex:
            guard let septets = GSM7.septets(of: code) else { return nil }
            var hex: [UInt8] = []
            HexBytes.append(USSDText.pack(septets), to: &hex)
            return "AT+CUSD=1,\"\(String(decoding: hex, as: UTF8.self))\",15"
        }
    }
}
