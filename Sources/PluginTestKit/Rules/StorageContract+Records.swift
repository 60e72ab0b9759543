import PluginKit

extension StorageContract {
    /// What a storage that keeps the CRM's tables does with them as a whole. One that does not is passed over.
    static let recordRules: [ContractRule<any StorageRig>] = [
        .init("rows of the CRM are told as they are kept, in the order of their keys, page by page") { rig in
            guard try rig.runForeign(odds) else { return }
            for table in CustomerTable.allCases {
                guard let all = try await rig.rows(table, limit: 1000) else { return }
                for limit in [1, 2, 3, Int32(all.count)] {
                    try expect(
                        try await rig.rows(table, limit: limit) == all,
                        "pages of \(limit) of \(table.rawValue) are not what is there")
                }
                let keys = try all.map { try need($0.key(in: table), "a row of \(table.rawValue) has no key") }
                try expect(
                    zip(keys, keys.dropFirst()).allSatisfy { $0.precedes($1, in: table) },
                    "rows of \(table.rawValue) do not come in the order of their keys")
                let known = Set(table.columns.map(\.name))
                try expect(
                    all.allSatisfy { known.isSubset(of: $0.fields.keys) }, "a column of \(table.rawValue) is not told")
                for row in all {
                    try expect(try row.canonical(in: table) == row, "a value of \(table.rawValue) has another form")
                    try expect(row.fields["phone_e164"] == nil, "what the storage makes by itself is told")
                }
            }
            let receipts = try await rig.rows(.transactions) ?? []
            try expect(receipts.map { $0["transaction_id"].text } == ["9", "10", "100"], "not by number")
            try expect(
                receipts[0]["total"] == .number("12.5") && receipts[0]["date"] == .text("2025-07-01")
                    && receipts[1]["total"] == .number("-0.1") && receipts[2]["total"] == .number("20"),
                "amounts or days are told otherwise")
            try expect(
                try await rig.rows(.products)?.map { $0["sku"].text } == ["", "10", "9", "A", "Zoë", "a"],
                "articles do not come by the bytes of their sku")
            try expect(
                try await rig.rows(.staff)?.map { $0["active"] } == [.flag(true), .flag(false)], "a flag is none")
        },
        .init("rows of the CRM that are put are there once, whatever is repeated") { rig in
            for (table, records) in shopRecords {
                let batch = RecordBatch(table: table, records: records, replaces: false)
                guard let first = try await rig.put(batch) else { return }
                try expect(
                    first == RecordReply(outcomes: records.map { _ in .inserted }),
                    "\(table.rawValue): \(first.outcomes) \(first.unplaced)")
                for replaces in [false, true] {
                    var again = batch
                    again.replaces = replaces
                    let reply = try await rig.put(again)
                    try expect(
                        reply?.outcomes == records.map { _ in .kept }, "\(table.rawValue), repeated: \(reply as Any)")
                }
                let rows = try await rig.rows(table) ?? []
                try expect(rows.count == records.count, "\(rows.count) rows of \(table.rawValue) are there")
                for (row, record) in zip(rows, records) {
                    for (name, value) in record.fields {
                        try expect(row[name] == value, "\(table.rawValue).\(name) is not what was put")
                    }
                    try expect(row["id"] != .null && row["created_at"] != .null, "a row has no id or time of its own")
                }
            }
            let found = try need(try await rig.customers("(619) 555-0101")?.first, "the customer is not found")
            try expect(
                found.name == "Ana" && found.purchases.map(\.number) == [7]
                    && found.purchases[0].items.map(\.product?.name) == ["Tea"], "the receipt is not the customer's")
        },
        .init("a row of the CRM that stands there takes what a record tells, and only where it is to be replaced") {
            rig in
            let tea: [String: RecordValue] = [
                "sku": .text("T1"), "name": .text("Tea"), "retail_price": .number("5.5"),
                "current_stock": .number("3"), "updated_at": .text("2026-01-02T03:04:05.678Z"),
            ]
            func put(_ fields: [String: RecordValue], replaces: Bool) async throws -> RecordReply.Outcome? {
                let record = CustomerRecord(fields)
                let reply = try await rig.put(RecordBatch(table: .products, records: [record], replaces: replaces))
                return reply?.outcomes.first
            }
            guard try await put(tea, replaces: false) != nil else { return }
            let before = try need(try await rig.rows(.products)?.first, "nothing was put")
            let change: [String: RecordValue] = [
                "id": .text("00000000-0000-4000-8000-00000000000f"), "sku": .text("T1"), "name": .text("Green tea"),
                "current_stock": .null,
            ]
            try expect(try await put(change, replaces: false) == .kept, "a row that stands there was not kept")
            try expect(try await rig.rows(.products) == [before], "a row was changed that was to be kept")
            try expect(try await put(change, replaces: true) == .changed, "a row was not replaced")
            let after = try need(try await rig.rows(.products)?.first, "the row is gone")
            try expect(
                after["name"] == .text("Green tea") && after["current_stock"] == .null
                    && after["retail_price"] == .number("5.5"), "not what the record tells, and the rest as it was")
            try expect(after["id"] == before["id"], "a row that was replaced got another id")
            let moment = try need(after["updated_at"].text, "it does not say when it was changed")
            try expect(moment > "2026-01-02T03:04:05.678Z", "it does not say that it was changed now")
            try expect(try await put(change, replaces: true) == .kept, "repeating it changed something")
            try expect(try await rig.rows(.products) == [after], "repeating it changed something")
            // Another article whose id is taken gets one of its own.
            var other = tea
            (other["sku"], other["id"]) = (.text("T2"), after["id"])
            try expect(try await put(other, replaces: false) == .inserted, "an article was not put")
            let ids = try await rig.rows(.products)?.compactMap { $0["id"].text } ?? []
            try expect(Set(ids).count == 2, "two articles have one id")
        },
        .init("a row of the CRM without a key is known by its id, where the table takes such") { rig in
            for (table, name) in [(CustomerTable.products, "name"), (.transactions, "location")] {
                let record = CustomerRecord(["id": .text(uuid(4)), name: .text("one")])
                let keyed = CustomerRecord([table.key: .text("5"), name: .text("two")])
                let batch = RecordBatch(table: table, records: [record, keyed], replaces: false)
                guard let reply = try await rig.put(batch) else { return }
                try expect(reply.outcomes[1] == .inserted, "the row beside was not put: \(reply.outcomes)")
                let names = try await rig.rows(table, limit: 1)?.map { $0[name].text }
                if reply.outcomes[0] == .refused {
                    try expect(names == ["two"], "a row that is refused is there")
                    continue
                }
                try expect(reply.outcomes[0] == .inserted && names == ["two", "one"], "it is not the last one")
                let change = CustomerRecord(["id": .text(uuid(4)), name: .text("other")])
                let again = RecordBatch(table: table, records: [change], replaces: true)
                try expect(try await rig.put(again)?.outcomes == [.changed], "it is not found by its id")
                try expect(
                    try await rig.rows(table)?.map { $0[name].text } == ["two", "other"],
                    "it is there twice, or not changed")
            }
        },
        .init("what refers to nothing is put or told, and the rest of its batch is put") { rig in
            let items = [
                CustomerRecord(["id": .text(uuid(1)), "quantity": .number("1")]),
                CustomerRecord(["id": .text(uuid(2)), "transaction_id": .number("77"), "quantity": .number("2")]),
                CustomerRecord(["id": .text(uuid(3)), "product_sku": .text("none"), "quantity": .number("3")]),
            ]
            let batch = RecordBatch(table: .items, records: items, replaces: true)
            guard let reply = try await rig.put(batch) else { return }
            try expect(reply.outcomes[0] == .inserted, "a line that refers to nothing at all was not put")
            let rows = try await rig.rows(.items)?.map { $0["quantity"].text } ?? []
            for (index, outcome) in reply.outcomes.enumerated().dropFirst() {
                let isThere = rows.contains("\(index + 1)")
                try expect(
                    outcome == (isThere ? .inserted : .orphan), "line \(index + 1) is \(outcome), and there: \(isThere)"
                )
            }
            try expect(try await rig.put(batch)?.outcomes.contains(.inserted) == false, "a line was put twice")
        },
        .init("columns of somebody's own are carried along, and named where there are none") { rig in
            guard try await rig.rows(.products) != nil,
                try rig.runForeign(
                    "ALTER TABLE products ADD COLUMN shelf text; ALTER TABLE products ADD COLUMN depth int")
            else { return }
            let record = CustomerRecord([
                "sku": .text("T1"), "shelf": .text("B \"4\""), "depth": .number("12"), "row": .text("x"), "lane": .null,
                "phone_e164": .text("+16195550101"),
            ])
            let reply = try await rig.put(RecordBatch(table: .products, records: [record], replaces: true))
            try expect(reply == RecordReply(outcomes: [.inserted], unplaced: ["row"]), "\(reply as Any)")
            let row = try need(try await rig.rows(.products)?.first, "nothing was put")
            try expect(row["shelf"] == .text("B \"4\"") && row["depth"] == .number("12"), "they did not come back")
        },
        .init("a batch of rows with one that cannot be put is refused as a whole") { rig in
            let good = CustomerRecord(["transaction_id": .number("1")])
            let wrong: [[CustomerRecord]] = [
                [good, good], [good, CustomerRecord(["total": .number("1")])],
                [good, CustomerRecord(["transaction_id": .number("2"), "date": .text("2025-02-30")])],
                [good, CustomerRecord(["transaction_id": .number("2"), "total": .text("a lot")])],
                [good, CustomerRecord(["transaction_id": .number("2"), "customer_id": .text("17")])],
                (1...1001).map { CustomerRecord(["transaction_id": .number("\($0)")]) },
            ]
            for (number, records) in wrong.enumerated() {
                do {
                    let batch = RecordBatch(table: .transactions, records: records, replaces: true)
                    guard try await rig.put(batch) != nil else { return }
                    throw ContractFailure("a wrong batch was taken: \(number)")
                } catch let error as PluginError {
                    try expect([.invalid, .conflict].contains(error.code), "\(number): \(error.code)")
                    try expect(!error.message.contains("a lot"), "a value of a row is in an error")
                }
            }
            try expect(try await rig.rows(.transactions)?.isEmpty == true, "half of a refused batch was put")
        },
    ]

