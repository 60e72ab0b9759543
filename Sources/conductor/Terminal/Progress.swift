/// How far a long command is, in one line that is written over; nothing where no terminal shows it.
struct Progress: Sendable {
    private let total: Int
    private let terminal: Terminal

    init(of total: Int, terminal: Terminal = .errors) {
        self.total = total
        self.terminal = terminal
    }

    func show(_ done: Int) {
        guard terminal.isTerminal, total > 0 else { return }
        let percent = min(100, done * 100 / total)
        terminal.write("\r\(HumanTime.count(Int64(done))) of \(HumanTime.count(Int64(total))), \(percent) %\u{1B}[K")
    }

    /// Takes the line away.
    func end() {
        if terminal.isTerminal { terminal.write("\r\u{1B}[K") }
    }
}
