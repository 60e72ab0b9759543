internal import PluginKit

extension StorageContract {
    /// What a storage that keeps customers, too, makes of files of the till's. One that cannot import is passed over.
    static let importRules: [ContractRule<any StorageRig>] = [
        .init("importing a file once more changes nothing, and a batch whose answer was lost has the same outcomes") {
            rig in
            for section in [members, articles, people, receipts, lines] {
                let first = ImportBatch(importID: "\(section.table)", sequence: 1, today: today, sections: [section])
                guard let reply = try await rig.imported(first) else { return }
                try expect(
                    reply.allSatisfy { $0 == .init(.inserted) }, "\(section.table.rawValue): \(words(reply)) at first")
                try expect(
                    try await rig.imported(first) == reply, "\(section.table.rawValue): repeated, it had other outcomes"
                )
                var again = first
                again.importID += " again"
                let second = try need(try await rig.imported(again), "no answer")
                try expect(
                    second.allSatisfy { $0 == .init(.unchanged) },
                    "\(section.table.rawValue): \(words(second)) the second time")
            }
            let found = try need(try await rig.customers("+16195550101")?.first, "the customer is not found")
            try expect(
                found.name == "Ana" && found.purchases.map(\.number) == [502, 501]
                    && found.purchases[1].items.count == 3, "the customer's receipts are not the file's")
            try expect(
                found.visitCount == 2 && found.lifetimeValueMicros == 30_500_000 && found.lastVisit == "2026-05-04",
                "receipts are not counted: \(found.visitCount ?? -1) visits, \(found.lifetimeValueMicros ?? -1)")
            try expect(
                found.preferredStaff == "Lee" && found.preferredLocation == "Uptown", "the usual place is not derived")
        },
        .init("a batch out of its turn is refused, and nothing of it is put") { rig in
            let batch = ImportBatch(importID: "i", sequence: 2, today: today, sections: [members])
            do {
                guard try await rig.imported(batch) != nil else { return }
                throw ContractFailure("the second batch of an import was taken as its first")
            } catch let error as PluginError {
                try expect([.conflict, .invalid].contains(error.code), "it was refused as \(error.code)")
            }
            try expect(try await rig.customers("+16195550101")?.isEmpty == true, "something of it was put")
        },
        .init("a dry run tells what would come of it and keeps nothing") { rig in
            let batch = ImportBatch(importID: "i", sequence: 1, today: today, sections: [members], isDry: true)
            guard let reply = try await rig.imported(batch) else { return }
            try expect(reply.allSatisfy { $0.kind == .inserted }, "it tells \(words(reply))")
            try expect(try await rig.customers("+16195550101")?.isEmpty == true, "something of it was kept")
        },
        .init("what a file does not tell stays; what it tells takes the place of what stood there") { rig in
            guard try await rig.imported("a", members) != nil else { return }
            let change = ImportSection(
                table: .customers, columns: ["member_id", "name", "email"],
                values: [.text("M1"), .absent, .text("new@example.com")])
            try expect(try await rig.imported("b", change) == [.init(.updated)], "it was not updated")
            let found = try need(try await rig.customers("+16195550101")?.first, "the customer is gone")
            try expect(found.name == "Ana" && found.email == "new@example.com", "not what the file tells, and the rest")
            try expect(try await rig.imported("c", change) == [.init(.unchanged)], "repeating it changed something")
        },
        .init("of a table that a file only mentions, what stands there stays and what is empty is filled") { rig in
            guard try await rig.imported("a", members) != nil else { return }
            let mention = ImportSection(
                table: .customers, columns: ["member_id", "name", "email"],
                values: [
                    .text("M1"), .text("A. Other"), .text("ana@example.com"), .text("M9"), .text("New"), .absent,
                ], fills: true)
            try expect(
                try await rig.imported("b", mention) == [.init(.updated), .init(.inserted)], "not filled, or not added")
            let found = try need(try await rig.customers("+16195550101")?.first, "the customer is gone")
            try expect(
                found.name == "Ana" && found.email == "ana@example.com", "a name was replaced, or nothing filled")
        },
        .init("a customer is known by member id, then phone, then e-mail, and by nothing else") { rig in
            let columns = ["member_id", "phone", "email", "name"]
            func row(_ member: String?, _ phone: String?, _ email: String?, _ name: String?) -> [ImportValue] {
                [member, phone, email, name].map { $0.map(ImportValue.text) ?? .absent }
            }
            func section(_ rows: [[ImportValue]]) -> ImportSection {
                ImportSection(table: .customers, columns: columns, values: rows.flatMap { $0 })
            }
            let first = section([
                row(nil, "+16195550111", nil, "By phone"), row(nil, nil, "Mail@example.com", "By mail"),
                row(nil, "ask Bo", nil, "Nobody's number"),
            ])
            guard try await rig.imported("a", first) != nil else { return }
            let second = section([
                // Gets the till's number.
                row("M1", "+16195550111", nil, "By phone"),
                // Another member with the same phone is another person.
                row("M2", "+16195550111", nil, "Sister"),
                row(nil, nil, "mail@EXAMPLE.com", "By mail"), row(nil, nil, nil, nil),
            ])
            let reply = try need(try await rig.imported("b", second), "no answer")
            try expect(
                reply.map(\.kind) == [.updated, .inserted, .unchanged, .keyless], "they are \(words(reply))")
            let both = try need(try await rig.customers("+16195550111"), "nobody has the number")
            try expect(
                both.count == 2 && both.allSatisfy(\.isAmbiguous), "two members with one phone are \(both.count)")
            // Whoever is known by the phone alone may be either.
            let third = section([row(nil, "+16195550111", nil, "Who?")])
            try expect(try await rig.imported("c", third)?.map(\.kind) == [.keyless], "one of two was chosen")
        },
        .init("two rows of one file with one key that say different things: the second is told, not taken") { rig in
            let columns = ["transaction_id", "total"]
            let section = ImportSection(
                table: .transactions, columns: columns,
                values: [
                    .count(7), .money(micros: 1_000_000), .count(7), .money(micros: 2_000_000), .count(7),
                    .money(micros: 1_000_000),
                ])
            guard let reply = try await rig.imported("a", section) else { return }
            try expect(reply.map(\.kind) == [.inserted, .repeated, .unchanged], "they are \(words(reply))")
            // So in another batch of the same import, and not in another import.
            let late = ImportSection(
                table: .transactions, columns: columns, values: [.count(7), .money(micros: 3_000_000)])
            let next = ImportBatch(importID: "a", sequence: 2, today: today, sections: [late])
            try expect(try await rig.imported(next)?.map(\.kind) == [.repeated], "a later batch changed the row")
            try expect(try await rig.imported("b", late)?.map(\.kind) == [.updated], "another import did not")
        },
        .init("lines of a receipt that are the same are as many as the file has, however often it comes") { rig in
            guard try await rig.imported("a", articles) != nil else { return }
            _ = try await rig.imported("b", receipts)
            func line(_ occurrence: Int64) -> ImportSection {
                ImportSection(
                    table: .items, columns: ["transaction_id", "product_sku", "quantity", "total_price", "occurrence"],
                    values: [.count(501), .text("T1"), .count(1), .money(micros: 5_500_000), .count(occurrence)])
            }
            try expect(try await rig.imported("c", line(1))?.map(\.kind) == [.inserted], "the first was not put")
            try expect(try await rig.imported("d", line(1))?.map(\.kind) == [.unchanged], "the first was put twice")
            try expect(try await rig.imported("e", line(2))?.map(\.kind) == [.inserted], "the second was not put")
            try expect(try await rig.imported("f", line(2))?.map(\.kind) == [.unchanged], "the second was put twice")
        },
        .init("a receipt finds its customer and its seller by what it says of them, and says when it does not") { rig in
            guard try await rig.imported("a", members) != nil else { return }
            let section = ImportSection(
                table: .transactions, columns: ["transaction_id", "customers.phone", "staff.name"],
                values: [
                    .count(1), .text("+16195550101"), .absent, .count(2), .text("+16195550199"), .absent, .count(3),
                    .absent, .text("Nobody"), .count(4), .absent, .absent,
                ])
            try expect(
                try await rig.imported("b", section) == [
                    .init(.inserted), .init(.inserted, isLoose: true), .init(.inserted, isLoose: true),
                    .init(.inserted),
                ], "what is loose is not told, or what is not")
            let found = try need(try await rig.customers("+16195550101")?.first, "the customer is gone")
            try expect(found.purchases.map(\.number) == [1], "the receipt is not the customer's")
        },
        .init(
            "an opening balance stands for what came before the receipts; later ones add to it, and none is counted twice"
        ) {
            rig in
            let stated = ImportSection(
                table: .customers,
                columns: [
                    "member_id", "phone", "visit_count", "lifetime_value", "first_visit_date", "last_visit_date",
                ],
                values: [
                    .text("M1"), .text("+16195550101"), .count(15), .money(micros: 1_000_000_000), .day("2020-01-02"),
                    .day("2026-05-03"),
                ])
            guard try await rig.imported("a", stated) != nil else { return }
            var found = try need(try await rig.customers("+16195550101")?.first, "the customer is not found")
            try expect(
                found.visitCount == 15 && found.lifetimeValueMicros == 1_000_000_000 && found.vipStatus == "Regular",
                "what was stated is not told: \(found.visitCount ?? -1)")
            // Of these one is older than the balance, and in it.
            _ = try await rig.imported("b", people)
            _ = try await rig.imported("c", receipts)
            found = try need(try await rig.customers("+16195550101")?.first, "the customer is gone")
            try expect(
                found.visitCount == 16 && found.lifetimeValueMicros == 1_020_000_000 && found.vipStatus == "VIP",
                "\(found.visitCount ?? -1) visits, \(found.lifetimeValueMicros ?? -1): one of two receipts is later")
            try expect(
                found.firstVisit == "2020-01-02" && found.lastVisit == "2026-05-04", "the first or last visit is wrong")
            // The same file once more says nothing new.
            try expect(try await rig.imported("d", stated)?.map(\.kind) == [.unchanged], "the balance was taken again")
            found = try need(try await rig.customers("+16195550101")?.first, "the customer is gone")
            try expect(found.visitCount == 16, "importing the balance again changed what is counted")
        },
        .init("what another program writes of visits is an opening balance, too") { rig in
            guard
                try rig.runForeign(
                    """
                    INSERT INTO customers (id, name, phone, visit_count, lifetime_value, last_visit_date) VALUES
                        ('00000000-0000-4000-8000-000000000001', 'Ana', '+16195550101', 40, 900, '2026-01-01');
                    INSERT INTO transactions (transaction_id, customer_id, date, total) VALUES
                        (1, '00000000-0000-4000-8000-000000000001', '2025-12-31', 10),
                        (2, '00000000-0000-4000-8000-000000000001', '2026-01-02', 20)
                    """), let found = try await rig.customers("+16195550101")?.first
            else { return }
            try expect(
                found.visitCount == 41 && found.lifetimeValueMicros == 920_000_000,
                "\(found.visitCount ?? -1) visits, \(found.lifetimeValueMicros ?? -1)")
            _ = try rig.runForeign("UPDATE customers SET visit_count = 50, last_visit_date = '2026-01-02'")
            let later = try need(try await rig.customers("+16195550101")?.first, "the customer is gone")
            try expect(later.visitCount == 50, "what was written since is not told: \(later.visitCount ?? -1)")
        },
        .init("stock_status follows the stock, whoever writes it") { rig in
            guard
                try rig.runForeign(
                    """
                    INSERT INTO products (sku, name, current_stock, stock_status) VALUES
                        ('A', 'a', 0, 'In stock'), ('B', 'b', 5, NULL), ('C', 'c', 6, 'Low'), ('D', 'd', NULL, 'Low');
                    INSERT INTO customers (id, name, phone) VALUES
                        ('00000000-0000-4000-8000-000000000001', 'Ana', '+16195550101');
                    INSERT INTO transactions (transaction_id, customer_id) VALUES
                        (1, '00000000-0000-4000-8000-000000000001');
                    INSERT INTO transaction_items (transaction_id, product_sku) VALUES (1, 'A'), (1, 'B'), (1, 'C'), (1, 'D')
                    """), let found = try await rig.customers("+16195550101")?.first
            else { return }
            let statuses = found.purchases.flatMap(\.items).compactMap { item in
                item.product.map { "\($0.sku) \($0.stockStatus ?? "nothing")" }
            }
            try expect(
                statuses.sorted() == ["A Out of stock", "B Low", "C In stock", "D Low"], "they are \(statuses)")
        },
    ]

