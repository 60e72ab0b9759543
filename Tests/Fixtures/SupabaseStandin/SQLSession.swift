import Foundation

/// A session of psql with the project that stays open, for tests that ask hundreds of times. Used from one thread at a
/// time; it ends when nobody holds it any more.
public final class SQLSession {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private let errors = Pipe()
    private var unread = Data()

    init(dsn: String) throws {
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["psql", "-qAtX", "-v", "ON_ERROR_STOP=1", "-d", dsn, "-f", "-"]
        process.standardInput = input
        process.standardOutput = output
        process.standardError = errors
        Standin.keepToThisProcess(input.fileHandleForWriting)
        try process.run()
    }

    deinit { try? input.fileHandleForWriting.close() }

    /// Runs SQL; what its queries answered.
    @discardableResult
    public func run(_ sql: String) throws -> String {
        let mark = "=== \(UInt64.random(in: 0 ... .max)) ==="
        try input.fileHandleForWriting.write(contentsOf: Data("\(sql)\n;\n\\echo '\(mark)'\n".utf8))
        let end = Data("\(mark)\n".utf8)
        while true {
            if let found = unread.range(of: end) {
                defer { unread = Data() }
                return String(decoding: unread[..<found.lowerBound], as: UTF8.self)
                    .trimmingCharacters(in: .whitespacesAndNewlines)
            }
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else {
                let why = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
                throw Standin.Failure(description: "psql: \(why)")
            }
            unread += more
        }
    }
}
