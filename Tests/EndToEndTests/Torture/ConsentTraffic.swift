/// People who say STOP, are written to all the same, and, some of them, say START later and are written to again. Each
/// step waits until the table shows the one before: a row that was queued after an opt-out must never leave (B10).
struct ConsentTraffic {
    private enum Stage {
        /// STOP was sent; storage does not have it yet.
        case stopping
        /// A row was queued that must be refused.
        case stopped
        case starting
        case done
    }

    static let answers = ["STOP": "You are off the list.", "START": "You are on the list."]
    /// As conductor.yaml has it.
    static let policy =
        "confirmations: {stop: \"\(answers["STOP"] ?? "")\", start: \"\(answers["START"] ?? "")\"}"
    private static let pause = 400.0

    /// Whether anybody says START: by a clock that jumps, it may have been before STOP; and of two gateways the other one
    /// goes on refusing until it has read that.
    let mayReturn: Bool
    /// What was queued to people who had said STOP.
    private(set) var refused: Set<String> = []
    private var stages: [String: Stage] = [:]
    private var next: Double

    init(mayReturn: Bool, begins: Double) {
        self.mayReturn = mayReturn
        next = begins
    }

    /// What is due now: texts for the network, and rows for the table.
    mutating func due(
        at now: Double, in storage: any TortureStorage
    ) throws -> (texts: [(phone: String, body: String)], rows: [(phone: String, content: String)]) {
        var texts: [(phone: String, body: String)] = []
        var rows: [(phone: String, content: String)] = []
        guard now >= next else { return (texts, rows) }
        next = now + Self.pause
        let (consent, settled) = try Self.look(storage)
        for (phone, stage) in stages.sorted(by: { $0.key < $1.key }) {
            switch stage {
            case .stopping where consent[phone] == "out":
                rows.append((phone, "nag \(phone.suffix(4))"))
                refused.insert("nag \(phone.suffix(4))")
                stages[phone] = .stopped
            case .stopped where mayReturn && settled.contains(phone) && stages.count % 2 == 0:
                texts.append((phone, "START"))
                stages[phone] = .starting
            case .starting where consent[phone] == "in":
                rows.append((phone, "welcome \(phone.suffix(4))"))
                stages[phone] = .done
            default: break
            }
        }
        let phone = "+1619553\(1_000 + stages.count)"
        stages[phone] = .stopping
        texts.append((phone, "STOP"))
        return (texts, rows)
    }

    /// The last word of everybody, and to whom a row was refused.
    private static func look(
        _ storage: any TortureStorage
    ) throws -> (consent: [String: String], refused: Set<String>) {
        var consent: [String: String] = [:]
        for row in try storage.select("SELECT phone_number, action FROM optouts ORDER BY id") {
            consent[row["phone_number"] ?? ""] = row["action"]
        }
        let refused = try storage.select("SELECT phone_number FROM messages WHERE delivery_status = 'opted_out'")
        return (consent, Set(refused.compactMap { $0["phone_number"] }))
    }
}
