internal import PluginKit

extension StorageContract {
    /// What a storage that keeps customers, too, makes of what people change. One that changes nothing is passed over.
    static let changeRules: [ContractRule<any StorageRig>] = [
        .init(
            "of several customers one is made, who is found by all that they were known by; a preview keeps everything"
        ) {
            rig in
            guard try rig.runForeign(family) else { return }
            let merge = CustomerChange(.merge(into: ana, others: [anna, a]))
            let preview = CustomerChange(merge.what, isPreview: true)
            guard let foreseen = try await rig.changed(preview) else { return }
            try expect(try await rig.customers("+16195550102")?.first?.id == anna, "a preview has merged them")
            let done = try need(try await rig.changed(merge), "no answer")
            try expect(
                Set(done.differences) == Set(foreseen.differences),
                "a preview tells something else than what comes of it")
            func told(_ column: String) -> String {
                done.differences.filter { $0.customer == ana && $0.column == column }
                    .map { "\($0.before ?? "-") > \($0.after ?? "-")" }.joined()
            }
            try expect(told("transactions") == "1 > 3", "receipts: \(told("transactions"))")
            try expect(told("email") == "- > anna@example.com", "an empty column is not filled: \(told("email"))")
            try expect(told("name") == "", "what stands there was replaced: \(told("name"))")
            try expect(
                done.differences.filter { $0.column == "id" && $0.after == nil }.compactMap(\.customer).sorted()
                    == [anna, a].sorted(), "who is gone is not told")
            // 10 stated up to January and one receipt since; 20 up to February, one within that; one of nobody's balance.
            for phone in ["+16195550101", "+16195550102"] {
                let found = try need(try await rig.customers(phone), "nobody has \(phone)")
                try expect(found.map(\.id) == [ana], "by \(phone) come \(found.map(\.id))")
                try expect(
                    found[0].visitCount == 32 && found[0].lifetimeValueMicros == 3_015_000_000,
                    "\(found[0].visitCount ?? -1) visits, \(found[0].lifetimeValueMicros ?? -1): balances were not added"
                )
                try expect(
                    found[0].firstVisit == "2019-05-05" && found[0].lastVisit == "2026-03-01"
                        && found[0].vipStatus == "VIP",
                    "first or last visit, or what is made of visits, is wrong")
                try expect(Set(found[0].purchases.map(\.number)) == [1, 2, 3], "receipts are lost")
            }
            do {
                _ = try await rig.changed(merge)
                throw ContractFailure("somebody who is gone was merged once more")
            } catch let error as PluginError {
                try expect(error.code == .invalid, "it was refused as \(error.code)")
            }
        },
        .init("a row of a file that means a merged customer changes the one that took the place") { rig in
            let columns = ["member_id", "phone", "email", "name"]
            func section(_ values: [String?]) -> ImportSection {
                ImportSection(
                    table: .customers, columns: columns, values: values.map { $0.map(ImportValue.text) ?? .absent })
            }
            let people = ["M1", "+16195550101", nil, "Ana", "M2", "+16195550102", "x@example.com", "Anna"]
            guard try await rig.imported("a", section(people)) != nil,
                let kept = try await rig.customers("+16195550101")?.first?.id,
                let other = try await rig.customers("+16195550102")?.first?.id,
                try await rig.changed(CustomerChange(.merge(into: kept, others: [other]))) != nil
            else { return }
            try expect(
                try await rig.imported("b", section(people))?.map(\.kind) == [.unchanged, .unchanged],
                "the file once more changed something")
            try expect(
                try await rig.imported("c", section([nil, "+16195550102", nil, "Annie"]))?.map(\.kind) == [.unchanged],
                "a number of theirs means somebody else, or took another name along")
            let balance = ImportSection(
                table: .customers, columns: ["member_id", "visit_count"], values: [.text("M2"), .count(3)])
            try expect(
                try await rig.imported("e", balance)?.map(\.kind) == [.unchanged],
                "a part that is stated took the place of the whole")
            let receipt = ImportSection(
                table: .transactions, columns: ["transaction_id", "customers.member_id", "customers.email"],
                values: [.count(7), .text("M2"), .absent, .count(8), .absent, .text("X@example.com")])
            try expect(
                try await rig.imported("d", receipt) == [.init(.inserted), .init(.inserted)],
                "receipts lost their customer")
            let found = try need(try await rig.customers("+16195550101")?.first, "the customer is gone")
            try expect(Set(found.purchases.map(\.number)) == [7, 8], "receipts are \(found.purchases.map(\.number))")
            // Whoever is erased by a number of theirs is erased.
            let far = Timestamp(milliseconds: 4_000_000_000_000)
            _ = try await rig.storage.erase(ErasureRequest(phone: "+16195550102", before: far), context: .init())
            try expect(try await rig.customers("+16195550101")?.isEmpty == true, "the merged customer was not erased")
        },
        .init("a recount tells what is different, lowers nothing unasked, and lowers what is asked for") { rig in
            guard try rig.runForeign(family),
                let page = try await rig.changed(CustomerChange(.recount(after: nil, limit: 2, lowers: false)))
            else { return }
            let next = try need(page.next, "two of three customers are all")
            let rest = try need(
                try await rig.changed(CustomerChange(.recount(after: next, limit: 2, lowers: false))), "no second page")
            try expect(rest.next == nil, "there are more than three")
            let stays = (page.differences + rest.differences).filter(\.stays)
            try expect(
                stays.filter { $0.customer == anna }.map { "\($0.column) \($0.before ?? "-") \($0.after ?? "-")" }
                    == ["visit_count 20 1", "lifetime_value 2000 5"], "what stays is not told: \(stays)")
            try expect(try await rig.customers("+16195550102")?.first?.visitCount == 20, "it was lowered unasked")
            let again = try need(
                try await rig.changed(CustomerChange(.recount(after: nil, limit: 1000, lowers: false))), "no answer")
            try expect(again.differences.allSatisfy(\.stays), "a second recount finds something different")
            let lower = CustomerChange(.recount(after: nil, limit: 1000, lowers: true), isPreview: true)
            let foreseen = try need(try await rig.changed(lower), "no answer")
            try expect(try await rig.customers("+16195550102")?.first?.visitCount == 20, "a preview has lowered it")
            let done = try need(try await rig.changed(CustomerChange(lower.what)), "no answer")
            try expect(Set(done.differences) == Set(foreseen.differences), "a preview tells something else")
            let found = try need(try await rig.customers("+16195550102")?.first, "the customer is gone")
            try expect(
                found.visitCount == 1 && found.lifetimeValueMicros == 5_000_000 && found.vipStatus == "New",
                "it was not lowered: \(found.visitCount ?? -1)")
        },
        .init("rules count at once, those that cannot be are refused, and a preview keeps them") { rig in
            guard try rig.runForeign(family), let now = try await rig.changed(CustomerChange(.rules([:]))) else {
                return
            }
            try expect(
                now.differences.map(\.column) == CustomerRule.allCases.map(\.rawValue), "not every rule is told")
            let rules: [CustomerRule: String] = [
                .casualVisits: "3", .regularVisits: "4", .vipVisits: "21", .lowStock: "9",
            ]
            _ = try await rig.changed(CustomerChange(.rules(rules), isPreview: true))
            try expect(
                try await rig.customers("+16195550102")?.first?.vipStatus == "VIP", "a preview has changed a rule")
            let done = try need(try await rig.changed(CustomerChange(.rules(rules))), "no answer")
            try expect(
                done.differences.filter { $0.before != $0.after }.map { "\($0.column) \($0.after ?? "-")" }
                    == ["casual_visits 3", "regular_visits 4", "vip_visits 21", "low_stock 9"], "\(done.differences)")
            try expect(
                try await rig.customers("+16195550102")?.first?.vipStatus == "Regular", "20 visits are not Regular now")
            try expect(try await rig.low() == ["A"], "7 pieces are not low now")
            for (name, wrong) in [
                ("order", [.vipVisits: "4"]), ("order of days", [.mediumRiskDays: "60"]),
                ("zero", [.casualVisits: "0"]),
                ("words", [.lowStock: "few"]), ("zone", [.zone: "Middle/Earth"]),
            ] as [(String, [CustomerRule: String])] {
                do {
                    _ = try await rig.changed(CustomerChange(.rules(wrong)))
                    throw ContractFailure("a wrong rule was taken: \(name)")
                } catch let error as PluginError {
                    try expect(error.code == .invalid, "\(name): \(error.code)")
                }
            }
        },
        .init("a day is the shop's: it begins at its midnight, also where clocks are put forward or back") { rig in
            guard rig.obeysClock, try rig.runForeign(family),
                try await rig.changed(CustomerChange(.rules([.zone: "America/Los_Angeles"]))) != nil
            else { return }
            // The last visit, and the midnight after which it is 30 or 60 days ago: in winter UTC-8, in summer UTC-7.
            let nights: [(last: String, midnight: String, days: Int32, risks: [String])] = [
                ("2026-12-02", "2027-01-01T08:00:00.000Z", 30, ["Low", "Medium"]),
                ("2027-02-13", "2027-03-15T07:00:00.000Z", 30, ["Low", "Medium"]),
                ("2027-06-01", "2027-07-01T07:00:00.000Z", 30, ["Low", "Medium"]),
                ("2027-09-08", "2027-11-07T07:00:00.000Z", 60, ["Medium", "High"]),
                ("2027-09-09", "2027-11-08T08:00:00.000Z", 60, ["Medium", "High"]),
            ]
            for night in nights {
                _ = try rig.runForeign("UPDATE customers SET last_visit_date = '\(night.last)' WHERE id = '\(a)'")
                let midnight = try need(Timestamp(night.midnight), "no time")
                for (index, offset) in [-600_000, 600_000].enumerated() {
                    rig.clock.advance(midnight.milliseconds + Int64(offset) - rig.clock.now.milliseconds)
                    let found = try need(try await rig.customers("+16195550103")?.first, "nobody came")
                    try expect(
                        found.daysSinceLastVisit == night.days - 1 + Int32(index)
                            && found.churnRisk == night.risks[index],
                        "\(night.last), ten minutes \(index == 0 ? "before" : "after") \(night.midnight): "
                            + "\(found.daysSinceLastVisit ?? -1) days, \(found.churnRisk ?? "-")")
                }
            }
        },
    ]

