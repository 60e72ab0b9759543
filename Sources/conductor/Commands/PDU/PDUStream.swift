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
        var output: [UInt8] = []
        try eachLine(of: file) { line in
            output += answer(Array(line))
        } flush: { () throws(PDUStreamError) in
            try write(output)
            output.removeAll(keepingCapacity: true)
        }
    }

    /// Hands each line of `file` (`-` is standard input) to `take`, without its end and blanks around it; calls `flush`
    /// when the lines that are there are taken.
    static func eachLine(
        of file: String, take: (ArraySlice<UInt8>) -> Void, flush: () throws(PDUStreamError) -> Void
    ) throws(PDUStreamError) {
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
            takeLines(of: &rest, take)
            try flush()
        }
        // The last line may lack its end.
        guard !rest.isEmpty else { return }
        take(trimmed(rest[...]))
        try flush()
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

    /// Takes the whole lines out of `rest`.
    private static func takeLines(of rest: inout [UInt8], _ take: (ArraySlice<UInt8>) -> Void) {
        var start = 0
        while let end = rest[start...].firstIndex(of: newLine) {
            take(trimmed(rest[start..<end]))
            start = end + 1
        }
        rest.removeFirst(start)
    }

    /// The line without blanks and a carriage return at its ends.
    private static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let isBlank: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
        let start = line.firstIndex { !isBlank($0) } ?? line.endIndex
        let end = line.lastIndex { !isBlank($0) }.map { $0 + 1 } ?? start
        return line[start..<end]
    }

    private static func failure(_ what: String) -> PDUStreamError {
        PDUStreamError(description: "\(what): \(String(cString: strerror(errno)))")
    }
}
