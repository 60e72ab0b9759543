import SMSCodec

/// What `conductor send` tells the writer about the cost of a text, before it is queued or instead.
enum SendReport {
    /// The lines of `--explain`: what the text costs, what makes it so, and what would be cheaper.
    static func lines(_ report: EncodingReport) -> [String] {
        var lines = ["\(count(report.cost.parts, "part")) in \(alphabet(report.cost)), \(room(report.cost))"]
        for cause in report.causes.prefix(mostCauses) {
            let places = cause.positions.prefix(5).map(String.init).joined(separator: ", ")
            let rest = cause.positions.count > 5 ? " and \(cause.positions.count - 5) more" : ""
            let what = cause.reason == .twoSeptets ? "takes two septets" : "is not in the GSM alphabet"
            let isOne = cause.positions.count == 1
            var line =
                "  “\(EncodingReport.name(of: cause.character))” (character\(isOne ? "" : "s") \(places)\(rest)) \(what)"
            if let other = cause.replacement {
                line += other.isEmpty ? "; it does not show" : "; \"\(other)\" would do"
            }
            lines.append(line)
        }
        if report.causes.count > mostCauses {
            lines.append("  and \(report.causes.count - mostCauses) more characters")
        }
        if let cost = report.suggestedCost, cost != report.cost {
            lines.append("with these replaced: \(count(cost.parts, "part")) in \(alphabet(cost)), \(room(cost))")
        }
        return lines
    }

    private static let mostCauses = 10

    private static func room(_ cost: EncodingReport.Cost) -> String {
        let unit = cost.encoding == .gsm7 ? "septet" : "UTF-16 unit"
        return "\(count(cost.units, unit)), \(cost.unitsLeft) left in the last part"
    }

    private static func alphabet(_ cost: EncodingReport.Cost) -> String {
        guard cost.encoding == .gsm7 else { return "UCS-2" }
        switch (cost.shift.locking, cost.shift.single) {
        case (nil, nil): return "the GSM alphabet"
        case (let locking?, nil): return "the GSM alphabet of \(name(locking))"
        case (nil, let single?): return "the GSM alphabet with extensions for \(name(single))"
        case (let locking?, let single?):
            return "the GSM alphabet of \(name(locking)) with extensions for \(name(single))"
        }
    }

    private static func name(_ language: NationalLanguage) -> String {
        let name = "\(language)"
        return name.prefix(1).uppercased() + name.dropFirst()
    }

    private static func count(_ number: Int, _ what: String) -> String { "\(number) \(what)\(number == 1 ? "" : "s")" }
}