    private static let today = "2026-06-01"

    private static let members = ImportSection(
        table: .customers, columns: ["member_id", "phone", "name"],
        values: [
            .text("M1"), .text("+16195550101"), .text("Ana"), .text("M2"), .text("+16195550102"), .text("Bo"),
        ])
    private static let articles = ImportSection(
        table: .products, columns: ["sku", "name", "unit_cost", "retail_price", "current_stock", "last_restocked"],
        values: [
            .text("T1"), .text("Tea"), .money(micros: 2_123_456), .money(micros: 5_500_000), .count(3),
            .day("2026-01-02"),
            .text("C1"), .text("Cake"), .absent, .money(micros: 9_990_000), .absent, .absent,
        ])
    private static let people = ImportSection(
        table: .staff, columns: ["employee_id", "name", "active"],
        values: [.text("E1"), .text("Lee"), .flag(true), .text("E2"), .text("Mo"), .flag(false)])
    private static let receipts = ImportSection(
        table: .transactions,
        columns: ["transaction_id", "date", "total", "location", "customers.member_id", "staff.name"],
        values: [
            .count(501), .day("2026-05-03"), .money(micros: 10_500_000), .text("Uptown"), .text("M1"), .text("lee"),
            .count(502), .day("2026-05-04"), .money(micros: 20_000_000), .text("Uptown"), .text("M1"), .text("Lee"),
        ])
    private static let lines = ImportSection(
        table: .items,
        columns: ["transaction_id", "product_sku", "quantity", "unit_price", "total_price", "occurrence"],
        values: [
            .count(501), .text("T1"), .count(1), .money(micros: 5_500_000), .money(micros: 5_500_000), .count(1),
            .count(501), .text("T1"), .count(1), .money(micros: 5_500_000), .money(micros: 5_500_000), .count(2),
            .count(501), .text("C1"), .count(1), .money(micros: -500_000), .money(micros: -500_000), .count(1),
        ])

    private static func words(_ outcomes: [ImportReply.Outcome]) -> String {
        outcomes.map { "\($0.kind)\($0.isLoose ? " (loose)" : "")" }.joined(separator: ", ")
    }
}

extension StorageRig {
    /// nil where the storage imports nothing.
    fileprivate func imported(_ batch: ImportBatch) async throws -> [ImportReply.Outcome]? {
        guard let directory = storage as? any CustomerDirectory else { return nil }
        do {
            let outcomes = try await directory.importRows(batch, context: .init()).outcomes
            let rows = batch.sections.reduce(0) { $0 + $1.count }
            try expect(outcomes.count == rows, "\(rows) rows have \(outcomes.count) outcomes")
            return outcomes
        } catch let error as PluginError where error.code == .unsupported {
            return nil
        }
    }

    /// An import of one batch.
    func imported(_ id: String, _ section: ImportSection) async throws -> [ImportReply.Outcome]? {
        try await imported(ImportBatch(importID: id, sequence: 1, today: "2026-06-01", sections: [section]))
    }
}
