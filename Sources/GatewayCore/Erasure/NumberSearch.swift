/// Finds a person's number in what others wrote: a plugin's keys and values, lines of a log.
struct NumberSearch: Sendable {
    /// Its digits, with and without the country.
    let forms: [[UInt8]]
    /// A short code is found where it stands for a number only, which nobody can tell in free text.
    let isShort: Bool

    /// - Parameter phone: normalised.
    init(_ phone: String) {
        let digits = Array(phone.utf8.drop { $0 == UInt8(ascii: "+") })
        isShort = !phone.hasPrefix("+")
        var forms = [digits]
        // As people of the North American plan write it, without the country.
        if !isShort, digits.count == 11, digits[0] == UInt8(ascii: "1") { forms.append(Array(digits[1...])) }
        self.forms = forms
    }

    /// Whether the number stands there as a number of its own, and not as a part of longer digits.
    func occurs(in text: some Sequence<UInt8>) -> Bool {
        let bytes = Array(text)
        return forms.contains { Self.occurs($0, in: bytes) }
    }

    private static func occurs(_ digits: [UInt8], in bytes: [UInt8]) -> Bool {
        guard let first = digits.first, bytes.count >= digits.count else { return false }
        for start in 0...(bytes.count - digits.count) where bytes[start] == first {
            let end = start + digits.count
            if start > 0, isDigit(bytes[start - 1]) { continue }
            if end < bytes.count, isDigit(bytes[end]) { continue }
            if bytes[start..<end].elementsEqual(digits) { return true }
        }
        return false
    }

    /// Whether something that looks like a telephone number stands in a key: seven digits or more in a row.
    static func holdsNumber(_ key: String) -> Bool {
        var run = 0
        for byte in key.utf8 {
            run = isDigit(byte) ? run + 1 : 0
            if run >= 7 { return true }
        }
        return false
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
