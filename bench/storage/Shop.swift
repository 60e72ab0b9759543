import Foundation
import PluginHost
import PluginKit

/// Customers, receipts and lists, as many as wanted. Nobody in them lives.
extension Bench {
    /// Receipts of each customer.
    private static let receipts = 58

    static func customer(_ number: Int) -> String { "+1619\(2_000_000 + number)" }

    /// The tables of a shop `scale` times the size of the one that this is made for, with what is stored of customers right.
    /// No storage has the file open.
    static func fill(_ path: String, scale: Int) throws -> Int {
        let customers = 3_186 * scale
        func numbers(_ count: Int) -> String {
            "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < \(count - 1))"
        }
        let firsts = "'Ana Bo Cid Dee Eve Fay Gus Hal Ida Joe Kay Lee Mia Ned Ola'"
        try sqlite(
            """
            PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -200000; PRAGMA temp_store = FILE;
            BEGIN;
            \(numbers(customers))
            INSERT INTO customers (id, name, email, phone, visit_count, lifetime_value, first_visit_date, last_visit_date)
                SELECT printf('00000000-0000-4000-8000-%012d', i),
                    trim(substr(\(firsts), 1 + i % 15 * 4, 3)) || ' ' || char(65 + i / 15 % 26) || char(97 + i / 390 % 26)
                        || char(97 + i / 10140 % 26) || 'son',
                    'c' || i || '@example.com', '+1619' || (2000000 + i), \(receipts), \(receipts), '2024-01-01',
                    '2026-01-01'
                FROM n;
            DELETE FROM conductor_crm_opening; DELETE FROM conductor_crm_dirty;
            \(numbers(3_299 * scale))
            INSERT INTO products (sku, name, category, brand, retail_price)
                SELECT 'S' || i, 'Article ' || i, 'C' || (i % 20), 'B' || (i % 60), 9.99 FROM n;
            COMMIT;
            .dbconfig enable_trigger off
            DROP INDEX IF EXISTS conductor_transactions_number; DROP INDEX IF EXISTS conductor_transactions_customer;
            DROP INDEX IF EXISTS conductor_transactions_list; DROP INDEX IF EXISTS conductor_items_number;
            DROP INDEX IF EXISTS conductor_items_product;
            BEGIN;
            \(numbers(customers * receipts))
            INSERT INTO transactions (id, transaction_id, customer_id, date, total, payment_method, location, created_at)
                SELECT printf('00000000-0000-4000-9000-%012d', i), i,
                    printf('00000000-0000-4000-8000-%012d', i % \(customers)),
                    date('2024-01-01', '+' || (i / \(max(1, customers * receipts / 730))) || ' days'), 1, 'card', 'Main St',
                    '2026-01-01T00:00:00.000Z'
                FROM n;
            \(numbers(114_136 * scale))
            INSERT INTO transaction_items (id, transaction_id, product_sku, quantity, unit_price, total_price, created_at)
                SELECT printf('00000000-0000-4000-a000-%012d', i), \(customers * receipts) - 1 - i, 'S' || (i % \(3_299 * scale)),
                    1, 9.99, 9.99, '2026-01-01T00:00:00.000Z'
                FROM n;
            COMMIT;
            CREATE INDEX conductor_transactions_number ON transactions(transaction_id);
            CREATE INDEX conductor_transactions_customer ON transactions(customer_id, date);
            CREATE INDEX conductor_transactions_list ON transactions(ifnull(date, ''));
            CREATE INDEX conductor_items_number ON transaction_items(transaction_id);
            CREATE INDEX conductor_items_product ON transaction_items(product_sku);
            PRAGMA journal_mode = WAL;
            """, on: path)
        return customers
    }

    /// Waits until what is stored of customers is right.
    func refreshed() async throws {
        while try sqlite("SELECT count(*) FROM conductor_crm_dirty") != "0" {
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    /// Milliseconds that each look-up by number with five purchases took, of customers in no order.
    @concurrent
    func lookups(of customers: Int, rounds: Int) async throws -> [Double] {
        guard let directory = host.customers else { throw PluginError(.internal, "no customers") }
        var taken: [Double] = []
        for round in 0..<rounds {
            let query = CustomerQuery(phone: Self.customer(round * 7_919 % customers), purchases: 5)
            let begun = clock.now
            let found = try await directory.customers(query)
            taken.append((clock.now - begun) / .milliseconds(1))
            guard found.first?.purchases.count == 5 else { throw PluginError(.internal, "a customer is missing") }
        }
        return taken.sorted()
    }

    /// Milliseconds that each search took while somebody typed these words letter by letter.
    @concurrent
    func typing(_ words: [String], rounds: Int) async throws -> [Double] {
        guard let directory = host.customers else { throw PluginError(.internal, "no customers") }
        var taken: [Double] = []
        for _ in 0..<rounds {
            for word in words {
                for end in word.indices where !word[...end].hasSuffix(" ") {
                    let begun = clock.now
                    _ = try await directory.search(CustomerSearch(words: String(word[...end])))
                    taken.append((clock.now - begun) / .milliseconds(1))
                }
            }
        }
        return taken.sorted()
    }

    // MARK: Lists

    /// So many rows in every list but that of months.
    func fillLists(_ rows: Int) throws {
        func each(_ count: Int, _ insertion: String) -> String {
            "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < \(count - 1)) \(insertion) FROM n;"
        }
        try sqlite(
            [
                "BEGIN;",
                each(rows * 2, "INSERT INTO customers (name, phone) SELECT 'C' || (i % 100), '+1619' || (2000000 + i / 2)"),
                each(rows, "INSERT INTO staff (name) SELECT 'S' || (i % 10)"),
                each(rows, "INSERT INTO products (sku, name, category, brand) SELECT 'S' || i, 'Tea', 'C' || i, 'B' || i"),
                each(rows * 2, "INSERT INTO transactions (transaction_id, date, total) SELECT i, '2026-01-01', 1"),
                each(
                    rows, "INSERT INTO transaction_items (transaction_id, product_sku, total_price) SELECT i, 'S' || i, 1"),
                each(rows, "INSERT INTO transaction_items (quantity) SELECT i"), "COMMIT;",
            ].joined(separator: "\n"))
    }

    /// Milliseconds of each page of a list, from its first to its last.
    ///
    /// - Throws: when a row is missing, or comes twice.
    @concurrent
    func walk(_ list: CustomerList, rows: Int) async throws -> [Double] {
        guard let directory = host.customers else { throw PluginError(.internal, "no customers") }
        var (query, taken, seen) = (ListQuery(list, limit: 1_000), [Double](), Set<CustomerRecord>())
        while true {
            let begun = clock.now
            let page = try await directory.list(query)
            taken.append((clock.now - begun) / .milliseconds(1))
            for row in page.rows where !seen.insert(row).inserted {
                throw PluginError(.internal, "\(list.rawValue): a row came twice")
            }
            guard let next = page.next else { break }
            query.after = next
        }
        let wanted = [.customers, .transactions, .items, .receiptsWithoutCustomer].contains(list) ? rows * 2 : rows
        guard seen.count == wanted else { throw PluginError(.internal, "\(list.rawValue): \(seen.count) rows") }
        return taken
    }
}
