import Foundation
import PluginKit
import SupabaseStandin
import Testing

@testable import GatewayCore

/// Import, sizes and archive by a gateway over a Supabase project, with and without the migration.
@Suite(.enabled(if: Standin.isPossible), .timeLimit(.minutes(3)))
struct StorageCareTests {
    private static let old: [OldText] = (1...300).map { number in
        OldText(
            row: number, direction: number % 3 == 1 ? "inbound" : "outbound", number: "(619) 555-0123",
            content: "text \(number)", status: ["queued", "unread", "sent"][Int(number % 3)],
            at: "2025-01-03T10:22:33.000Z")
    }

    @Test(
        "decision 7, D1: the former system's texts are in the project once; nothing is queued, and a person releases one",
        arguments: [Standin.Contents.migrated, .oldTables])
    func imported(_ contents: Standin.Contents) async throws {
        try await SupabaseGateway.run(over: contents, settings: ", quota: 1MB") { gateway, standin in
            let trial = try await gateway.importTexts(TextImport(rows: Self.old, dryRun: true))
            #expect(trial.new == 300 && trial.held == 100 && trial.unread == 100)
            for round in 1...2 {
                let report = try await gateway.importTexts(TextImport(rows: Self.old + [.none]))
                #expect(report.read == 301 && report.rejected.count == 1)
                #expect(report.new == (round == 1 ? 300 : 0) && report.known == (round == 1 ? 0 : 300))
            }
            func count(_ condition: String) throws -> String {
                try standin.psql("select count(*) from public.messages where \(condition)")
                    .trimmingCharacters(in: .whitespacesAndNewlines)
            }
            #expect(try count("true") == "300")
            #expect(try count("status = 'queued'") == "0")
            #expect(try count("status = 'unread' and direction = 'inbound'") == "100")
            let held = try #require(try await gateway.messages(MessageQuery(status: .failed, limit: 1)).first)
            #expect(held.deliveryStatus == .held && held.errorCode == "imported")
            let released = try await gateway.retry(uid: held.uid ?? "")
            #expect(released.status == .queued && released.uid == held.uid)
            await #expect(throws: GatewayError.self) {
                try await gateway.retry(uid: "018f0000-0000-7000-8000-000000000000")
            }
        }
    }

    @Test("B2, D4: old texts leave the project by pages, another storage's never, and sizes and quota are told")
    func archived() async throws {
        try await SupabaseGateway.run(over: .migrated, settings: ", quota: 1MB") { gateway, standin in
            try standin.psql(
                """
                insert into public.messages (phone_number, content, "timestamp", status, direction)
                select '+1619555' || (1000 + i % 50), 'old ' || i, '2025-01-03T10:22:33Z',
                    case when i % 5 = 0 then 'unread' else 'read' end, 'inbound' from generate_series(1, 1200) i;
                analyze public.messages
                """)
            let report = await gateway.storageReport()
            #expect(report.storage.quotaBytes == 1_000_000 && report.storage.dropIn == "20-supabase")
            #expect(report.tables?.first { $0.name == "messages" }?.rows == 1_200)
            #expect(gateway.alarms.stands("storage.quota"))

            let before = try #require(Timestamp("2025-06-01T00:00:00.000Z"))
            var page = try await gateway.archivePage(ArchivePageRequest(before: before))
            var found = page.messages
            var staying = page.staying
            while let cursor = page.nextCursor {
                page = try await gateway.archivePage(ArchivePageRequest(before: before, cursor: cursor))
                found += page.messages
                staying += page.staying
            }
            #expect(found.count == 960 && staying == 240)
            let ids = found.compactMap(\.storageID)
            let other = ArchiveRemoval(identity: "another one", storageIDs: Array(ids.prefix(10)))
            let refusal = await #expect(throws: GatewayError.self) { try await gateway.removeArchived(other) }
            #expect(refusal?.code == .refused)
            let part = ArchiveRemoval(identity: page.identity, storageIDs: Array(ids.prefix(400)))
            for _ in 1...2 {
                #expect(try await gateway.removeArchived(part) == ArchiveRemovalReport(removed: 400, kept: 0))
            }
            // Of the first 500 rows that are left, the first 100 are unread, and every fifth of the others.
            #expect(try await gateway.archivePage(ArchivePageRequest(before: before)).messages.count == 320)
            // What the journal may have is not archived.
            let young = ArchivePageRequest(before: gateway.clock.now)
            let early = await #expect(throws: GatewayError.self) { try await gateway.archivePage(young) }
            #expect(early?.message.contains("30 days") == true)
        }
    }
}

extension OldText {
    /// A row without words.
    fileprivate static let none = OldText(
        row: 999, direction: "inbound", number: "+16195550123", content: nil, status: "read", at: nil)
}
