import PluginKit

/// What is different of customers, one after the other, for a person.
struct DifferencePage {
    let terminal: Terminal

    func lines(_ differences: [CustomerDifference], isPreview: Bool) -> [String] {
        var lines: [String] = []
        var last: String?
        for difference in differences {
            if difference.customer != last {
                last = difference.customer
                let name = difference.name ?? "(without a name)"
                lines.append("\(terminal.style(name, .bold))  \(difference.customer ?? "")")
            }
            if difference.column == "id", difference.after == nil {
                lines.append("  \(isPreview ? "would be gone" : "is gone"), with:")
                continue
            }
            let before = Self.words(difference.before, difference.column)
            let after = Self.words(difference.after, difference.column)
            let isGone = differences.contains {
                $0.customer == difference.customer && $0.column == "id" && $0.after == nil
            }
            if isGone {
                lines.append("  \(difference.column): \(before)")
            } else if difference.stays {
                lines.append("  \(difference.column): \(before) stays; the receipts alone say \(after) (--lower)")
            } else {
                lines.append("  \(difference.column): \(before) -> \(after)")
            }
        }
        return lines
    }

    private static func words(_ value: String?, _ column: String) -> String {
        guard let value else { return "nothing" }
        return ["lifetime_value", "avg_transaction_value"].contains(column)
            ? CustomerCardPage.money(decimal: value) : value
    }
}
