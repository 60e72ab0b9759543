import ArgumentParser
import GatewayCore
import Glibc
import PluginKit

/// A list of opt-outs as CSV: number[,date[,source]].
struct OptOutFile: Sendable {
    /// How a date is written that does not begin with its year.
    enum DateOrder: String, ExpressibleByArgument, Sendable {
        case mdy, dmy
    }

    /// Lines that hold something, but for the headings.
    private(set) var count = 0
    private(set) var entries: [OptOutImport.Entry] = []
    private(set) var rejections: [OptOutImportReport.Rejection] = []
    private var headings: String?
    private var lines: [Int: String] = [:]
    private var separator: Character = ","

    private static let largest = 64 << 20

    /// Where each column is.
    private struct Columns {
        var number = 0
        var date: Int? = 1
        var source: Int? = 2
    }

    /// - Throws: a sentence when the file cannot be read or is no text.
    static func read(_ file: String, dates: DateOrder?) throws(CommandFailure) -> OptOutFile {
        var bytes: [UInt8] = []
        let descriptor = file == "-" ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw CommandFailure(.usage, "cannot open \(file): \(String(cString: strerror(errno)))")
        }
        defer { if descriptor != STDIN_FILENO { close(descriptor) } }
        var block = [UInt8](repeating: 0, count: 1 << 16)
        while bytes.count <= largest {
            let count = Glibc.read(descriptor, &block, block.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw CommandFailure(.failed, "cannot read \(file): \(String(cString: strerror(errno)))")
            }
            if count == 0 { break }
            bytes += block[..<count]
        }
        guard bytes.count <= largest else { throw CommandFailure(.usage, "\(file) is larger than 64 MB: split it") }
        return try parse(bytes, name: file, dates: dates)
    }

    static func parse(_ bytes: [UInt8], name: String, dates: DateOrder?) throws(CommandFailure) -> OptOutFile {
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) || bytes.contains(0) {
            throw CommandFailure(.usage, "\(name) is UTF-16, or no text: save it as \"CSV UTF-8\"")
        }
        let body = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
        // Windows-1252 has no place among numbers and dates; in a name of a source it is shown as it can be.
        let text = String(decoding: body, as: UTF8.self)
        var file = OptOutFile()
        var columns = Columns()
        let rows = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" || $0 == "\r" }
        let separator = separator(of: rows)
        file.separator = separator
        var isFirst = true
        for (index, row) in rows.enumerated() {
            let fields = fields(of: row, separator)
            if fields.allSatisfy(\.isEmpty) { continue }
            if isFirst, let found = try headings(fields, name: name) {
                columns = found
                file.headings = String(row)
            } else {
                file.take(fields, String(row), line: index + 1, columns, dates)
            }
            isFirst = false
        }
        return file
    }

    private mutating func take(
        _ fields: [String], _ row: String, line: Int, _ columns: Columns, _ dates: DateOrder?
    ) {
        func field(_ index: Int?) -> String {
            index.flatMap { fields.indices.contains($0) ? fields[$0] : nil } ?? ""
        }
        count += 1
        lines[line] = row
        var entry = OptOutImport.Entry(line: line, number: field(columns.number))
        if entry.number.utf8.count > 128 {
            rejections.append(.init(line: line, reason: "the number is too long to be one"))
            return
        }
        let date = field(columns.date)
        if !date.isEmpty {
            do throws(DateProblem) {
                entry.at = try Self.time(date, dates)
            } catch {
                rejections.append(.init(line: line, reason: error.reason))
                return
            }
        }
        let source = field(columns.source)
        if !source.isEmpty { entry.source = String(source.prefix(64)) }
        entries.append(entry)
    }

    // MARK: Fields

    /// Whichever of `,` `;` and tab the first line with something has.
    private static func separator(of rows: [Substring]) -> Character {
        let first = rows.first { $0.contains { !$0.isWhitespace } } ?? ""
        return [",", ";", "\t"].first { first.contains($0) } ?? ","
    }

    /// RFC 4180, one line a record.
    private static func fields(of row: Substring, _ separator: Character) -> [String] {
        var fields: [String] = []
        var field = ""
        var isQuoted = false
        var wasQuote = false
        for character in row {
            if isQuoted {
                if character == "\"" {
                    isQuoted = false
                    wasQuote = true
                } else {
                    field.append(character)
                }
            } else if character == "\"" {
                // Two quotation marks within quotation marks are one.
                if wasQuote { field.append("\"") }
                isQuoted = true
                wasQuote = false
            } else if character == separator {
                fields.append(trimmed(field))
                field = ""
                wasQuote = false
            } else {
                field.append(character)
                wasQuote = false
            }
        }
        return fields + [trimmed(field)]
    }

    private static func trimmed(_ text: String) -> String {
        let start = text.drop { $0.isWhitespace }
        guard let end = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...end])
    }

    private static let numberHeadings = [
        "number", "phone", "phone number", "phonenumber", "mobile", "mobile phone", "cell", "cell phone", "msisdn",
        "telephone", "tel", "recipient", "to", "contact", "numero", "telefono",
    ]
    private static let dateHeadings = [
        "date", "time", "timestamp", "at", "opted out at", "opt out date", "optout date", "opted out",
        "unsubscribed at",
        "created at", "updated at", "fecha",
    ]
    private static let sourceHeadings = ["source", "origin", "channel", "reason", "list", "fuente", "origen"]

    /// Nil where the first line is data: it has digits where a number is expected.
    private static func headings(_ fields: [String], name: String) throws(CommandFailure) -> Columns? {
        let words = fields.map { field in
            field.lowercased().split { !$0.isLetter && !$0.isNumber }.joined(separator: " ")
        }
        func column(_ known: [String]) -> Int? { words.firstIndex { known.contains($0) } }
        if let number = column(numberHeadings) {
            return Columns(number: number, date: column(dateHeadings), source: column(sourceHeadings))
        }
        guard !fields.contains(where: { $0.contains(where: \.isNumber) }) else { return nil }
        // Words nobody knows over one column are still headings.
        guard fields.count > 1 else { return Columns() }
        throw CommandFailure(
            .usage,
            "no column of \(name) is called number or phone: name one so in its first line, or take that line out")
    }

    // MARK: Dates

    private struct DateProblem: Error {
        var reason: String
    }

    /// ISO 8601, `2026-05-03 14:00`, or with an order `5/3/2026`; a day alone is its beginning in UTC.
    private static func time(_ text: String, _ order: DateOrder?) throws(DateProblem) -> Timestamp {
        if let time = Timestamp(text) { return time }
        let parts = text.split { $0 == " " || $0 == "T" }
        guard let day = parts.first else { throw DateProblem(reason: "the date cannot be read") }
        let isSlashed = day.contains("/") || day.contains(".")
        let numbers = day.split { "/.-".contains($0) }.compactMap { Int($0) }
        guard numbers.count == 3 else { throw DateProblem(reason: "the date cannot be read: write it as 2026-05-03") }
        var (year, month, date) = (numbers[0], numbers[1], numbers[2])
        if isSlashed || year < 1000 {
            guard let order else {
                throw DateProblem(reason: "whether day or month comes first is not known: say --dates mdy or dmy")
            }
            year = numbers[2] < 100 ? 2000 + numbers[2] : numbers[2]
            (month, date) = order == .mdy ? (numbers[0], numbers[1]) : (numbers[1], numbers[0])
        }
        let digits = { (number: Int) in number < 10 ? "0\(number)" : "\(number)" }
        var clock = "00:00:00"
        if parts.count > 1 {
            let time = parts[1].split(separator: ":").compactMap { Int($0.prefix { $0.isNumber }) }
            guard (2...3).contains(time.count), let hour = time.first, hour < 24 else {
                throw DateProblem(reason: "the time of day cannot be read: write it as 14:05")
            }
            let isAfternoon = text.lowercased().hasSuffix("pm")
            let isMorning = text.lowercased().hasSuffix("am")
            let twelve = isAfternoon && hour < 12 ? hour + 12 : isMorning && hour == 12 ? 0 : hour
            clock = "\(digits(twelve)):\(digits(time[1])):\(digits(time.count > 2 ? time[2] : 0))"
        }
        guard (2000...9999).contains(year),
            let time = Timestamp("\(year)-\(digits(month))-\(digits(date))T\(clock).000Z")
        else { throw DateProblem(reason: "there is no such date") }
        return time
    }

    // MARK: What cannot be taken

    /// The lines as they were, each with its reason behind it, in a column that an import of this file, corrected, passes
    /// over; in a file that only its owner reads.
    func writeRejects(
        _ rejections: [OptOutImportReport.Rejection], to file: String
    ) throws(CommandFailure) {
        var text = headings.map { "\($0)\(separator)rejected_because\n" } ?? ""
        for rejection in rejections {
            let line = lines[rejection.line] ?? ""
            // Without headings the first three columns have their meaning.
            let missing = headings == nil ? max(0, 2 - line.count { $0 == separator }) : 0
            let reason = rejection.reason.replacing("\"", with: "\"\"")
            text += line + String(repeating: separator, count: missing) + "\(separator)\"\(reason)\"\n"
        }
        let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw CommandFailure(.failed, "cannot write \(file): \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                throw CommandFailure(.failed, "cannot write \(file): \(String(cString: strerror(errno)))")
            }
        }
    }
}
