import Foundation
import GRDB
import SupabaseStandin
import Testing

extension EndToEnd {
    /// `storage switch --crm` between a Supabase project and a SQLite file, compared by this test's own SQL.
    @Suite("Customers and storages", .enabled(if: Standin.isPossible))
    struct CustomerSwitch {
        /// Every column that programs know, and in which order rows are compared. `updated_at` says when a storage last
        /// changed a row.
        private static let tables: [(name: String, columns: [String])] = [
            (
                "customers",
                [
                    "id", "name", "email", "phone", "visit_count", "lifetime_value", "first_visit_date",
                    "last_visit_date", "vip_status", "churn_risk", "avg_transaction_value", "days_since_last_visit",
                    "preferred_location", "preferred_budtender", "created_at",
                ]
            ),
            (
                "products",
                [
                    "sku", "id", "name", "category", "brand", "thc_content", "cbd_content", "strain_type", "effects",
                    "unit_cost", "retail_price", "current_stock", "stock_status", "vendor", "last_restocked",
                    "created_at",
                ]
            ),
            ("staff", ["id", "name", "employee_id", "role", "location", "hire_date", "active", "created_at"]),
            (
                "transactions",
                [
                    "transaction_id", "id", "customer_id", "date", "total", "payment_method", "location", "staff_id",
                    "created_at",
                ]
            ),
            (
                "transaction_items",
                [
                    "id", "transaction_id", "product_sku", "quantity", "unit_price", "total_price", "discount",
                    "created_at",
                ]
            ),
        ]
        private static let amounts: Set = [
            "lifetime_value", "avg_transaction_value", "unit_cost", "retail_price", "total", "unit_price",
            "total_price", "discount",
        ]

        /// A world whose texts and customers are in Supabase, with SQLite beside it.
        private struct Shop {
            let world: World
            let standin: Standin
            var path: String { world.state + "/local.db" }

            init(_ world: World) throws {
                self.world = world
                guard let standin = try Project(.migrated, for: world).standin else {
                    throw Failure("there is no stand-in for Supabase")
                }
                self.standin = standin
                try world.drop("30-sqlite", "plugin: sqlite\nenabled: false\nsettings: {path: local.db}\n")
            }

            /// A shop's rows, with quotes, scripts, nothing at all, and amounts of many digits.
            func fill() throws {
                try standin.psql(
                    """
                    insert into customers (id, name, email, phone, visit_count, lifetime_value, first_visit_date,
                            last_visit_date, vip_status, churn_risk, avg_transaction_value, days_since_last_visit,
                            preferred_location, created_at)
                        select ('00000000-0000-4000-8000-' || lpad(to_hex(i * 7919), 12, '0'))::uuid,
                            case when i % 9 = 0 then null else 'Customer "' || i || E'" O''Zoë ñ\\n' end,
                            case when i % 3 = 0 then i || '@example.com' end, '+1619556' || lpad(i::text, 4, '0'), i % 20,
                            i * 1.10, '2024-02-29', date '2026-01-01' + i % 300, 'New', 'Low', i * 1.05, i % 90,
                            case when i % 2 = 0 then '' end, '2025-01-01T08:00:00.123456Z'
                        from generate_series(1, 560) i;
                    insert into products (sku, name, thc_content, unit_cost, retail_price, current_stock, last_restocked)
                        select case when i % 2 = 0 then 'sku-' else 'SKU ' end || i, 'Tea ' || i, i || ' %', i * 0.125,
                            i + 0.99, i - 10, case when i % 5 = 0 then date '2026-05-01' end
                        from generate_series(1, 90) i;
                    insert into staff (name, employee_id, active) select 'Lee ' || i, 'E' || i, i % 2 = 0
                        from generate_series(1, 12) i;
                    insert into transactions (transaction_id, customer_id, date, total, payment_method, staff_id)
                        select i * 3, case when i % 7 > 0 then c.ids[1 + i % 560] end, date '2024-02-29' + i % 700,
                            case when i % 50 = 0 then -i else i * 0.37 end, 'cash', s.ids[1 + i % 12]
                        from generate_series(1, 780) i, (select array_agg(id order by id) as ids from customers) c,
                            (select array_agg(id order by id) as ids from staff) s;
                    insert into transaction_items (transaction_id, product_sku, quantity, unit_price, total_price, discount)
                        select t.transaction_id, p.skus[1 + t.transaction_id % 90], 1, 1.5, 1.5, null
                        from transactions t, (select array_agg(sku order by sku) as skus from products) p
                        where t.transaction_id % 2 = 0;
                    """)
            }

            func inSupabase(_ name: String, _ columns: [String]) throws -> [String] {
                let line = columns.map { column in
                    switch column {
                    case "created_at":
                        #"coalesce(to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), '-')"#
                    case "active": "coalesce(active::int::text, '-')"
                    case _ where CustomerSwitch.amounts.contains(column):
                        "coalesce(round(\(column) * 1000000)::bigint::text, '-')"
                    default: "coalesce(replace(\(column)::text, E'\\n', '/'), '-')"
                    }
                }
                return try standin.psql("select \(line.joined(separator: " || '|' || ")) from \(name)")
                    .split(separator: "\n").map(String.init).sorted()
            }

