/// One line of a table: where its fields are.
public struct RowFields: Sendable {
    struct Field: Sendable {
        var start: Int
        var end: Int
        /// There are doubled quotation marks in it.
        var hasDoubled = false
    }

    var fields: [Field] = []
    /// The line of the file that it begins in, from 1.
    public var line = 1

    public var count: Int { fields.count }
}

/// Finds rows and fields in delimiter-separated text (RFC 4180), as spreadsheets and tills write it: lines end in LF, CRLF
/// or CR; a field in quotation marks may hold all three, delimiters, and quotation marks doubled; a quotation mark within
/// a field that does not begin with one is a sign like any other.
///
/// It reads from memory and keeps nothing but the number of the line.
struct RowReader: Sendable {
    enum Found: Equatable {
        /// The row, without the line ending; the next one begins at `next`.
        case row(next: Int)
        /// Only blanks up to `next`.
        case blank(next: Int)
        /// The row does not end in these bytes.
        case incomplete
        /// A quotation mark opens a field and none closes it; the next physical line begins at `next`.
        case unclosed(next: Int)
        case end
    }

    /// A field in quotation marks that goes over more lines than this has lost the mark that closes it.
    static let mostLinesOfField = 500

    let delimiter: UInt8
    /// The line that the next row begins in, from 1.
    var line = 1

    init(delimiter: UInt8, line: Int = 1) {
        self.delimiter = delimiter
        self.line = line
    }

    /// Reads the row that begins at `start`.
    ///
    /// - Parameter isWhole: nothing comes behind these bytes.
    mutating func next(
        _ bytes: UnsafeBufferPointer<UInt8>, at start: Int, isWhole: Bool, into row: inout RowFields
    ) -> Found {
        guard start < bytes.count else { return isWhole ? .end : .incomplete }
        row.fields.removeAll(keepingCapacity: true)
        row.line = line
        var place = start
        var lines = 0
        while true {
            let field: RowFields.Field
            if place < bytes.count, bytes[place] == quote {
                switch quoted(bytes, at: place, isWhole: isWhole, lines: &lines) {
                case .field(let found, let end): (field, place) = (found, end)
                case .incomplete: return .incomplete
                case .unclosed: return unclosed(bytes, at: start, isWhole: isWhole)
                }
            } else {
                var end = place
                while end < bytes.count, bytes[end] != delimiter, bytes[end] != lf, bytes[end] != cr { end += 1 }
                field = RowFields.Field(start: place, end: end)
                place = end
            }
            row.fields.append(field)
            guard place < bytes.count else {
                guard isWhole else { return .incomplete }
                line += lines + 1
                return ended(row, next: place)
            }
            if bytes[place] == delimiter {
                place += 1
                continue
            }
            if bytes[place] == cr {
                // Whether a line feed belongs to it is seen in the next piece.
                guard place + 1 < bytes.count || isWhole else { return .incomplete }
                if place + 1 < bytes.count, bytes[place + 1] == lf { place += 1 }
            }
            line += lines + 1
            return ended(row, next: place + 1)
        }
    }

    private func ended(_ row: RowFields, next: Int) -> Found {
        row.fields.count == 1 && row.fields[0].start == row.fields[0].end ? .blank(next: next) : .row(next: next)
    }

    private enum Quoted {
        case field(RowFields.Field, end: Int)
        case incomplete
        case unclosed
    }

    private func quoted(
        _ bytes: UnsafeBufferPointer<UInt8>, at start: Int, isWhole: Bool, lines: inout Int
    ) -> Quoted {
        var field = RowFields.Field(start: start + 1, end: start + 1)
        var place = start + 1
        let before = lines
        while place < bytes.count {
            let byte = bytes[place]
            if byte == lf || byte == cr && !(place + 1 < bytes.count && bytes[place + 1] == lf) {
                lines += 1
                if lines - before > Self.mostLinesOfField { return .unclosed }
            }
            guard byte == quote else {
                place += 1
                continue
            }
            guard place + 1 < bytes.count else {
                guard isWhole else { return .incomplete }
                field.end = place
                return .field(field, end: place + 1)
            }
            if bytes[place + 1] == quote {
                field.hasDoubled = true
                place += 2
                continue
            }
            field.end = place
            place += 1
            // What stands behind the closing mark is no part of the table; blanks are common.
            while place < bytes.count, bytes[place] == 0x20 { place += 1 }
            if place < bytes.count, bytes[place] != delimiter, bytes[place] != lf, bytes[place] != cr {
                lines = before
                return loose(bytes, at: start, isWhole: isWhole)
            }
            return place < bytes.count || isWhole ? .field(field, end: place) : .incomplete
        }
        return isWhole ? .unclosed : .incomplete
    }

    /// `"7" pipe"`: the marks are signs of the field, which ends with the delimiter or the line.
    private func loose(_ bytes: UnsafeBufferPointer<UInt8>, at start: Int, isWhole: Bool) -> Quoted {
        var end = start
        while end < bytes.count, bytes[end] != delimiter, bytes[end] != lf, bytes[end] != cr { end += 1 }
        guard end < bytes.count || isWhole else { return .incomplete }
        return .field(RowFields.Field(start: start, end: end), end: end)
    }

    private mutating func unclosed(_ bytes: UnsafeBufferPointer<UInt8>, at start: Int, isWhole: Bool) -> Found {
        var end = start
        while end < bytes.count, bytes[end] != lf, bytes[end] != cr { end += 1 }
        if end < bytes.count, bytes[end] == cr {
            guard end + 1 < bytes.count || isWhole else { return .incomplete }
            if end + 1 < bytes.count, bytes[end + 1] == lf { end += 1 }
        }
        line += 1
        return .unclosed(next: min(end + 1, bytes.count))
    }
}

private let quote = UInt8(ascii: "\"")
private let lf: UInt8 = 0x0A
private let cr: UInt8 = 0x0D
