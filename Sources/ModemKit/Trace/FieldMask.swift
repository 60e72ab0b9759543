/// Masks the fields of one line in place; every octet stays one octet.
enum FieldMask {
    static let letter: UInt8 = 0x78
    private static let quote = UInt8(ascii: "\"")

    /// All but control characters: not even the lengths of words are left.
    static func text(_ octets: inout [UInt8], _ range: Range<Int>) {
        for index in range {
            let byte = octets[index]
            if isDigit(byte) {
                octets[index] = 0x30
            } else if byte >= 0x20, byte != 0x7F {
                octets[index] = letter
            }
        }
    }

    /// What is in quotes, runs of four digits or more, letters.
    static func plain(_ octets: inout [UInt8], _ range: Range<Int>) {
        var index = range.lowerBound
        while index < range.upperBound {
            if octets[index] == quote {
                let start = index + 1
                let end = octets[start..<range.upperBound].firstIndex(of: quote) ?? range.upperBound
                quoted(&octets, start..<end)
                index = end + 1
            } else if isDigit(octets[index]) {
                let end = octets[index..<range.upperBound].firstIndex { !isDigit($0) } ?? range.upperBound
                if end - index >= 4 { number(&octets, index..<end) }
                index = end
            } else {
                if isLetter(octets[index]) { octets[index] = letter }
                index += 1
            }
        }
    }

    /// The inside of quotes: a number becomes another one, in hex too; of all else letters and digits go.
    static func quoted(_ octets: inout [UInt8], _ range: Range<Int>) {
        let inside = octets[range]
        if isNumber(inside) { return number(&octets, range) }
        if isUCS2(inside) { return ucs2(&octets, range) }
        // Cells, areas: hex, which has digits.
        if HexBytes.isHex(inside), inside.contains(where: isDigit) {
            for index in range { octets[index] = 0x30 }
            return
        }
        for index in range {
            if isDigit(octets[index]) { octets[index] = 0x30 }
            if isLetter(octets[index]) { octets[index] = letter }
        }
    }

    /// The digits of a telephone number; plus signs, stars and hashes stay.
    static func number(_ octets: inout [UInt8], _ range: Range<Int>) {
        let masked = NumberMask.digits(for: octets[range].filter(isDigit))
        var next = 0
        for index in range where isDigit(octets[index]) {
            octets[index] = 0x30 + masked[next]
            next += 1
        }
    }

    /// Runs of at least ten digits, hex ones among them: the first six and the last two are kept.
    static func identity(_ octets: inout [UInt8], _ range: Range<Int>) {
        var index = range.lowerBound
        while index < range.upperBound {
            guard HexBytes.isHex(CollectionOfOne(octets[index])) else {
                index += 1
                continue
            }
            let end =
                octets[index..<range.upperBound].firstIndex { !HexBytes.isHex(CollectionOfOne($0)) }
                ?? range.upperBound
            if end - index >= 10 {
                // Filler behind an ICCID is none of its digits.
                let filler = octets[index..<end].reversed().prefix { $0 | 0x20 == UInt8(ascii: "f") }.count
                for place in index + 6..<max(index + 6, end - filler - 2) { octets[place] = 0x30 }
            }
            index = end
        }
    }

    /// The text of AT+CUSD, in the form it has: hex of UCS-2, hex of septets, or letters.
    static func ussd(_ octets: inout [UInt8], _ range: Range<Int>) {
        let inside = octets[range]
        guard inside.count >= 4, inside.count.isMultiple(of: 2), HexBytes.isHex(inside) else {
            return text(&octets, range)
        }
        if isUCS2(inside) { return ucs2(&octets, range) }
        // Septets of `x`, packed: 78 3C 1E 8F C7 E3 F1, again and again; the last octet may be half a septet.
        let pattern: [UInt8] = Array("783C1E8FC7E3F1".utf8)
        for (offset, index) in range.enumerated() { octets[index] = pattern[offset % pattern.count] }
    }

    // MARK: What a field is

    private static func isNumber(_ bytes: ArraySlice<UInt8>) -> Bool {
        let digits = bytes.first == UInt8(ascii: "+") ? bytes.dropFirst() : bytes
        return digits.count >= 3
            && digits.allSatisfy { isDigit($0) || $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "#") }
    }

    /// Hex of characters whose first octet is zero, mostly.
    private static func isUCS2(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.count >= 8 && bytes.count.isMultiple(of: 4) && bytes.starts(with: "00".utf8) && HexBytes.isHex(bytes)
    }

    private static func ucs2(_ octets: inout [UInt8], _ range: Range<Int>) {
        guard let characters = HexBytes.decode(octets[range]) else { return }
        let low = stride(from: 1, to: characters.count, by: 2).map { characters[$0] }
        var masked = [UInt8](repeating: letter, count: low.count)
        if stride(from: 0, to: characters.count, by: 2).allSatisfy({ characters[$0] == 0 }), isNumber(low[...]) {
            masked = low
            number(&masked, 0..<masked.count)
        }
        var hex: [UInt8] = []
        HexBytes.append(masked.flatMap { [0, $0] }, to: &hex)
        octets.replaceSubrange(range, with: hex)
    }

    static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

    /// What is beyond ASCII may be one in any alphabet.
    private static func isLetter(_ byte: UInt8) -> Bool {
        byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A || byte >= 0x80
    }
}
