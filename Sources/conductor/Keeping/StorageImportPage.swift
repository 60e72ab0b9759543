import GatewayCore

/// What `conductor storage import` did, for people.
struct StorageImportPage: Sendable {
    private static let shown = 10

    let terminal: Terminal

    func lines(_ report: TextImportReport, isRehearsal: Bool) -> [String] {
        var lines = [
            "\(count(report.read)) rows read = \(count(report.new)) new + \(count(report.known)) known + "
                + "\(count(report.rejected.count)) rejected" + (isRehearsal ? " (nothing was changed)" : "")
        ]
        let warning = terminal.style("!", .yellow)
        if report.held > 0 {
            lines.append("\(warning) \(count(report.held)) rows waited to be sent: they are held, nothing sends them.")
            lines.append("    → conductor messages list --failed, then conductor messages retry ID")
        }
        if report.unread > 0 {
            lines.append(
                "\(warning) \(count(report.unread)) texts are unread, and no responder answers them: a program of yours that "
                    + "answers unread rows would.")
        }
        if report.stops > 0 {
            lines.append(
                "\(warning) \(count(report.stops)) texts say STOP, which the former system did not heed: enter those people "
                    + "with conductor optout add NUMBER, or a list with conductor optout import.")
        }
        for rejection in report.rejected.prefix(Self.shown) {
            lines.append("row \(rejection.row): \(rejection.reason)")
        }
        if report.rejected.count > Self.shown {
            lines.append("… and \(count(report.rejected.count - Self.shown)) more (--json has all)")
        }
        return lines
    }

    private func count(_ number: Int) -> String { HumanTime.count(Int64(number)) }
}