            func inSQLite(_ name: String, _ columns: [String]) throws -> [String] {
                let line = columns.map { column in
                    CustomerSwitch.amounts.contains(column)
                        ? "ifnull(CAST(round(\(column) * 1000000) AS INTEGER), '-')"
                        : "ifnull(replace(\(column), char(10), '/'), '-')"
                }
                return try table {
                    try String.fetchAll($0, sql: "SELECT \(line.joined(separator: " || '|' || ")) FROM \(name)")
                }.sorted()
            }

            func table<T>(_ body: (Database) throws -> T) throws -> T {
                var configuration = Configuration()
                configuration.busyMode = .timeout(10)
                return try DatabaseQueue(path: path, configuration: configuration).write(body)
            }

            /// All tables say the same in both, word for word; `but` are rows of SQLite that Supabase does not take.
            func expectSame(_ why: String, but: String? = nil) throws {
                for (name, columns) in CustomerSwitch.tables {
                    let (left, right) = (try inSupabase(name, columns), try inSQLite(name, columns))
                    let rest = right.filter { but == nil || !$0.contains(but ?? "") }
                    #expect(left == rest, "\(why): \(name), \(Set(left).symmetricDifference(rest).sorted().prefix(4))")
                    #expect(left.count > 5 && Set(left).count == left.count, "\(why): \(name)")
                }
            }

            struct Report: Decodable {
                struct Table: Decodable {
                    var table: String
                    var copied: Int
                    var copiedBack: Int
                    var differedFormer: Int
                    var differedNewer: Int
                    var orphans: Int
                    var refused: Int
                    var unplaced: [String]
                    var rows: Int?
                    var checksum: String?
                }
                var crm: [Table]?

                subscript(_ name: String) -> Table? { crm?.first { $0.table == name } }
            }

            func switchTo(_ name: String, _ more: String...) async throws -> Report {
                let (status, output) = try await world.command(
                    ["storage", "switch", name, "--crm", "--json"] + more, within: 120)
                guard status == 0 else { throw Failure("switch \(name): \(output)") }
                let decoder = JSONDecoder()
                decoder.keyDecodingStrategy = .convertFromSnakeCase
                return try decoder.decode(Report.self, from: Data(output.utf8))
            }

            var waiting: Int {
                get throws {
                    struct Counters: Decodable { var waiting: Int }
                    return try JSONDecoder().decode(Counters.self, from: Data(standin.control("GET", "counters").utf8))
                        .waiting
                }
            }
        }