    private static func uuid(_ number: Int) -> String { "00000000-0000-4000-8000-00000000010\(number)" }

    /// In the order in which rows can be put, and in that of their keys.
    private static let shopRecords: [(CustomerTable, [CustomerRecord])] = [
        (
            .customers,
            [
                CustomerRecord([
                    "id": .text(uuid(1)), "name": .text("Ana"), "email": .null, "phone": .text("619-555-0101"),
                    "visit_count": .number("1"), "lifetime_value": .number("9.99"),
                    "first_visit_date": .text("2025-07-01"), "last_visit_date": .text("2025-07-01"),
                    "vip_status": .text("New"), "created_at": .text("2025-07-01T08:09:10.123Z"),
                ]),
                CustomerRecord(["id": .text(uuid(2)), "name": .text("Bo \"B\" \u{1F600}\n")]),
            ]
        ),
        (
            .products,
            [
                CustomerRecord([
                    "id": .text(uuid(3)), "sku": .text("T1"), "name": .text("Tea"), "unit_cost": .number("2.123456"),
                    "current_stock": .number("-3"), "last_restocked": .text("2024-02-29"),
                ])
            ]
        ),
        (.staff, [CustomerRecord(["id": .text(uuid(5)), "name": .text("Lee"), "active": .flag(false)])]),
        (
            .transactions,
            [
                CustomerRecord([
                    "transaction_id": .number("7"), "customer_id": .text(uuid(1)), "staff_id": .text(uuid(5)),
                    "date": .text("2025-07-01"), "total": .number("9.99"),
                ]),
                CustomerRecord(["transaction_id": .number("12"), "total": .number("0")]),
            ]
        ),
        (
            .items,
            [
                CustomerRecord([
                    "id": .text(uuid(7)), "transaction_id": .number("7"), "product_sku": .text("T1"),
                    "quantity": .number("1"), "unit_price": .number("9.99"), "total_price": .number("9.99"),
                ])
            ]
        ),
    ]

