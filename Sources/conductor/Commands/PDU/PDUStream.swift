import Glibc

/// A file that cannot be read or written; its description is one sentence.
struct PDUStreamError: Error, CustomStringConvertible {
    var description: String
}

/// Lines in and lines out, block by block: fast for a million, and prompt for one that is typed.
enum PDUStream {
    private static let blockSize = 1 << 16
    private static let newLine: UInt8 = 0x0A

    /// Answers each line of `file` (`-` is standard input) with one on standard output.
    static func eachLine(of file: String, answer: ([UInt8]) -> [UInt8]) throws(PDUStreamError) {
        let descriptor = file == "-" ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("cannot open \(file)") }
        defer { if descriptor != STDIN_FILENO { _ = close(descriptor) } }
        var rest: [UInt8] = []
        var block = [UInt8](repeating: 0, count: blockSize)
        while true {
            let count = read(descriptor, &block, blockSize)
            if count < 0 {
                if errno == EINTR { continue }
                throw failure("cannot read \(file)")
            }
            guard count > 0 else { break }
            rest += block[..<count]
            try write(answers(to: &rest, answer: answer))
        }
        // The last line may lack its end.
        if !rest.isEmpty { try write(answer(trimmed(rest[...]))) }
    }

    /// Writes all of `bytes` to standard output.
    static func write(_ bytes: [UInt8]) throws(PDUStreamError) {
        var done = 0
        while done < bytes.count {
            let count = bytes[done...].withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if count > 0 {
                done += count
            } else if errno != EINTR {
                throw failure("cannot write the output")
            }
        }
    }

    /// Takes the whole lines out of `rest` and answers them.
    private static func answers(to rest: inout [UInt8], answer: ([UInt8]) -> [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        var start = 0
        while let end = rest[start...].firstIndex(of: newLine) {
            output += answer(trimmed(rest[start..<end]))
            start = end + 1
        }
        rest.removeFirst(start)
        return output
    }

    /// The line without blanks and a carriage return at its ends.
    private static func trimmed(_ line: ArraySlice<UInt8>) -> [UInt8] {
        let isBlank: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
        let start = line.firstIndex { !isBlank($0) } ?? line.endIndex
        let end = line.lastIndex { !isBlank($0) }.map { $0 + 1 } ?? start
        return Array(line[start..<end])
    }

    private static func failure(_ what: String) -> PDUStreamError {
        PDUStreamError(description: "\(what): \(String(cString: strerror(errno)))")
    }
}
