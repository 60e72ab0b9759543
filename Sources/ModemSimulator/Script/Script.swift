/// What a script says, line by line, already understood.
public struct Script: Sendable {
    /// When a line is obeyed.
    enum Schedule: Sendable, Hashable {
        /// When its turn comes.
        case inTurn
        /// So long after the simulator's start.
        case at(Duration)
        /// So long after its turn.
        case after(Duration)
        /// Again and again, `count` times where that is given.
        case every(Duration, count: Int?)
    }

    enum Action: Sendable, Hashable {
        case directive(Directive)
        /// The lines below wait so long.
        case pause(Duration)
        /// The lines below wait until so many events of the kind have happened since the start.
        case waitFor(LedgerEvent.Kind, Int)
        case quit
    }

    struct Step: Sendable, Hashable {
        var schedule: Schedule
        var action: Action
    }

    var steps: [Step]

    init(steps: [Step]) {
        self.steps = steps
    }

    /// Understands a whole script.
    ///
    /// - Parameters:
    ///   - source: The lines.
    ///   - name: How errors call it: a path, or `-`.
    ///   - modems: How many modems there are; directives for others are errors.
    /// - Throws: `ScriptError` for the first line that is wrong.
    public init(_ source: String, name: String, modems: Int) throws(ScriptError) {
        steps = []
        var number = 0
        for line in source.split(separator: "\n", omittingEmptySubsequences: false) {
            number += 1
            var parser = ScriptLineParser(String(line), name: name, line: number, modems: modems)
            if let step = try parser.parse() { steps.append(step) }
        }
    }

    /// `template` with `{n}` (`{n:4}`: four digits) and, where it is given, `{m}` filled in.
    static func fill(_ template: String, number: Int, modem: Int? = nil) -> String {
        guard template.utf8.contains(UInt8(ascii: "{")) else { return template }
        var result = ""
        var rest = template[...]
        while let open = rest.firstIndex(of: "{") {
            result += rest[..<open]
            rest = rest[open...]
            guard let close = rest.firstIndex(of: "}") else { break }
            let key = rest[rest.index(after: open)..<close]
            if key == "m", let modem {
                result += String(modem)
            } else if key == "n" {
                result += String(number)
            } else if key.hasPrefix("n:"), let width = Int(key.dropFirst(2)) {
                let digits = String(number)
                result += String(repeating: "0", count: max(0, width - digits.count)) + digits
            } else {
                result += rest[...close]
            }
            rest = rest[rest.index(after: close)...]
        }
        return result + rest
    }
}

/// A line of a script that cannot be understood.
public struct ScriptError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The script's name, as it was given.
    public var name: String
    /// From 1.
    public var line: Int
    /// What was expected, and what is there.
    public var message: String

    /// `file:line: message`.
    public var description: String { "\(name):\(line): \(message)" }
}
