public import PluginKit

extension StorageContract {
    /// What a storage that keeps customers, too, tells of them. One that does not is passed over.
    static let customerRules: [ContractRule<any StorageRig>] = [
        .init("D3: a customer is found by the number in any form, with the last purchases and their items") { rig in
            guard try rig.runForeign(shop) else { return }
            guard let found = try await rig.customers("+16195550101", purchases: 2) else { return }
            try expect(found.count == 1, "one customer has this number, and \(found.count) came")
            var customer = found[0]
            try expect(customer.id == "00000000-0000-4000-8000-000000000001", "it is not the one with this number")
            try expect(customer.phone == "+16195550101" && customer.name == "Ana Zoë", "the name or number is another")
            try expect(!customer.isAmbiguous, "the only one with a number is marked as one of several")
            try expect(
                customer.visitCount == 3 && customer.lifetimeValueMicros == 35_490_000
                    && customer.averageTransactionMicros == 11_830_000, "the figures are not the table's")
            try expect(
                customer.firstVisit == "2024-02-29" && customer.lastVisit == "2026-05-03"
                    && customer.preferredLocation == "Main St" && customer.preferredStaff == "Lee",
                "a column is missing")
            try expect(customer.vipStatus == "Casual", "3 visits make \(customer.vipStatus ?? "nothing")")
            try expect(customer.purchases.map(\.number) == [1003, 1002], "not the two last purchases, newest first")
            let last = customer.purchases[0]
            try expect(
                last.date == "2026-05-03" && last.totalMicros == 19_990_000 && last.paymentMethod == "cash"
                    && last.location == "Main St", "the last purchase is not the table's")
            try expect(
                Set(last.items.map(\.totalPriceMicros)) == [9_990_000, 10_000_000, -10_000]
                    && last.items.filter { $0.product == nil }.count == 1, "its items are not the table's")
            let tea = try need(last.items.first { $0.product?.sku == "T1" }, "the article is not with its item")
            try expect(
                tea.quantity == 2 && tea.unitPriceMicros == 5_000_000 && tea.discountMicros == 10_000
                    && tea.product?.name == "Tea" && tea.product?.thcContent == "21 %"
                    && tea.product?.retailPriceMicros == 5_500_000 && tea.product?.currentStock == 3,
                "the article or its price is not the table's")
            try expect(customer.purchases[1].items.isEmpty, "a receipt without items has some")

            customer = try need(try await rig.customers("+16195550101", purchases: 0)?.first, "nobody came")
            try expect(customer.purchases.isEmpty, "purchases came that nobody asked for")
            try expect(try await rig.customers("+16195550177")?.isEmpty == true, "somebody has a number of nobody's")
        },
        .init("two customers with one number both come, marked, who was here last first") { rig in
            guard try rig.runForeign(shop) else { return }
            guard let found = try await rig.customers("+16195550102", purchases: 5) else { return }
            try expect(found.map(\.name) == ["Cid", "Bo"], "not both came, or not in this order: \(found.count)")
            try expect(found.allSatisfy(\.isAmbiguous), "they are not marked as having one number")
            try expect(found.map(\.purchases.count) == [1, 0], "the purchases of one are another's")
        },
        .init("vip_status and churn_risk follow visits and today's date, whatever is stored") { rig in
            let visits: [(Int, String)] = [
                (1, "New"), (2, "Casual"), (5, "Casual"), (6, "Regular"), (15, "Regular"), (16, "VIP"),
            ]
            let days: [(Int, String)] = [
                (0, "Low"), (29, "Low"), (30, "Medium"), (59, "Medium"), (60, "High"), (61, "High"),
            ]
            // Which day the shop has is the storage's to know: it tells of the first one how long ago 10 days are.
            let today = rig.clock.now.milliseconds / 86_400_000
            guard try rig.runForeign(visitor(0, visits: 1, last: today - 10)) else { return }
            guard let probe = try await rig.customers(number(0))?.first else { return }
            let shopDay = today - 10 + Int64(probe.daysSinceLastVisit ?? -10)
            try expect(abs(shopDay - today) <= 1, "10 days ago is \(probe.daysSinceLastVisit ?? -1) days ago")
            for (index, ((count, status), (ago, risk))) in zip(visits, days).enumerated() {
                _ = try rig.runForeign(visitor(index + 1, visits: count, last: shopDay - Int64(ago)))
                let customer = try need(try await rig.customers(number(index + 1))?.first, "nobody came")
                try expect(
                    customer.vipStatus == status, "\(count) visits make \(customer.vipStatus ?? "nothing")")
                try expect(
                    customer.daysSinceLastVisit == Int32(ago) && customer.churnRisk == risk,
                    "\(ago) days ago make \(customer.daysSinceLastVisit ?? -1), \(customer.churnRisk ?? "nothing")")
            }
        },
        .init("a person who is erased is no customer any more, and what was sold stays") { rig in
            guard try rig.runForeign(shop) else { return }
            guard try await rig.customers("+16195550101") != nil else { return }
            let far = Timestamp(milliseconds: 4_000_000_000_000)
            var request = ErasureRequest(phone: "+16195550101", before: far, countsOnly: true)
            try expect(
                try await rig.storage.erase(request, context: .init()).others == 1, "it does not count the customer")
            let kept = try await rig.storage.contact("+16195550101", context: .init()).other
            for word in ["Ana Zo", "1003", "T1", "19.99"] {
                try expect(kept?.contains(word) == true, "it does not tell what it keeps of a customer: \(word)")
            }
            request.countsOnly = false
            _ = try await rig.storage.erase(request, context: .init())
            try expect(try await rig.customers("+16195550101")?.isEmpty == true, "an erased person is a customer")
            try expect(
                try await rig.storage.contact("+16195550101", context: .init()).other == nil, "something is kept")
            try expect(try await rig.customers("+16195550102")?.count == 2, "others went with the person")
        },
    ]

