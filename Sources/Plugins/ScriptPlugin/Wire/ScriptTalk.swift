import PluginKit

/// Which requests a program owes an answer, and which line answers which.
struct ScriptTalk {
    enum Finding {
        case answer(id: UInt64, Result<ScriptAnswer, PluginError>)
        case hello(Result<ScriptAnswer, PluginError>)
        /// What it is, and how many there were.
        case garbage(String, count: Int)
    }

    /// The id of the first line, where the format has one.
    var hello: UInt64?
    private(set) var garbage: Int
    private let format: LineFormat
    private var splitter: LineSplitter
    /// Waited for.
    private var open: Set<UInt64> = []
    /// No longer waited for, and not answered yet.
    private var late: Set<UInt64> = []
    /// In plain text answers come in the order of the requests.
    private var order: [UInt64] = []
    private var answered = 0
    /// When it last answered, or began to owe an answer.
    private var sign: Int64 = 0

    init(format: LineFormat, limit: Int, garbage: Int = 0) {
        self.format = format
        self.garbage = garbage
        splitter = LineSplitter(limit: limit)
    }

    mutating func asked(_ id: UInt64, at now: Int64) {
        if open.isEmpty && late.isEmpty { sign = now }
        open.insert(id)
        if format == .text { order.append(id) }
    }

    mutating func giveUp(_ id: UInt64) {
        if open.remove(id) != nil { late.insert(id) }
    }

    /// Nanoseconds without an answer since somebody gave one up; nil while all is well.
    func silence(at now: Int64) -> Int64? { late.isEmpty ? nil : now - sign }

    /// The program is gone: those that still wait.
    mutating func close() -> [UInt64] {
        defer { (open, late, order, answered, hello) = ([], [], [], 0, nil) }
        return open.filter { $0 != hello }.sorted()
    }

    mutating func heard(_ bytes: [UInt8], at now: Int64) -> [Finding] {
        splitter.feed(bytes).compactMap { read($0, at: now) }
    }

    /// What it said without a line end before it closed its output.
    mutating func finish(at now: Int64) -> [Finding] {
        splitter.finish().compactMap { read($0, at: now) }
    }

    private mutating func read(_ piece: LineSplitter.Piece, at now: Int64) -> Finding? {
        switch (format, piece) {
        case (.text, .line(let line)):
            guard let id = next() else { return strange("a line that nobody asked for") }
            return settle(id, .success(ScriptAnswer(plain: line)), at: now)
        case (.text, .tooLong):
            guard let id = next() else { return strange("a line that is too long") }
            return settle(id, .failure(.unusable("its line is too long")), at: now)
        case (.json, .line(let line)):
            guard line.contains(where: { $0 > 0x20 }) else { return nil }
            guard let (id, result) = try? ScriptAnswer.read(json: line) else {
                return strange("a line that is no JSON object with an \"id\" from a request")
            }
            guard open.contains(id) || late.contains(id) else {
                return strange("an answer whose \"id\" is of no open request")
            }
            return settle(id, result, at: now)
        case (.json, .tooLong): return strange("a line that is longer than \(splitter.limit) bytes")
        }
    }

    private mutating func next() -> UInt64? {
        guard answered < order.count else { return nil }
        answered += 1
        let id = order[answered - 1]
        if answered == order.count || answered > 1024 {
            order.removeFirst(answered)
            answered = 0
        }
        return id
    }

    private mutating func settle(
        _ id: UInt64, _ result: Result<ScriptAnswer, PluginError>, at now: Int64
    ) -> Finding? {
        sign = now
        if late.remove(id) != nil { return nil }
        open.remove(id)
        if id == hello {
            hello = nil
            return .hello(result)
        }
        return .answer(id: id, result)
    }

    private mutating func strange(_ what: String) -> Finding {
        garbage += 1
        return .garbage(what, count: garbage)
    }
}
