/// The parameters of AT+CNMI (TS 27.005 §3.4.1) that fit what a modem offers.
struct Indications: Sendable, Hashable {
    var mode: Int
    /// 1: texts are stored and announced by +CMTI; 2: routed as +CMT.
    var texts: Int
    var broadcasts: Int
    /// 1: reports are routed as +CDS; 2: stored and announced by +CDSI.
    var reports: Int
    var buffer: Int

    /// Chooses from the answer to `AT+CNMI=?`; nil when it says nothing.
    init?(offers lines: [[UInt8]]) {
        guard let rest = Answers.value(lines, "+CNMI:") else { return nil }
        let groups = Answers.lists(rest).map { $0.compactMap { Int($0) } }
        guard groups.count >= 2, !groups[0].isEmpty else { return nil }
        func pick(_ position: Int, _ wanted: [Int]) -> Int {
            guard position < groups.count else { return 0 }
            return wanted.first(where: groups[position].contains) ?? groups[position].first ?? 0
        }
        mode = pick(0, [2, 1, 3])
        texts = pick(1, [1, 2])
        broadcasts = pick(2, [0])
        // Stored first (A5): a report that is only routed is gone when nobody listens, and one that is not acknowledged
        // in time makes the modem stop routing (TS 27.005 §3.4.4).
        reports = pick(3, [2, 1])
        buffer = pick(4, [0])
        count = min(groups.count, 5)
    }

    private let count: Int

    /// As many parameters as the modem knows.
    var parameters: [Int] { Array([mode, texts, broadcasts, reports, buffer].prefix(count)) }

    var command: String { "AT+CNMI=" + parameters.map(String.init).joined(separator: ",") }

    /// Whether the answer to `AT+CNMI?` says just this.
    func matches(_ lines: [[UInt8]]) -> Bool {
        guard let rest = Answers.value(lines, "+CNMI:") else { return false }
        var scanner = ByteScanner(rest)
        let now = scanner.fields().map { Int($0.text) ?? -1 }
        // What follows the fourth says only how a buffer is flushed: some modems change it at will.
        return now.prefix(4).elementsEqual(parameters.prefix(4))
    }
}
