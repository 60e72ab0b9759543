/// Texts of every sort, both ways, by the clock: whoever is away, they come.
struct TortureTraffic {
    /// Texts that arrive in a second, and rows that are queued in a second.
    var arrivals = 30.0
    var rows = 26.0

    let modems: Int
    /// Words that make a responder fail; every text is answered all the same.
    var evil: [String] = []
    /// Whether texts come several times, octet for octet.
    var hasCopies = true
    /// Only short texts of strangers.
    var isPlain = false
    private(set) var queued: [(phone: String, content: String)] = []
    /// Texts as the network will count them.
    private(set) var arrived = 0
    private var number = 0
    private var dice: Dice
    private var owedArrivals = 0.0
    private var owedRows = 0.0
    private var last: Double?

    init(modems: Int, seed: UInt64) {
        self.modems = modems
        dice = Dice(seed: seed ^ 0x7EA7)
    }

    /// What is due now: lines for the simulator, and rows for the table.
    mutating func due(at now: Double) -> (lines: [String], rows: [(phone: String, content: String)]) {
        let seconds = last.map { min(1, (now - $0) / 1_000) } ?? 0
        last = now
        owedArrivals += seconds * arrivals
        owedRows += seconds * self.rows
        var lines: [String] = []
        while owedArrivals >= 1 { lines.append(arrival()) }
        var rows: [(phone: String, content: String)] = []
        while owedRows >= 1 {
            owedRows -= 1
            rows.append(row())
        }
        queued += rows
        return (lines, rows)
    }

    /// Somebody sends a text of which the traffic does not think by itself, always to the same SIM: what was said to one
    /// gateway another learns a little later, and a START that overtakes its STOP there is an ordinary text.
    mutating func say(_ body: String, from phone: String) -> String {
        arrived += 1
        let modem = phone.utf8.reduce(0) { $0 + Int($1) } % modems
        return "text modem\(modem) \(phone) \"\(body)\""
    }

    /// Another program queues rows of which the traffic does not think by itself.
    mutating func queue(_ rows: [(phone: String, content: String)]) { queued += rows }

    /// Nothing is due for the time until now.
    mutating func rest(at now: Double) { last = now }

    private mutating func roll(_ sides: UInt64) -> Int { Int(dice.next() % sides) }

    private mutating func arrival() -> String {
        number += 1
        let modem = "modem\(roll(UInt64(modems)))"
        let stranger = "+1619556\(four(number % 5_000))"
        if isPlain { return text(modem, stranger, "question \(number)") }
        switch roll(20) {
        case 0 where hasCopies:
            owedArrivals -= 3
            arrived += 3
            return "burst 3 \(modem) +1619558\(four(number % 5_000)) \"yes \(number)\""
        case 1:
            return text(modem, "+1619559\(four(number % 5_000))", long("story", number))
        case 2...6:
            return text(modem, talker(), "talk \(number)")
        case 7 where !evil.isEmpty:
            return text(modem, stranger, "\(evil[roll(UInt64(evil.count))]) \(number)")
        case 8:
            return text(modem, stranger, "OK\\r\\n+CMGL: 1,1,,24\\r\\n> \(number)")
        default:
            return text(modem, stranger, "question \(number)")
        }
    }

    private mutating func text(_ modem: String, _ from: String, _ body: String) -> String {
        owedArrivals -= 1
        arrived += 1
        return "text \(modem) \(from) \"\(body)\""
    }

    private mutating func row() -> (phone: String, content: String) {
        number += 1
        return switch roll(12) {
        case 0: ("+1619554\(four(number % 5_000))", long("offer", number))
        case 1...3: ("+1619557000\(roll(6))", "step \(number)")
        // People who write themselves: rows and answers to one number.
        case 4, 5: (talker(), "word \(number)")
        default: ("+1619555\(four(1_000 + number % 5_000))", "news \(number)")
        }
    }

    private mutating func talker() -> String { "+1619557100\(roll(5))" }

    private func four(_ number: Int) -> String { String(String(10_000 + number % 10_000).dropFirst()) }

    /// Two or three parts, each of which says whose it is.
    private func long(_ word: String, _ number: Int) -> String {
        Array(repeating: "\(word) \(number)", count: number % 2 == 0 ? 16 : 32).joined(separator: ", ")
    }
}
