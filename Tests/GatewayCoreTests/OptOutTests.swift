import Foundation
import GRDB
import Logging
import ModemKit
import PluginHost
import PluginKit
import Testing

@testable import GatewayCore

/// A running gateway without modems and without plugins: consent is the journal's.
@Suite(.timeLimit(.minutes(1))) struct OptOutTests {
    private let gateway: Gateway
    private let clock = HandClock()
    private let folder = NSTemporaryDirectory() + "conductor-optout-\(UUID().uuidString)"
    private static let phone = "+16195550123"

    init() throws {
        try FileManager.default.createDirectory(atPath: folder + "/plugins.d", withIntermediateDirectories: true)
        gateway = try Gateway(
            GatewayOptions(
                gateway: "g", stateFolder: folder, version: "0", policy: Policy(),
                plugins: .init(
                    pluginsFolder: folder + "/plugins.d", copiesFolder: folder + "/plugins", searchPath: [],
                    baseFolder: folder), fleet: FleetConfiguration(useUdev: false),
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }), clock: clock)
    }

    private func end() async {
        await gateway.stop()
        try? FileManager.default.removeItem(atPath: folder)
    }

    private func take(
        _ numbers: [(String, Timestamp?)], list: String = "old", trial: Bool = false
    ) async throws -> OptOutImportReport {
        clock.move(milliseconds: 1_000)
        return try await gateway.importOptOuts(
            OptOutImport(
                entries: numbers.enumerated().map { .init(line: $0 + 1, number: $1.0, at: $1.1) }, list: list,
                by: "ana",
                isTrial: trial))
    }

    @Test("B10: out and in again are events with who and why; nothing is deleted, and each binds every send")
    func events() async throws {
        let events = gateway.hub.listen(backlog: 100)
        let change = OptOutChange(number: "(619) 555-0123", reason: "by phone", by: "ana", source: "cli")
        #expect(try await gateway.addOptOut(change).phone == Self.phone)
        #expect(try await gateway.addOptOut(change).action == .out, "again: nothing new")
        await #expect(throws: GatewayError.self) {
            try await gateway.queue(SendRequest(to: Self.phone, text: "x"), purpose: .conversation)
        }
        #expect(try await gateway.optOuts(.init()).map(\.phone) == [Self.phone])
        clock.move(milliseconds: 1_000)
        await #expect(throws: GatewayError.self, "no reason") {
            try await gateway.removeOptOut(OptOutChange(number: Self.phone, reason: " ", by: "ana"))
        }
        _ = try await gateway.removeOptOut(OptOutChange(number: Self.phone, reason: "form", by: "bea"))
        #expect(try await gateway.optOuts(.init()).isEmpty)
        let story = try await gateway.optOuts(.init(phone: Self.phone))
        #expect(story.map(\.action) == [.in, .out])
        #expect(story.map(\.by) == ["bea", "ana"])
        #expect(story.map(\.reason) == ["form", "by phone"])
        #expect(story.map(\.source) == ["api", "cli"])
        _ = try await gateway.queue(SendRequest(to: Self.phone, text: "x"), purpose: .conversation)
        gateway.hub.finish()
        var kinds: [String] = []
        for await event in events where event.kind == "consent.changed" { kinds.append(event.json) }
        #expect(kinds.count == 2)
        #expect(kinds.last?.contains(#""by":"bea""#) == true)
        await end()
    }

    @Test("B10: who never opted out cannot be taken in again; what is no number is refused")
    func wrong() async throws {
        await #expect(throws: GatewayError(.notFound, "this number never opted out: it may be texted")) {
            try await gateway.removeOptOut(OptOutChange(number: Self.phone, reason: "x"))
        }
        await #expect(throws: GatewayError.self) { try await gateway.addOptOut(OptOutChange(number: "5555555555")) }
        await end()
    }

    @Test("D1: lines in = new + unchanged + rejected, and a list taken again changes nothing")
    func list() async throws {
        let lines: [(String, Timestamp?)] = [
            ("(619) 555-0101", nil), ("619-555-0102", Timestamp(milliseconds: 1_700_000_000_000)), ("6195550101", nil),
            ("n/a", nil), ("6.19337E+09", nil), ("555-0123", nil), ("5555555555", nil),
            ("+16195550103", Timestamp(milliseconds: HandClock.beginning + 10 * 86_400_000)),
        ]
        let trial = try await take(lines, trial: true)
        #expect(try await gateway.optOuts(.init()).isEmpty)
        let first = try await take(lines)
        #expect(trial == first)
        #expect((first.new, first.unchanged, first.rejected.count) == (2, 1, 5))
        #expect(first.entries == first.new + first.unchanged + first.rejected.count)
        #expect(first.rejected.map(\.line) == [4, 5, 6, 7, 8])
        #expect(first.rejected[1].reason.contains("spreadsheet"))
        #expect(!first.rejected.contains { $0.reason.contains("555") }, "no number in a reason")
        let again = try await take(lines)
        #expect((again.new, again.unchanged, again.rejected.count) == (0, 3, 5))
        #expect(try gateway.journal.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM consent") } == 2)
        #expect(try await gateway.optOuts(.init()).map(\.source) == ["import:old", "import:old"])
        await end()
    }

    @Test("B10: a list that is read again does not undo a START that came after it")
    func cameBack() async throws {
        let old = Timestamp(milliseconds: 1_700_000_000_000)
        _ = try await take([("+16195550101", nil), ("+16195550102", old)])
        clock.move(milliseconds: 1_000)
        for phone in ["+16195550101", "+16195550102"] {
            _ = try await gateway.removeOptOut(OptOutChange(number: phone, reason: "START"))
        }
        let again = try await take([("+16195550101", nil), ("+16195550102", old)])
        #expect((again.new, again.unchanged, again.inAgain) == (0, 2, 2))
        #expect(try await gateway.optOuts(.init()).isEmpty)
        // Another list, and a later date, are news.
        let other = try await take([("+16195550101", nil)], list: "new")
        let later = try await take([("+16195550102", clock.now)])
        #expect((other.new, later.new) == (1, 1))
        await end()
    }

    @Test("D4: 1,001 numbers are listed page by page")
    func pages() async throws {
        _ = try await take((0..<1_001).map { ("+1619\(5_550_000 + $0)", nil) })
        var seen: [String] = []
        var query = OptOutQuery(limit: 1_000)
        while case let page = try await gateway.optOuts(query), !page.isEmpty {
            seen += page.map(\.phone)
            query.after = page.last?.phone
        }
        #expect(seen.count == 1_001)
        #expect(Set(seen).count == 1_001)
        await end()
    }
}
