import Glibc
import SMSCodec

/// Reads a file of TPDUs, one in hex a line, and says how many it decodes, and encodes, in a second.
///
/// The words: the file; a file with `1` or `0` for each line, 1 where the text counts for the checksum; how many times.
@main
enum CodecBenchmark {
    static func main() {
        let words = CommandLine.arguments
        let lines = contents(of: words[1]).split(separator: 0x0A)
        let counted = contents(of: words[2])
        let times = Int(words[3]) ?? 5
        var rates: [Double] = []
        var sum = CRC32()
        for _ in 0..<times {
            let begun = now()
            var length = 0
            for line in lines { length += text(of: line).utf8.count }
            rates.append(Double(lines.count) / (now() - begun))
            precondition(length > 0)
        }
        for (index, line) in lines.enumerated() where counted[index] == 0x31 { sum.add(text(of: line)) }
        report("decode", rates)
        puts("checksum \(sum.value)")

        let texts = lines.map { text(of: $0) }.filter { !$0.isEmpty }
        rates = []
        for _ in 0..<times {
            let begun = now()
            var parts = 0
            var octets = 0
            let recipient = Address(number: "+15550101234")
            for (index, text) in texts.enumerated() {
                guard let cut = try? Segmentation.split(text, reference: UInt16(index & 0xFF)) else { continue }
                for part in cut.parts {
                    let submit = Submit(recipient: recipient, requestReport: true, userData: part)
                    octets += Hex.encode(submit.encode(withServiceCentre: true)).utf8.count
                    parts += 1
                }
            }
            rates.append(Double(parts) / (now() - begun))
            precondition(octets > 0)
        }
        report("encode", rates)
    }

    /// Digits to octets, octets to a message, and its text in UTF-8.
    @inline(never)
    private static func text(of line: ArraySlice<UInt8>) -> String {
        guard let octets = Hex.decode(line), case .deliver(let message)? = try? TPDU.decode(octets) else { return "" }
        return message.userData.text
    }

    private static func report(_ what: String, _ rates: [Double]) {
        puts(what + rates.map { " \(Int($0))" }.joined())
    }

    private static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }

    private static func contents(of path: String) -> [UInt8] {
        let file = open(path, O_RDONLY)
        defer { _ = close(file) }
        var all: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = read(file, &block, block.count)
            guard count > 0 else { return all }
            all += block[..<count]
        }
    }
}

/// The checksum of zlib.
struct CRC32 {
    private var state: UInt32 = 0xFFFF_FFFF
    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 0 ? value >> 1 : value >> 1 ^ 0xEDB8_8320 }
    }

    mutating func add(_ text: String) {
        for octet in text.utf8 { state = state >> 8 ^ Self.table[Int((state ^ UInt32(octet)) & 0xFF)] }
    }

    var value: UInt32 { ~state }
}
