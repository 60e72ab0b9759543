import Foundation
import Logging
import PluginHost
import PluginKit

struct NoServices: HostServices {
    func log(plugin: String, level: PluginLogLevel, message: String) {}
    func storageChanged(plugin: String) {}
    func metric(plugin: String, sample: MetricSample) {}
    @concurrent
    func serve(_ request: ServiceRequest, plugin: String) async throws(PluginError) -> ServiceReply {
        throw PluginError(.unsupported, "nothing is offered here")
    }
}

/// A storage behind the host in this process.
struct Bench: Sendable {
    let host: PluginHost
    /// Of the file, where it has one of its own.
    let path: String
    let clock = ContinuousClock()

    private static let words = [
        "hello", "please", "order", "pickup", "today", "tomorrow", "café", "thanks", "open", "hours", "menu",
        "delivery",
        "street", "number", "ready", "when", "price", "grams", "ounces", "cash", "card", "visit", "shop", "again",
    ]

    /// - Parameter dropIn: the storage's.
    init(binaries: String, folder: String, dropIn: String = "plugin: sqlite\n") async throws {
        try FileManager.default.createDirectory(atPath: folder + "/plugins.d", withIntermediateDirectories: true)
        try dropIn.write(toFile: folder + "/plugins.d/10-storage.yaml", atomically: true, encoding: .utf8)
        host = PluginHost(
            configuration: .init(
                pluginsFolder: folder + "/plugins.d", copiesFolder: folder + "/copies", searchPath: [binaries],
                baseFolder: folder), services: NoServices(),
            logger: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() })
        path = folder + "/messages.db"
        await host.start()
        if let problem = host.reports.first?.problem { throw PluginError(.internal, problem) }
    }

    func text(_ number: Int) -> Message {
        let content = (0..<12).map { Self.words[(number &* 7 &+ $0 &* $0 &* 5 &+ number / 24) % 24] }
        return Message(
            uid: "0190-\(number)", direction: .inbound, phone: "+1619555\(String(number % 9_000 + 1_000))",
            content: content.joined(separator: " ") + " \(number)", status: .unread,
            timestamp: Timestamp(milliseconds: 1_790_000_000_000 + Int64(number)))
    }

    /// Texts a second, one durable before the next begins.
    @concurrent
    func single(_ range: Range<Int>) async throws -> Double {
        let begun = clock.now
        for number in range { try await host.standingStorage.put([text(number)]) }
        return Double(range.count) / ((clock.now - begun) / .seconds(1))
    }

    /// Rows a second, so many in one durable call.
    ///
    /// - Parameter width: calls on their way at once; `storage switch` has four.
    @concurrent
    func bulk(_ range: Range<Int>, batch: Int, width: Int) async throws -> Double {
        let batches = stride(from: range.lowerBound, to: range.upperBound, by: batch).map { start in
            (start..<min(start + batch, range.upperBound)).map(text)
        }
        let begun = clock.now
        try await withThrowingTaskGroup(of: Void.self) { [host] group in
            for (index, batch) in batches.enumerated() {
                if index >= width { try await group.next() }
                group.addTask { try await host.standingStorage.put(batch) }
            }
            try await group.waitForAll()
        }
        return Double(range.count) / ((clock.now - begun) / .seconds(1))
    }

    /// Milliseconds that each search took, in order of length.
    @concurrent
    func searches(_ words: [String], rounds: Int) async throws -> [Double] {
        var taken: [Double] = []
        for round in 0..<rounds {
            let begun = clock.now
            _ = try await host.standingStorage.messages(MessageQuery(limit: 50, search: words[round % words.count]))
            taken.append((clock.now - begun) / .milliseconds(1))
        }
        return taken.sorted()
    }

    /// Milliseconds that each look-up of a customer with five purchases took, in order of length.
    @concurrent
    func customers(rounds: Int) async throws -> [Double] {
        guard let customers = host.customers else { throw PluginError(.internal, "no customers") }
        var taken: [Double] = []
        for round in 0..<rounds {
            let query = CustomerQuery(phone: "+1619555\(1_000 + round * 31 % 3_000)", purchases: 5)
            let begun = clock.now
            let found = try await customers.customers(query)
            taken.append((clock.now - begun) / .milliseconds(1))
            guard found.first?.purchases.count == 5 else { throw PluginError(.internal, "a customer is missing") }
        }
        return taken.sorted()
    }

    /// Seconds until every row is in the index.
    func indexed() async throws -> Double {
        let begun = clock.now
        while try sqlite("SELECT count(*) FROM conductor_search WHERE done IS NOT NULL") != "0" {
            try await Task.sleep(for: .milliseconds(50))
        }
        return (clock.now - begun) / .seconds(1)
    }

    @discardableResult
    func sqlite(_ sql: String) throws -> String { try Self.sqlite(sql, on: path) }

    /// A script for the sqlite3 program, whose own commands are lines of their own.
    @discardableResult
    static func sqlite(_ sql: String, on path: String) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["sqlite3", "-bail", "-cmd", ".timeout 10000", path]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: Data("\(sql);\n".utf8))
        try input.fileHandleForWriting.close()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw PluginError(.internal, "sqlite3 failed") }
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// As many customers and receipts as the shop has.
    static let shop = """
        WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 2999)
        INSERT INTO customers (id, name, phone, visit_count, last_visit_date)
            SELECT 'c' || i, 'Customer ' || i, '+1619555' || (1000 + i), i % 40, '2026-01-01' FROM n;
        WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 3298)
        INSERT INTO products (sku, name) SELECT 's' || i, 'Article ' || i FROM n;
        WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 186393)
        INSERT INTO transactions (transaction_id, customer_id, date, total)
            SELECT i, 'c' || (i % 3000), date('2024-01-01', '+' || (i / 300) || ' days'), i % 100 + 0.5 FROM n;
        WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 114135)
        INSERT INTO transaction_items (transaction_id, product_sku, quantity, unit_price)
            SELECT i * 8 / 5, 's' || (i % 3299), 1, 9.99 FROM n;
        """
}
