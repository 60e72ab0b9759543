import CurlClient
import Foundation
import GRDB
import Logging
import ModemKit
import PluginHost
import PluginKit
import Testing

@testable import GatewayCore

private let compiler: String? = ["/usr/bin/cc", "/usr/bin/gcc", "/usr/bin/clang"].first {
    FileManager.default.isExecutableFile(atPath: $0)
}

/// A running gateway without modems, and a plugin in C that was built with the frozen header.
@Suite("A plugin asks a running gateway", .enabled(if: compiler != nil, "no C compiler"), .timeLimit(.minutes(2)))
struct ServedPluginTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    private static let phone = "+16195550123"

    private func gateway(_ folder: String, grants: String) async throws -> Gateway {
        try FileManager.default.createDirectory(atPath: folder + "/plugins.d", withIntermediateDirectories: true)
        let frozen = Self.root.appendingPathComponent("Fixtures/abi-1.0").path
        let process = Process()
        process.executableURL = URL(fileURLWithPath: compiler ?? "/usr/bin/cc")
        process.arguments = [
            "-std=gnu11", "-shared", "-fPIC", "-I", frozen + "/include", frozen + "/fixture.c", "-o", folder + "/f.so",
        ]
        try process.run()
        process.waitUntilExit()
        try "plugin: \(folder)/f.so\ngrants: \(grants)\n".write(
            toFile: folder + "/plugins.d/20-frozen.yaml", atomically: true, encoding: .utf8)
        let gateway = try Gateway(
            GatewayOptions(
                gateway: "g", stateFolder: folder, version: "0", policy: Policy(),
                plugins: .init(
                    pluginsFolder: folder + "/plugins.d", copiesFolder: folder + "/plugins",
                    searchPath: [Self.programs],
                    baseFolder: folder), fleet: FleetConfiguration(useUdev: false),
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
        try await gateway.start()
        return gateway
    }

    /// Where the tests were built, and with them the bundled plugins.
    private static let programs: String = {
        let bundle = CommandLine.arguments.first { $0.contains(".xctest") } ?? ""
        return bundle.components(separatedBy: "/").prefix { !$0.hasSuffix(".xctest") }.joined(separator: "/")
    }()

    @Test("C2: customers come from the storage that serves, of the number that wrote, and say whether others have it")
    func customers() async throws {
        let folder = NSTemporaryDirectory() + "conductor-served-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: folder + "/plugins.d", withIntermediateDirectories: true)
        try "plugin: sqlite\n".write(
            toFile: folder + "/plugins.d/10-sqlite.yaml", atomically: true, encoding: .utf8)
        let gateway = try await gateway(folder, grants: "[log, crm]")
        #expect(gateway.host.reports.map(\.problem) == [nil, nil])
        #expect(try await ask(gateway, "customer") == "nobody")
        var configuration = Configuration()
        configuration.busyMode = .timeout(10)
        let database = try DatabaseQueue(path: folder + "/messages.db", configuration: configuration)
        try await database.write { db in
            try db.execute(
                sql: """
                    INSERT INTO customers (name, phone, visit_count) VALUES ('Zoë', '(619) 555-0123', 16),
                        ('Another', '+16195550199', 3);
                    INSERT INTO transactions (transaction_id, customer_id) SELECT 7, id FROM customers WHERE visit_count = 16;
                    INSERT INTO products (sku, name) VALUES ('T', 'Tea');
                    INSERT INTO transaction_items (transaction_id, product_sku) VALUES (7, 'T')
                    """)
        }
        #expect(try await ask(gateway, "customer") == "Zoë, 16 visits, bought Tea")
        // The plugin asks about the number that the text is from, and is refused another.
        let http = CurlClient()
        defer { http.stop() }
        let services = PluginServices(gateway: gateway, http: http, maySend: true)
        let query = CustomerQuery(phone: Self.phone, purchases: 0)
        guard case .card(let one) = try await services.serve(.customer(query), plugin: "20-frozen") else {
            throw PluginError(.internal, "another reply")
        }
        #expect(one.customers.map(\.isAmbiguous) == [false] && one.customers.map(\.vipStatus) == ["VIP"])
        // Nobody has texted yet, and nobody has said STOP.
        #expect(!one.isConversationOpen && !one.isOptedOut)
        _ = try await gateway.addOptOut(OptOutChange(number: Self.phone, reason: "asked at the counter"))
        guard case .card(let out) = try await services.serve(.customer(query), plugin: "20-frozen") else {
            throw PluginError(.internal, "another reply")
        }
        #expect(out.isOptedOut)
        try await database.write { db in
            try db.execute(sql: "INSERT INTO customers (name, phone) VALUES ('Twin', '+16195550123')")
        }
        guard case .card(let two) = try await services.serve(.customer(query), plugin: "20-frozen") else {
            throw PluginError(.internal, "another reply")
        }
        #expect(two.customers.map(\.isAmbiguous) == [true, true])
        let tooMany = await #expect(throws: PluginError.self) {
            try await services.serve(.customer(CustomerQuery(phone: Self.phone, purchases: 101)), plugin: "20-frozen")
        }
        #expect(tooMany?.code == .invalid)
        await gateway.stop()
    }

    private func ask(_ gateway: Gateway, _ word: String, uid: String = "0190-1") async throws -> String {
        let responder = try #require(gateway.host.responders.first)
        let text = InboundText(
            uid: uid, phone: Self.phone, content: word, receivedAt: Timestamp(milliseconds: 1), sim: "s")
        return try await responder.respond(to: text).text
    }

    @Test("each service does what it says, and no more than the grants say")
    func services() async throws {
        let folder = NSTemporaryDirectory() + "conductor-served-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let gateway = try await gateway(
            folder,
            grants: "[log, kv, metrics, conversation, contact, crm, {send: {per_hour: 2}}, "
                + "{http: [\"http://127.0.0.1:9/other\"]}]")
        let sent = try await ask(gateway, "send")
        #expect(sent.hasPrefix("sent ") && sent.hasSuffix(" 0"))
        #expect(try await ask(gateway, "send") == sent.dropLast() + "1", "the same key")
        let row = try gateway.journal.read { try $0.first("SELECT * FROM outbound") }
        #expect(row?["origin"] == "plugin:20-frozen" && row?["content"] == "a word of ours")
        #expect(try await ask(gateway, "send", uid: "0190-2").hasSuffix(" 0"))
        // B12: the third new one within the hour.
        #expect(try await ask(gateway, "send", uid: "0190-3").hasPrefix("error 6: the grant of the drop-in 20-frozen"))
        #expect(try gateway.journal.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM outbound") } == 2)

        #expect(try await ask(gateway, "contact") == "-, looked after by -, flags 0x0, until 0")
        #expect(try await ask(gateway, "change") == "-, looked after by Ana, flags 0x10001, until 77")
        // The page before one of storage's cannot be had without storage.
        #expect(try await ask(gateway, "conversation").hasPrefix("error 3: no storage serves"))
        #expect(try await ask(gateway, "customer").hasPrefix("error 2: no plugin here knows customers"))
        #expect(try await ask(gateway, "get") == "value -")
        #expect(try await ask(gateway, "set") == "done")
        // It expired in 1970.
        #expect(try await ask(gateway, "list") == "keys")
        #expect(try await ask(gateway, "remove") == "done")
        #expect(
            try await ask(gateway, "http").hasPrefix(
                "error 2: the URL is not one that the drop-in 20-frozen grants: it grants http://127.0.0.1:9/other"))
        #expect(try await ask(gateway, "metrics") == "recorded")
        let page = await gateway.metrics()
        #expect(page.contains("conductor_plugin_texts_total{plugin=\"20-frozen\",kind=\"good\"} 2\n"))
        #expect(page.contains("conductor_plugin_calls_total{plugin=\"20-frozen.yaml\",outcome=\"succeeded\"}"))
        await gateway.stop()
        #expect(gateway.host.reports.map(\.state) == [.stopped])
    }
}
