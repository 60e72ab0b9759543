/// Reads the values of a script line; each reading says what it expected.
struct ScriptWords {
    private var tokens: ScriptTokens
    private let modems: Int

    init(_ tokens: ScriptTokens, modems: Int) {
        self.tokens = tokens
        self.modems = modems
    }

    var isEmpty: Bool { tokens.isEmpty }

    mutating func take(_ word: String) -> Bool { tokens.take(word) }

    mutating func expect(_ word: String) throws(SimulatorError) {
        guard tokens.take(word) else { throw expected(word) }
    }

    func expectEnd() throws(SimulatorError) {
        guard tokens.isEmpty else { throw expected("the end of the line") }
    }

    mutating func word(_ what: String) throws(SimulatorError) -> String {
        guard let token = tokens.first, !token.text.isEmpty else { throw expected(what) }
        _ = tokens.next()
        return token.text
    }

    mutating func quoted(_ what: String) throws(SimulatorError) -> String {
        guard let token = tokens.first, token.isQuoted else { throw expected("\(what) in double quotes") }
        _ = tokens.next()
        return token.text
    }

    mutating func number(_ what: String, _ range: ClosedRange<Int>) throws(SimulatorError) -> Int {
        guard let token = tokens.first, let value = Int(token.text), range.contains(value) else {
            throw expected(what)
        }
        _ = tokens.next()
        return value
    }

    mutating func isOn() throws(SimulatorError) -> Bool {
        if tokens.take("on") { return true }
        if tokens.take("off") { return false }
        throw expected("on or off")
    }

    /// `modem0`, `0` or `all`.
    mutating func modem() throws(SimulatorError) -> ModemTarget {
        guard let token = tokens.first else { throw expected("a modem, as modem0") }
        if tokens.take("all") { return .all }
        let digits = token.text.hasPrefix("modem") ? String(token.text.dropFirst(5)) : token.text
        guard let index = Int(digits), index >= 0 else { throw expected("a modem, as modem0, or all") }
        guard index < modems else {
            throw SimulatorError("there is no modem\(index): the last is modem\(modems - 1)")
        }
        _ = tokens.next()
        return .one(index)
    }

    /// `250us`, `20ms`, `1.5s`, `2m`, `1h`.
    mutating func duration() throws(SimulatorError) -> Duration {
        let units = [("us", 1_000.0), ("ms", 1_000_000), ("s", 1_000_000_000), ("m", 60e9), ("h", 3600e9)]
        guard let token = tokens.first else { throw expected("a time, as 20ms or 1.5s") }
        for (unit, nanoseconds) in units where token.text.hasSuffix(unit) {
            guard let value = Double(token.text.dropLast(unit.count)), value >= 0, value * nanoseconds < 1e18 else {
                continue
            }
            _ = tokens.next()
            return .nanoseconds(Int64(value * nanoseconds))
        }
        throw expected("a time, as 20ms or 1.5s")
    }

    mutating func simCondition() throws(SimulatorError) -> SIMCondition {
        if take("ready") { return .ready }
        if take("absent") { return .absent }
        if take("pin") { return .pin(try word("the PIN")) }
        if take("puk") { return .puk(try word("the PUK")) }
        throw expected("ready, absent, pin CODE or puk CODE")
    }

    mutating func registration() throws(SimulatorError) -> Registration {
        let names: [(String, Registration)] = [
            ("home", .home), ("roaming", .roaming), ("searching", .searching), ("denied", .denied), ("none", .none),
            ("unknown", .unknown),
        ]
        for (name, registration) in names where take(name) { return registration }
        throw expected("home, roaming, searching, denied, none or unknown")
    }

    mutating func reportSetting() throws(SimulatorError) -> ModemSetting {
        if take("delay") { return .reportDelay(try duration()) }
        if take("status") { return .reportStatus(UInt8(try number("a TP-Status, 0 to 255", 0...255))) }
        return .reports(try isOn())
    }

    private func expected(_ what: String) -> SimulatorError {
        SimulatorError("expected \(what), not \(tokens.first.map { "'\($0.text)'" } ?? "the end of the line")")
    }
}
