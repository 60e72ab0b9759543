internal import PluginKit

extension StorageContract {
    /// What lists a storage that keeps customers, too, gives. One that gives none is passed over.
    static let listRules: [ContractRule<any StorageRig>] = [
        .init("every list, in pages of any length and both directions, has each row once and in its order") { rig in
            guard try rig.runForeign(crowd), try await rig.page(ListQuery(.staff)) != nil else { return }
            for list in CustomerList.allCases {
                for order in list.orders {
                    var query = ListQuery(list, order: order, isDescending: false, limit: 1000)
                    let whole = try await rig.all(query)
                    query.isDescending = true
                    let back = try await rig.all(query)
                    try expect(back == whole.reversed(), "\(list.rawValue) by \(order): not the same backwards")
                    for limit: Int32 in [1, 3] {
                        query.limit = limit
                        try expect(
                            try await rig.all(query) == back, "\(list.rawValue) by \(order) in pages of \(limit)")
                    }
                }
            }
            try expect(try await rig.all(ListQuery(.customers)).count == 5, "not every customer is listed")
            try expect(try await rig.all(ListQuery(.transactions)).count == 6, "not every receipt is listed")
        },
        .init("of 1,001 rows and more no list loses or repeats one, whatever a page has") { rig in
            guard try rig.runForeign(many), try await rig.page(ListQuery(.staff)) != nil else { return }
            for list in CustomerList.allCases where list != .months {
                let count =
                    [.customers, .transactions, .items, .receiptsWithoutCustomer].contains(list) ? 2_002 : 1_001
                for order in list.orders {
                    let rows = try await rig.all(ListQuery(list, order: order, limit: 1_000))
                    try expect(rows.count == count, "\(list.rawValue) by \(order): \(rows.count) rows")
                    try expect(Set(rows).count == count, "\(list.rawValue) by \(order): a row came twice")
                    try expect(
                        try await rig.all(ListQuery(list, order: order, limit: 137)) == rows,
                        "\(list.rawValue) by \(order): other rows in other pages")
                }
            }
        },
        .init("lists tell what the tables have, and what lacks what it refers to") { rig in
            guard try rig.runForeign(crowd),
                let receipts = try await rig.page(ListQuery(.transactions))
            else { return }
            try expect(
                receipts.rows.prefix(4).map { $0["transaction_id"].text } == ["4", "3", "2", "1"],
                "receipts do not come newest first: \(receipts.rows.map { $0["transaction_id"].text ?? "" })")
            let first = try need(
                receipts.rows.first { $0["transaction_id"].text == "1" }, "a receipt is missing")
            try expect(
                first["customer"] == .text("Ana") && first["staff"] == .text("Lee") && first["total"].text == "30.5"
                    && first["items"].text == "2" && first["date"] == .text("2026-01-01"), "a receipt tells otherwise")
            func numbers(_ list: CustomerList, _ name: String) async throws -> [String] {
                try await rig.all(ListQuery(list)).compactMap { $0[name].text }.sorted()
            }
            try expect(
                try await numbers(.receiptsWithoutCustomer, "transaction_id") == ["4", "5"], "nobody's receipts")
            try expect(
                try await numbers(.receiptsWithoutItems, "transaction_id") == ["3", "4", "5", "6"],
                "receipts without lines")
            let spent = try await rig.all(
                ListQuery(.categories, filters: ["customer_id": "00000000-0000-4000-8000-000000000001"]))
            try expect(
                spent.map { "\($0["name"].text ?? "-") \($0["total"].text ?? "-")" } == ["Tea 25.5", "Cups 5", "- 1"],
                "by category: \(spent)")
            let months = try await rig.all(ListQuery(.months))
            try expect(
                months.compactMap { $0["month"].text } == ["2026-02", "2026-01"]
                    && months.first?["visits"].text == "2", "by month: \(months)")
            let shared = try await rig.all(ListQuery(.duplicates))
            try expect(
                shared.map { "\($0["by"].text ?? "") \($0["value"].text ?? "") \($0["count"].text ?? "")" } == [
                    "phone +16195550101 2", "email ana@example.com 2",
                ], "who shares what: \(shared)")
        },
        .init("a list is chosen from by its filters, and by no others") { rig in
            guard try rig.runForeign(crowd), try await rig.page(ListQuery(.staff)) != nil else { return }
            func found(_ list: CustomerList, _ filters: [String: String], _ name: String) async throws -> [String] {
                try await rig.all(ListQuery(list, filters: filters)).compactMap { $0[name].text }.sorted()
            }
            try expect(
                try await found(.transactions, ["from": "2026-01-02", "to": "2026-02-01"], "transaction_id")
                    == ["2", "3"], "receipts of some days")
            try expect(
                try await found(.transactions, ["location": "Uptown"], "transaction_id") == ["1", "2"], "of a shop")
            try expect(
                try await found(
                    .transactions, ["customer_id": "00000000-0000-4000-8000-000000000002"], "transaction_id")
                    == ["3", "6"], "of a customer")
            try expect(try await found(.products, ["stock_status": "Low"], "sku") == ["B"], "what is low")
            try expect(try await found(.products, ["search": "green t"], "sku") == ["A"], "an article by its name")
            try expect(try await found(.products, ["search": "%"], "sku").isEmpty, "a sign of a pattern is one")
            try expect(try await found(.customers, ["vip_status": "Casual"], "name") == ["Ana", "Bo"], "by status")
            let wrong = [
                ListQuery(.staff, filters: ["colour": "red"]), ListQuery(.staff, order: "total"),
                ListQuery(.staff, after: "no place"), ListQuery(.staff, limit: 0), ListQuery(.staff, limit: 1001),
            ]
            for (number, query) in wrong.enumerated() {
                do {
                    _ = try await rig.page(query)
                    throw ContractFailure("a wrong query was taken: \(number)")
                } catch let error as PluginError {
                    try expect(error.code == .invalid, "\(number): \(error.code)")
                }
            }
        },
    ]

