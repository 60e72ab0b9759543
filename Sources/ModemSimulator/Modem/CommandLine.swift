/// One command of a command line (ITU-T V.250 §5.2, TS 27.007 §4).
struct ATCommand: Equatable {
    /// What is asked of the command.
    enum Form: Equatable {
        case execute
        /// `?`
        case read
        /// `=?`
        case test
        /// `=…`
        case set
    }

    struct Argument: Equatable {
        var text: String
        var isQuoted: Bool

        var isEmpty: Bool { text.isEmpty && !isQuoted }
        var number: Int? { isQuoted ? nil : Int(text) }
    }

    /// In upper case: `+CMGS`, `E`, `&F`, `S3`.
    var name: String
    var form: Form
    var arguments: [Argument]

    func argument(_ index: Int) -> Argument? {
        index < arguments.count && !arguments[index].isEmpty ? arguments[index] : nil
    }

    func number(_ index: Int) -> Int? { argument(index)?.number }
}

/// Splits command lines.
enum CommandLine {
    /// The commands after `AT`; nil where the line holds no `AT`, which V.250 §5.2.1 tells to ignore.
    static func parse(_ line: [UInt8]) -> [ATCommand]? {
        var start = 0
        while start + 1 < line.count {
            if line[start] | 0x20 == UInt8(ascii: "a"), line[start + 1] | 0x20 == UInt8(ascii: "t") { break }
            start += 1
        }
        guard start + 1 < line.count else { return nil }
        var commands: [ATCommand] = []
        var rest = line[(start + 2)...]
        while let first = rest.first {
            if first == UInt8(ascii: " ") || first == UInt8(ascii: ";") {
                rest.removeFirst()
            } else if isExtended(first) {
                commands.append(extended(&rest))
            } else {
                commands.append(basic(&rest))
            }
        }
        return commands
    }

    private static func isExtended(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "+") || byte == UInt8(ascii: "^") || byte == UInt8(ascii: "$") || byte == UInt8(ascii: "#")
            || byte == UInt8(ascii: "%") || byte == UInt8(ascii: "*")
    }

    private static func extended(_ rest: inout ArraySlice<UInt8>) -> ATCommand {
        let end = endOfCommand(rest)
        let body = rest[rest.startIndex..<end]
        rest = rest[end...]
        let nameEnd =
            body.firstIndex { $0 == UInt8(ascii: "=") || $0 == UInt8(ascii: "?") } ?? body.endIndex
        let name = text(body[..<nameEnd]).uppercased()
        let tail = body[nameEnd...]
        if tail.isEmpty { return ATCommand(name: name, form: .execute, arguments: []) }
        if tail.first == UInt8(ascii: "?") { return ATCommand(name: name, form: .read, arguments: []) }
        if tail.dropFirst().first == UInt8(ascii: "?"), tail.count == 2 {
            return ATCommand(name: name, form: .test, arguments: [])
        }
        return ATCommand(name: name, form: .set, arguments: arguments(tail.dropFirst()))
    }

    /// A letter (after `&` where there is one) and digits; `S` has a register's number and a form.
    private static func basic(_ rest: inout ArraySlice<UInt8>) -> ATCommand {
        var name: [UInt8] = [rest.removeFirst()]
        if name[0] == UInt8(ascii: "&"), let letter = rest.popFirst() { name.append(letter) }
        if name[0] | 0x20 == UInt8(ascii: "d") {
            // A dial string runs to the end.
            let end = rest.firstIndex(of: UInt8(ascii: ";")) ?? rest.endIndex
            let argument = ATCommand.Argument(text: text(rest[..<end]), isQuoted: false)
            rest = rest[end...]
            return ATCommand(name: "D", form: .set, arguments: [argument])
        }
        var digits = takeDigits(&rest)
        if name[0] | 0x20 == UInt8(ascii: "s") {
            name += digits
            digits = []
        }
        var form: ATCommand.Form = digits.isEmpty ? .execute : .set
        if rest.first == UInt8(ascii: "?") {
            rest.removeFirst()
            form = .read
        } else if rest.first == UInt8(ascii: "=") {
            rest.removeFirst()
            form = .set
            if rest.first == UInt8(ascii: "?") {
                rest.removeFirst()
                form = .test
            }
            digits = takeDigits(&rest)
        }
        let arguments = form == .set ? [ATCommand.Argument(text: text(digits[...]), isQuoted: false)] : []
        return ATCommand(name: text(name[...]).uppercased(), form: form, arguments: arguments)
    }

    private static func takeDigits(_ rest: inout ArraySlice<UInt8>) -> [UInt8] {
        let digits = rest.prefix { (48...57).contains($0) }
        rest = rest.dropFirst(digits.count)
        return Array(digits)
    }

    private static func endOfCommand(_ bytes: ArraySlice<UInt8>) -> Int {
        var isQuoted = false
        for index in bytes.indices {
            if bytes[index] == UInt8(ascii: "\"") { isQuoted.toggle() }
            if bytes[index] == UInt8(ascii: ";"), !isQuoted { return index }
        }
        return bytes.endIndex
    }

    private static func arguments(_ bytes: ArraySlice<UInt8>) -> [ATCommand.Argument] {
        var arguments: [ATCommand.Argument] = []
        var current: [UInt8] = []
        var isQuoted = false
        var wasQuoted = false
        for byte in bytes {
            if byte == UInt8(ascii: "\"") {
                isQuoted.toggle()
                wasQuoted = true
            } else if byte == UInt8(ascii: ","), !isQuoted {
                arguments.append(.init(text: text(current[...]), isQuoted: wasQuoted))
                current = []
                wasQuoted = false
            } else if isQuoted || byte != UInt8(ascii: " ") {
                current.append(byte)
            }
        }
        arguments.append(.init(text: text(current[...]), isQuoted: wasQuoted))
        return arguments
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes, as: UTF8.self)
    }
}
