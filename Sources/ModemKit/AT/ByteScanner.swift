/// Reads the fields of one line from left to right.
struct ByteScanner<Bytes: Collection<UInt8>> {
    private let bytes: Bytes
    private var position: Bytes.Index

    init(_ bytes: Bytes) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    var isAtEnd: Bool { position == bytes.endIndex }

    /// What has not been read yet.
    var rest: Bytes.SubSequence { bytes[position...] }

    mutating func skipSpaces() {
        while position < bytes.endIndex, bytes[position] == 0x20 || bytes[position] == 0x09 {
            position = bytes.index(after: position)
        }
    }

    /// Takes `byte`, after any spaces; false when something else is there.
    mutating func take(_ byte: UInt8) -> Bool {
        skipSpaces()
        guard position < bytes.endIndex, bytes[position] == byte else { return false }
        position = bytes.index(after: position)
        return true
    }

    /// A decimal number of at most nine digits; nil, and nothing is taken, when none is there.
    mutating func integer() -> Int? {
        skipSpaces()
        var value = 0
        var digits = 0
        var next = position
        while next < bytes.endIndex, case let byte = bytes[next], byte >= 0x30, byte <= 0x39 {
            digits += 1
            guard digits <= 9 else { return nil }
            value = value * 10 + Int(byte - 0x30)
            next = bytes.index(after: next)
        }
        guard digits > 0 else { return nil }
        position = next
        return value
    }

    /// The text up to the next comma outside quotes; quotes are taken off.
    mutating func field() -> (text: String, quoted: Bool) {
        skipSpaces()
        var content: [UInt8] = []
        var quoted = false
        var inQuotes = false
        while position < bytes.endIndex {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                inQuotes.toggle()
                quoted = true
            } else if byte == UInt8(ascii: ","), !inQuotes {
                break
            } else {
                content.append(byte)
            }
            position = bytes.index(after: position)
        }
        while content.last == 0x20 { content.removeLast() }
        return (String(decoding: content, as: UTF8.self), quoted)
    }

    /// All fields that are left. Some modems forget a quote: then quotes do not count at all.
    mutating func fields() -> [(text: String, quoted: Bool)] {
        let quote = UInt8(ascii: "\"")
        guard rest.count(where: { $0 == quote }).isMultiple(of: 2) else {
            var plain = ByteScanner<[UInt8]>(rest.filter { $0 != quote })
            return plain.fields()
        }
        var all: [(text: String, quoted: Bool)] = []
        while !isAtEnd {
            all.append(field())
            guard take(UInt8(ascii: ",")) else { break }
            if isAtEnd { all.append(("", false)) }
        }
        return all
    }
}

extension Collection<UInt8> {
    /// What follows `prefix`; nil when the bytes do not begin with it.
    func after(_ prefix: StaticString) -> SubSequence? {
        prefix.withUTF8Buffer { prefix in
            var index = startIndex
            for byte in prefix {
                guard index < endIndex, self[index] == byte else { return nil }
                index = self.index(after: index)
            }
            return self[index...]
        }
    }
}