    /// In words that SQLite and PostgreSQL both know. What is stored of visits agrees with the receipts: a storage may tell
    /// of either.
    private static let shop = """
        INSERT INTO customers (id, name, email, phone, visit_count, lifetime_value, first_visit_date, last_visit_date,
            vip_status, churn_risk, avg_transaction_value, preferred_location, preferred_budtender) VALUES
            ('00000000-0000-4000-8000-000000000001', 'Ana Zoë', 'ana@example.com', '(619) 555-0101', 3, 35.49,
                '2024-02-29', '2026-05-03', 'New', 'Low', 11.83, 'Main St', 'Lee'),
            ('00000000-0000-4000-8000-000000000002', 'Bo', NULL, '+16195550102', 1, 5, '2025-01-01', '2025-01-01',
                NULL, NULL, NULL, NULL, NULL),
            ('00000000-0000-4000-8000-000000000003', 'Cid', NULL, '619-555-0102', 1, 0.1, '2025-01-02', '2025-01-02',
                NULL, NULL, NULL, NULL, NULL);
        INSERT INTO products (sku, name, category, thc_content, unit_cost, retail_price, current_stock) VALUES
            ('T1', 'Tea', 'Drinks', '21 %', 2.5, 5.5, 3), ('C1', 'Cake', 'Food', NULL, 1, 9.99, 0);
        INSERT INTO transactions (transaction_id, customer_id, date, total, payment_method, location) VALUES
            (1001, '00000000-0000-4000-8000-000000000001', '2024-02-29', 12.5, 'card', 'Main St'),
            (1003, '00000000-0000-4000-8000-000000000001', '2026-05-03', 19.99, 'cash', 'Main St'),
            (1002, '00000000-0000-4000-8000-000000000001', '2025-07-01', 3, 'card', 'Main St'),
            (1004, '00000000-0000-4000-8000-000000000003', '2025-01-02', 0.1, 'card', 'Main St');
        INSERT INTO transaction_items (transaction_id, product_sku, quantity, unit_price, total_price, discount) VALUES
            (1003, 'T1', 2, 5, 9.99, 0.01), (1003, 'C1', 1, 10, 10, 0), (1003, NULL, 1, -0.01, -0.01, NULL),
            (1001, 'C1', 1, 12.5, 12.5, NULL);
        """

    private static func number(_ index: Int) -> String { "+161955501\(20 + index)" }

    private static func visitor(_ index: Int, visits: Int, last: Int64) -> String {
        let day = Timestamp(milliseconds: last * 86_400_000).description.prefix(10)
        return """
            INSERT INTO customers (name, phone, visit_count, last_visit_date, vip_status, churn_risk)
            VALUES ('Visitor', '\(number(index))', \(visits), '\(day)', 'Casual', 'Medium')
            """
    }
}

extension StorageRig {
    /// A rig that has no such program.
    public func runForeign(_ sql: String) throws -> Bool { false }
    public func name(sim: String, in content: String) throws -> Bool { false }

    /// Who has the number; nil where the storage keeps no customers.
    public func customers(_ phone: String, purchases: Int32 = 10) async throws -> [Customer]? {
        guard let directory = storage as? any CustomerDirectory else { return nil }
        do {
            return try await directory.customers(
                CustomerQuery(phone: phone, purchases: purchases), context: .init())
        } catch let error as PluginError where error.code == .unsupported {
            return nil
        }
    }
}
