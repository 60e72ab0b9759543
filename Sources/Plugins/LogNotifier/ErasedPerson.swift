/// The person of an event `contact.erased`.
struct ErasedPerson {
    private let digits: [UInt8]

    /// - Parameter json: `{"phone":"+16195550123"}`.
    init?(_ json: String) {
        let bytes = Array(json.utf8)
        let name = Array(#""phone":""#.utf8)
        guard bytes.count > name.count,
            let start = (0...(bytes.count - name.count)).first(where: { bytes[$0...].starts(with: name) })
        else { return nil }
        digits = bytes[(start + name.count)...].prefix { $0 != UInt8(ascii: "\"") }
            .filter { (0x30...0x39).contains($0) }
        guard digits.count >= 3 else { return nil }
    }

    /// Whether the number stands in the line, and not as a part of longer digits.
    func isNamed(in line: ArraySlice<UInt8>) -> Bool {
        let bytes = Array(line)
        guard bytes.count >= digits.count else { return false }
        func isDigit(_ index: Int) -> Bool { bytes.indices.contains(index) && (0x30...0x39).contains(bytes[index]) }
        return (0...(bytes.count - digits.count)).contains { start in
            bytes[start] == digits[0] && bytes[start..<(start + digits.count)].elementsEqual(digits)
                && !isDigit(start - 1) && !isDigit(start + digits.count)
        }
    }
}