        @Test("customers and receipts go there and back, whole after a kill -9, and texts are answered meanwhile")
        func thereAndBack() async throws {
            try await withWorld(answering: true) { world in
                let shop = try Shop(world)
                try shop.fill()
                // As the gateway does by itself within minutes: what is stored of customers is what their receipts say.
                try shop.standin.psql("select public.conductor_refresh_customers('{}')")
                try await world.startGateway()
                let before = try Self.tables.map { try shop.inSupabase($0.name, $0.columns) }

                let rehearsal = try await shop.switchTo("sqlite", "--dry-run")
                #expect(rehearsal.crm?.map(\.copied) == before.map(\.count))
                #expect(rehearsal.crm?.map(\.table) == Self.tables.map(\.name))
                #expect(rehearsal.crm?.allSatisfy { $0.rows == nil && $0.copiedBack == 0 } == true)
                #expect(try shop.inSQLite("customers", ["id"]).isEmpty, "a rehearsal changes nothing")

                // It is in the middle of the receipts, and a text is answered all the same.
                try shop.standin.control(
                    "POST", "faults",
                    #"{"kind": "hold_before", "path": "rpc/conductor_records", "skip": 10, "next": 1}"#)
                let command = try ChildProcess(
                    "/usr/bin/env",
                    [
                        "CONDUCTOR_SOCKET=\(world.state)/control.sock", World.conductor, "storage", "switch", "sqlite",
                        "--crm",
                    ],
                    output: world.folder + "/switch.out")
                try await eventually("it is in the middle", every: 20) { try shop.waiting == 1 }
                try world.text(0, from: "+16195560001", "meanwhile")
                try await eventually("a text is answered meanwhile") {
                    try world.ledger.refresh()
                    return world.ledger.submitted.contains { $0.text == "re: meanwhile" }
                }
                let (code, page) = try await world.command("status")
                #expect(code == 0 && page.contains("being switched to sqlite: transactions"), "\(page)")
                let half = try shop.inSQLite("transactions", ["id"]).count
                #expect(half > 0 && half < 780, "\(half) receipts are there in the middle")
                try world.killGateway()
                try await eventually("the command ends") { !command.isRunning }
                try shop.standin.control("DELETE", "faults")
                try await world.startGateway()
                var report = try await shop.switchTo("sqlite")
                #expect(report["transactions"].map { $0.copied > 0 && $0.copied <= 780 - half } == true)
                #expect(report.crm?.map(\.rows) == before.map(\.count))
                try shop.expectSame("there")
                #expect(try Self.tables.map { try shop.inSupabase($0.name, $0.columns) } == before)

                try await back(shop)

                // Nothing is left to copy, but for the line that Supabase does not take.
                report = try await shop.switchTo("sqlite", "--dry-run")
                #expect(report.crm?.allSatisfy { $0.copied + $0.differedFormer + $0.differedNewer == 0 } == true)
                #expect(report.crm?.map(\.copiedBack) == [0, 0, 0, 0, 1])
                try world.ledger.refresh()
                #expect(world.ledger.submitted.filter { $0.text == "re: meanwhile" }.count == 1)
            }
        }

        /// Both are written to, then Supabase serves again. A trigger of its own counts visits.
        private func back(_ shop: Shop) async throws {
            try shop.standin.psql(
                """
                create function public.count_visit() returns trigger language plpgsql as $$ begin
                    update public.customers set visit_count = coalesce(visit_count, 0) + 1, updated_at = now()
                        where id = new.customer_id;
                    return new; end $$;
                create trigger count_visit after insert on public.transactions for each row
                    execute function public.count_visit();
                update customers set name = 'newer there', updated_at = now() + interval '1 hour' where visit_count = 3
                    and id = (select min(id::text)::uuid from customers where visit_count = 3);
                insert into products (sku, name) values ('only there', 'Cake');
                alter table products add column shelf text;
                update products set shelf = 'B4' where sku = 'only there';
                """)
            let id = "00000000-0000-4000-9000-000000000001"
            try shop.table { database in
                try database.execute(
                    sql: """
                        INSERT INTO customers (id, name, visit_count) VALUES ('\(id)', 'only here', 2);
                        INSERT INTO products (sku, name) VALUES ('only here', 'Scone');
                        INSERT INTO staff (id, name) VALUES ('\(id)', 'Max');
                        INSERT INTO transactions (transaction_id, customer_id, total, staff_id)
                            VALUES (5, '\(id)', 12.34, '\(id)'), (7, '\(id)', 0.1, NULL);
                        INSERT INTO transaction_items (transaction_id, product_sku, quantity)
                            VALUES (5, 'only here', 2), (5, 'nothing', 1);
                        UPDATE customers SET name = 'newer here', updated_at = '2036-01-01T00:00:00.000Z' WHERE id =
                            (SELECT min(id) FROM customers WHERE visit_count = 4);
                        UPDATE staff SET role = 'of here' WHERE id = (SELECT min(id) FROM staff WHERE name LIKE 'Lee%');
                        UPDATE customers SET churn_risk = 'High' WHERE id = (SELECT max(id) FROM customers WHERE
                            visit_count = 6);
                        """)
            }
            let report = try await shop.switchTo("supabase")
            #expect(report["customers"].map { [$0.copied, $0.differedFormer, $0.differedNewer] } == [1, 1, 1])
            #expect(report["products"].map { [$0.copied, $0.copiedBack] } == [1, 1])
            #expect(report["products"]?.unplaced == ["shelf"])
            #expect(report["staff"].map { [$0.copied, $0.differedFormer, $0.differedNewer] } == [1, 1, 0])
            #expect(report["transactions"]?.copied == 2)
            #expect(report["transaction_items"].map { [$0.copied, $0.orphans] } == [1, 1])
            try shop.expectSame("back", but: "|nothing|")
            let names = try shop.inSupabase("customers", ["name"])
            #expect(names.contains("newer there") && names.contains("newer here"))
            let visits = try shop.standin.psql("select visit_count from customers where name = 'only here'")
            #expect(visits == "2", "a trigger counted again what the figures knew")
        }

        @Test("rows that cannot be told are refused in words before anything is copied")
        func refusals() async throws {
            try await withWorld(answering: false) { world in
                let shop = try Shop(world)
                try shop.standin.psql(
                    "insert into public.messages (phone_number, content, status, direction) values "
                        + "('+16195560001', 'x', 'read', 'inbound')")
                try await world.startGateway()
                _ = try await world.command("storage", "switch", "sqlite", "--dry-run")
                try shop.table { database in
                    try database.execute(sql: "INSERT INTO customers (name, visit_count) VALUES ('A', 'many')")
                }
                var (status, output) = try await world.command("storage", "switch", "sqlite", "--crm")
                #expect(status != 0 && output.contains("customers.visit_count"), "\(output)")
                try shop.table { database in
                    try database.execute(
                        sql: """
                            DELETE FROM customers;
                            INSERT INTO transactions (transaction_id) VALUES (1), (1)
                            """)
                }
                (status, output) = try await world.command("storage", "switch", "sqlite", "--crm")
                #expect(status != 0 && output.contains("the same transaction_id"), "\(output)")
                #expect(try shop.table { try Int.fetchOne($0, sql: "SELECT count(*) FROM messages") } == 0)
                #expect(try await world.status().storage.dropIn == "20-supabase")
            }
        }
    }
}