    /// As below. Half of the receipts have a line, of an article each; half of the lines refer to nothing, and two customers
    /// have one number.
    private static let many: String = {
        func each(_ count: Int, _ insertion: String) -> String {
            "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < \(count - 1)) \(insertion) FROM n;"
        }
        return [
            each(2_002, "INSERT INTO customers (name, phone) SELECT 'C' || (i % 100), '+1619555' || (1000 + i / 2)"),
            each(1_001, "INSERT INTO staff (name) SELECT 'S' || (i % 10)"),
            each(1_001, "INSERT INTO products (sku, name, category, brand) SELECT 'S' || i, 'Tea', 'C' || i, 'B' || i"),
            each(2_002, "INSERT INTO transactions (transaction_id, date, total) SELECT i, '2026-01-01', 1"),
            each(
                1_001, "INSERT INTO transaction_items (transaction_id, product_sku, total_price) SELECT i, 'S' || i, 1"),
            each(1_001, "INSERT INTO transaction_items (quantity) SELECT i"),
        ].joined(separator: "\n")
    }()

    /// In words that SQLite and PostgreSQL both know.
    private static let crowd = """
        INSERT INTO customers (id, name, email, phone) VALUES
            ('00000000-0000-4000-8000-000000000001', 'Ana', 'ana@example.com', '+16195550101'),
            ('00000000-0000-4000-8000-000000000002', 'Bo', NULL, '(619) 555-0101'),
            ('00000000-0000-4000-8000-000000000003', 'cy', 'ANA@example.com', NULL),
            ('00000000-0000-4000-8000-000000000004', NULL, NULL, NULL),
            ('00000000-0000-4000-8000-000000000005', 'Ana', NULL, NULL);
        INSERT INTO products (sku, name, category, brand, current_stock) VALUES
            ('A', 'Green tea', 'Tea', 'Leaf', 10), ('B', 'Cup', 'Cups', NULL, 3), ('C', NULL, NULL, NULL, NULL);
        INSERT INTO staff (id, name) VALUES ('00000000-0000-4000-8000-00000000000a', 'Lee'),
            ('00000000-0000-4000-8000-00000000000b', NULL);
        INSERT INTO transactions (transaction_id, customer_id, date, total, location, staff_id) VALUES
            (1, '00000000-0000-4000-8000-000000000001', '2026-01-01', 30.5, 'Uptown',
                '00000000-0000-4000-8000-00000000000a'),
            (2, '00000000-0000-4000-8000-000000000001', '2026-01-03', 1, 'Uptown', NULL),
            (3, '00000000-0000-4000-8000-000000000002', '2026-02-01', 2, 'Downtown', NULL),
            (4, NULL, '2026-02-02', 3, NULL, NULL), (5, NULL, NULL, NULL, NULL, NULL),
            (6, '00000000-0000-4000-8000-000000000002', NULL, 4, NULL, NULL);
        INSERT INTO transaction_items (transaction_id, product_sku, quantity, total_price) VALUES
            (1, 'A', 2, 25.5), (1, 'B', 1, 5), (2, 'C', 1, 1)
        """
}

extension StorageRig {
    /// nil where the storage gives no lists.
    fileprivate func page(_ query: ListQuery) async throws -> ListPage? {
        guard let directory = storage as? any CustomerDirectory else { return nil }
        do {
            return try await directory.list(query, context: .init())
        } catch let error as PluginError where error.code == .unsupported {
            return nil
        }
    }

    /// All pages.
    fileprivate func all(_ query: ListQuery) async throws -> [CustomerRecord] {
        var (query, rows) = (query, [CustomerRecord]())
        while let page = try await page(query) {
            try expect(page.rows.count <= Int(query.limit), "more rows came than were asked for")
            rows += page.rows
            guard let next = page.next else { break }
            try expect(!page.rows.isEmpty, "an empty page says that there are more")
            query.after = next
        }
        return rows
    }
}
