import Foundation
import Glibc
import PluginHost
import PluginKit
import Testing

@testable import GatewayCore

@Suite("The storage of a gateway that does not run", .timeLimit(.minutes(2)))
struct OfflineStorageTests {
    private static let old: [OldText] = (1...900).map { number in
        OldText(
            row: number, direction: number % 3 == 1 ? "inbound" : "outbound", number: "(619) 555-0123",
            content: number == 900 ? nil : "text \(number)", status: ["queued", "unread", "sent"][Int(number % 3)],
            at: "2025-01-03T10:22:33.000Z")
    }
    private static let before = Timestamp("2025-06-01T00:00:00.000Z")

    private func single() throws -> PlainGateway {
        let plain = try PlainGateway()
        try plain.drop("10-sqlite", "plugin: sqlite\n")
        try plain.drop("50-auto-reply", "plugin: auto-reply\nsettings: {default: {reply: \"no\"}}\n")
        return plain
    }

    /// What both report, and what is left in storage.
    private struct Outcome: Equatable {
        var imports: [TextImportReport] = []
        var archived: [String?] = []
        var staying = 0
        var removed = 0
        var left: [String] = []
    }

    private func outcome(
        take: (TextImport) async throws -> TextImportReport,
        page: (ArchivePageRequest) async throws -> ArchivePage,
        remove: (ArchiveRemoval) async throws -> ArchiveRemovalReport
    ) async throws -> Outcome {
        var outcome = Outcome()
        for isRehearsal in [true, false, false] {
            outcome.imports.append(try await take(TextImport(rows: Self.old, dryRun: isRehearsal)))
        }
        let before = try #require(Self.before)
        var found = try await page(ArchivePageRequest(before: before))
        let identity = found.identity
        var ids: [Int64] = []
        while true {
            outcome.archived += found.messages.map(\.uid)
            outcome.staying += found.staying
            ids += found.messages.compactMap(\.storageID)
            guard let cursor = found.nextCursor else { break }
            found = try await page(ArchivePageRequest(before: before, cursor: cursor))
        }
        outcome.removed = try await remove(ArchiveRemoval(identity: identity, storageIDs: ids)).removed
        return outcome
    }

    @Test("import and archive do and say the same with a gateway and without; nothing is sent or answered")
    func same() async throws {
        let with = try single()
        let without = try single()
        var first = Outcome()
        try await with.run { gateway in
            first = try await outcome(
                take: { try await gateway.importTexts($0) }, page: { try await gateway.archivePage($0) },
                remove: { try await gateway.removeArchived($0) })
        }
        let storage = try await OfflineStorage(without.options)
        var second = try await outcome(
            take: { try await storage.importTexts($0) }, page: { try await storage.archivePage($0) },
            remove: { try await storage.removeArchived($0) })
        await storage.close()
        func left(_ plain: PlainGateway) async throws -> [String] {
            var rows: [String] = []
            try await plain.run { gateway in
                let storage = try #require(gateway.host.storage)
                let messages = try await storage.messages(MessageQuery(limit: 1_000))
                rows = messages.map { "\($0.uid ?? "") \($0.status) \($0.content)" }.sorted()
                #expect(try gateway.journal.read { try $0.first("SELECT 1 FROM outbound") } == nil)
            }
            return rows
        }
        first.left = try await left(with)
        second.left = try await left(without)
        #expect(first == second)
        #expect(second.imports.map(\.new) == [899, 899, 0] && second.imports.allSatisfy { $0.rejected.count == 1 })
        #expect(second.removed == second.archived.count && second.removed > 0 && second.left.count < 899)
    }

    @Test("who has the state folder is named; no gateway can start meanwhile, and one can afterwards")
    func locked() async throws {
        let plain = try single()
        let options = plain.options
        let storage = try await OfflineStorage(options)
        let refusal = await #expect(throws: GatewayError.self) { _ = try await OfflineStorage(options) }
        #expect(refusal?.code == .refused && refusal?.message.contains("process \(getpid())") == true)
        let start = #expect(throws: GatewayError.self) { _ = try Gateway(options) }
        #expect(start?.message.contains("process \(getpid())") == true)
        await storage.close()
        try await plain.run { _ in
            let refusal = await #expect(throws: GatewayError.self) { _ = try await OfflineStorage(options) }
            #expect(refusal?.code == .refused && refusal?.message.contains("stop it first") == true)
        }
    }

    @Test("without exactly one storage, or with one that cannot be opened, it says why and holds nothing")
    func unclear() async throws {
        let plain = try PlainGateway.withTwoFiles()
        let options = plain.options
        try plain.drop("20-second", "plugin: sqlite\nsettings: {path: second.db}\n")
        let two = await #expect(throws: GatewayError.self) { _ = try await OfflineStorage(options) }
        #expect(two?.message.contains("10-first.yaml and 20-second.yaml") == true)
        try plain.drop("20-second", "plugin: sqlite\nenabled: false\n")
        try plain.drop("10-first", "plugin: sqlite\nsettings: {pat: first.db}\n")
        let away = await #expect(throws: GatewayError.self) { _ = try await OfflineStorage(options) }
        #expect(away?.message.contains("10-first.yaml") == true)
        try plain.drop("10-first", "plugin: sqlite\nenabled: false\n")
        let none = await #expect(throws: GatewayError.self) { _ = try await OfflineStorage(options) }
        #expect(none?.message.contains("no drop-in") == true)
        try plain.drop("10-first", "plugin: sqlite\n")
        await (try OfflineStorage(options)).close()
    }
}