    /// In words that SQLite and PostgreSQL both know.
    private static let odds = """
        INSERT INTO customers (id, name, lifetime_value, last_visit_date) VALUES
            ('00000000-0000-4000-8000-00000000000b', 'B', 0.3, '2025-01-31'),
            ('00000000-0000-4000-8000-00000000000a', NULL, NULL, NULL),
            ('10000000-0000-4000-8000-000000000000', '', 1, NULL);
        INSERT INTO products (sku, name) VALUES ('a', '1'), ('A', '2'), ('10', '3'), ('9', '4'), ('Zoë', '5'), ('', '6');
        INSERT INTO staff (id, name, active) VALUES ('00000000-0000-4000-8000-00000000000a', 'L', true),
            ('00000000-0000-4000-8000-00000000000b', 'M', false);
        INSERT INTO transactions (transaction_id, total, date, customer_id) VALUES
            (10, -0.10, NULL, NULL), (9, 12.50, '2025-07-01', '00000000-0000-4000-8000-00000000000a'),
            (100, 20, NULL, NULL);
        INSERT INTO transaction_items (transaction_id, product_sku, quantity) VALUES (9, 'a', 1), (9, 'A', 2), (10, 'a', 3)
        """
}

extension StorageRig {
    /// A table page by page; nil where the storage does not give it.
    fileprivate func rows(_ table: CustomerTable, limit: Int32 = 2) async throws -> [CustomerRecord]? {
        guard let directory = storage as? any CustomerDirectory else { return nil }
        var all: [CustomerRecord] = []
        do {
            while true {
                let query = RecordQuery(table: table, after: all.last?.key(in: table), limit: limit)
                let page = try await directory.records(query, context: .init())
                try expect(page.count <= Int(limit), "more rows came than were asked for")
                all += page
                if page.count < Int(limit) { return all }
            }
        } catch let error as PluginError where error.code == .unsupported {
            return nil
        }
    }

    fileprivate func put(_ batch: RecordBatch) async throws -> RecordReply? {
        guard let directory = storage as? any CustomerDirectory else { return nil }
        do {
            return try await directory.putRecords(batch, context: .init())
        } catch let error as PluginError where error.code == .unsupported {
            return nil
        }
    }
}
