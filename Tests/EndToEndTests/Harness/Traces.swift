import Foundation

/// Looks for a person in every byte of every file of a folder, in each form in which something of a gateway writes.
struct Traces {
    private let patterns: [(name: String, bytes: [UInt8])]

    /// - Parameters:
    ///   - phone: as `+16195550123`.
    ///   - text: of letters, digits and blanks, which GSM 7-bit has where ASCII has them.
    init(phone: String, text: String) {
        let digits = String(phone.drop { $0 == "+" })
        var patterns: [(String, [UInt8])] = []
        for (name, word) in [("number", digits), ("national number", String(digits.dropFirst())), ("text", text)] {
            patterns += [
                ("the \(name)", Array(word.utf8)),
                ("the \(name) in UTF-16, little end first", word.utf16.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }),
                ("the \(name) in UTF-16, big end first", word.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }),
                ("the \(name) in hex", Array(Self.hex(Array(word.utf8)).utf8)),
                ("the \(name) in small hex", Array(Self.hex(Array(word.utf8)).lowercased().utf8)),
            ]
        }
        let swapped = Self.semiOctets(digits)
        patterns.append(("the number in semi-octets", swapped))
        patterns.append(("the number in semi-octets in hex", Array(Self.hex(swapped).utf8)))
        patterns.append(("the number in semi-octets in small hex", Array(Self.hex(swapped).lowercased().utf8)))
        for shift in 0..<8 { patterns.append(("the text in septets", Self.septets(text, shift: shift))) }
        self.patterns = patterns
    }

    /// Which forms are in which files, as `journal.db: the number`.
    func found(in folder: String) throws -> Set<String> {
        var found: Set<String> = []
        let names = try FileManager.default.subpathsOfDirectory(atPath: folder)
        for name in names {
            let attributes = try? FileManager.default.attributesOfItem(atPath: folder + "/" + name)
            guard attributes?[.type] as? FileAttributeType == .typeRegular,
                let data = FileManager.default.contents(atPath: folder + "/" + name)
            else { continue }
            for pattern in patterns where data.range(of: Data(pattern.bytes)) != nil {
                found.insert("\(name): \(pattern.name)")
            }
        }
        return found
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { String(UInt16($0) + 256, radix: 16, uppercase: true).dropFirst() }.joined()
    }

    /// Two digits an octet, the first in the low half; a filler where one is left (TS 23.040 §9.1.2.3).
    static func semiOctets(_ digits: String) -> [UInt8] {
        let values = digits.utf8.map { $0 - 0x30 }
        return stride(from: 0, to: values.count, by: 2).map { index in
            values[index] | (index + 1 < values.count ? values[index + 1] : 15) << 4
        }
    }

    /// Seven bits a letter, the lowest first (TS 23.038 §6.1.2.1.1), beginning `shift` bits into an octet; only the octets
    /// that are wholly the text's.
    static func septets(_ text: String, shift: Int) -> [UInt8] {
        var bits = [Bool](repeating: false, count: shift)
        for letter in text.utf8 { for bit in 0..<7 { bits.append(letter >> bit & 1 == 1) } }
        let octets = stride(from: 0, to: bits.count - bits.count % 8, by: 8).map { start in
            (0..<8).reduce(UInt8(0)) { $0 | (bits[start + $1] ? 1 << UInt8($1) : 0) }
        }
        return Array(shift == 0 ? octets[...] : octets.dropFirst())
    }
}