    private static let ana = "00000000-0000-4000-8000-000000000001"
    private static let anna = "00000000-0000-4000-8000-000000000002"
    private static let a = "00000000-0000-4000-8000-000000000003"

    /// In words that SQLite and PostgreSQL both know.
    private static let family = """
        INSERT INTO customers (id, name, email, phone, visit_count, lifetime_value, first_visit_date, last_visit_date) VALUES
            ('\(ana)', 'Ana', NULL, '+16195550101', 10, 1000, '2019-05-05', '2026-01-10'),
            ('\(anna)', 'Anna', 'anna@example.com', '+16195550102', 20, 2000, '2020-01-01', '2026-02-10'),
            ('\(a)', 'A.', NULL, '+16195550103', NULL, NULL, NULL, NULL);
        INSERT INTO transactions (transaction_id, customer_id, date, total) VALUES
            (1, '\(ana)', '2026-01-20', 10), (2, '\(anna)', '2026-02-01', 5), (3, '\(a)', '2026-03-01', 5);
        INSERT INTO products (sku, name, current_stock) VALUES ('A', 'Tea', 7), ('B', 'Cup', 10)
        """
}

extension StorageRig {
    /// A rig whose storage goes by its clock.
    public var obeysClock: Bool { true }

    /// nil where the storage changes nothing.
    fileprivate func changed(_ change: CustomerChange) async throws -> CustomerDifferences? {
        guard let directory = storage as? any CustomerDirectory else { return nil }
        do {
            return try await directory.changeCustomers(change, context: .init())
        } catch let error as PluginError where error.code == .unsupported {
            return nil
        }
    }

    /// Articles of which there are few.
    fileprivate func low() async throws -> [String] {
        guard let directory = storage as? any CustomerDirectory else { return [] }
        let query = ListQuery(.products, filters: ["stock_status": "Low"])
        return try await directory.list(query, context: .init()).rows.compactMap { $0["sku"].text }
    }
}
