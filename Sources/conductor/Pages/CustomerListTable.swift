import ConsoleServer
import PluginKit

/// Rows of a list of customers', for a person: the columns that matter most, in a fixed order.
struct CustomerListTable {
    let list: CustomerList

    private enum Kind {
        case text, number, amount
    }

    private var columns: [(name: String, kind: Kind)] {
        switch list {
        case .customers:
            [
                ("name", .text), ("phone", .text), ("vip_status", .text), ("churn_risk", .text),
                ("visit_count", .number),
                ("lifetime_value", .amount), ("last_visit_date", .text), ("id", .text),
            ]
        case .transactions, .receiptsWithoutItems, .receiptsWithoutCustomer:
            [
                ("date", .text), ("transaction_id", .number), ("customer", .text), ("total", .amount),
                ("payment_method", .text), ("location", .text), ("staff", .text), ("items", .number),
            ]
        case .items, .itemsWithoutReceipt, .itemsWithoutProduct:
            [
                ("transaction_id", .number), ("product_sku", .text), ("product", .text), ("quantity", .number),
                ("unit_price", .amount), ("discount", .amount), ("total_price", .amount), ("id", .text),
            ]
        case .products:
            [
                ("name", .text), ("sku", .text), ("category", .text), ("brand", .text), ("retail_price", .amount),
                ("current_stock", .number), ("stock_status", .text), ("vendor", .text),
            ]
        case .staff:
            [("name", .text), ("employee_id", .text), ("role", .text), ("location", .text), ("active", .text)]
        case .categories, .brands: [("name", .text), ("quantity", .number), ("total", .amount)]
        case .months: [("month", .text), ("visits", .number), ("total", .amount)]
        case .bestsellers: [("name", .text), ("sku", .text), ("quantity", .number), ("total", .amount)]
        case .duplicates: [("by", .text), ("value", .text), ("count", .number), ("ids", .text)]
        }
    }

    func lines(_ rows: [[String: CustomerListValue]], width: Int?, title: (String) -> String) -> [String] {
        let columns = columns
        var table = Table(
            columns.map { column in
                Table.Column(
                    title: column.name.replacing("_", with: " "), alignment: column.kind == .text ? .left : .right,
                    isFlexible: ["name", "product"].contains(column.name))
            })
        for row in rows { table.add(columns.map { cell(row[$0.name], $0.kind) }) }
        return table.lines(width: width, title: title)
    }

    private func cell(_ value: CustomerListValue?, _ kind: Kind) -> String {
        switch value {
        case nil: ""
        case .flag(let flag): flag ? "yes" : "no"
        case .text(let text): list == .duplicates ? text.filter { !"[]\"".contains($0) } : text
        case .number(let number):
            if kind == .amount {
                CustomerCardPage.money(Int64((number * 1_000_000).rounded()))
            } else if let whole = Int64(exactly: number) {
                list == .staff && kind == .text ? (whole == 0 ? "no" : "yes") : "\(whole)"
            } else {
                "\(number)"
            }
        }
    }
}
