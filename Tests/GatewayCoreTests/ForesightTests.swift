import PluginKit
import Testing

@testable import GatewayCore

/// What `run --observe` says of the rows that wait.
@Suite struct ForesightTests {
    private static let now = Timestamp(milliseconds: 1_800_000_000_000)

    private static func row(
        _ minutesAgo: Int64, phone: String = "+16195550123", _ content: String = "hello",
        change: (inout Message) -> Void = { _ in }
    ) -> Message {
        var row = Message(
            uid: nil, storageID: 1, direction: .outbound, phone: phone, content: content, status: .queued,
            timestamp: Timestamp(milliseconds: now.milliseconds - minutesAgo * 60_000))
        change(&row)
        return row
    }

    @Test("D7: rows older than max_age would be held, fresh ones sent, planned ones later, impossible ones failed")
    func fates() async throws {
        let shop = try Workshop()
        try await shop.journal.writer.write { database in
            _ = try Consent.change(
                .init(phone: "+16195550177", action: .out, source: "sms"), now: Self.now, database)
        }
        let foresight = Foresight(policy: Workshop.policy, now: Self.now)
        func fate(_ row: Message) throws -> Foresight.Fate { try shop.journal.read { try foresight.fate(of: row, $0) } }
        #expect(try fate(Self.row(1)) == .sent)
        #expect(try fate(Self.row(59)) == .sent)
        #expect(try fate(Self.row(61)) == .held)
        // What it was planned for counts, not when it was written.
        #expect(try fate(Self.row(600) { $0.notBefore = Self.now }) == .sent)
        #expect(try fate(Self.row(600) { $0.notBefore = Timestamp(milliseconds: Self.now.milliseconds + 1) }) == .later)
        #expect(try fate(Self.row(1) { $0.deliveryStatus = .held }) == .held)
        #expect(try fate(Self.row(600) { $0.deliveryStatus = .sending }) == .begun)
        func failure(_ row: Message) throws -> String? {
            if case .failed(let code, _) = try fate(row) { code } else { nil }
        }
        #expect(try failure(Self.row(1, phone: "nobody")) == "invalid-number")
        #expect(try failure(Self.row(1, "  ")) == "empty-body")
        #expect(try failure(Self.row(1, phone: "+16195550177")) == "opted-out")
        await shop.close()
    }

    @Test("D7: a row is listed as it would stand, and one that came in as it is")
    func listed() async throws {
        let shop = try Workshop()
        let foresight = Foresight(policy: Workshop.policy, now: Self.now)
        func foreseen(_ row: Message) throws -> Message { try shop.journal.read { try foresight.foreseen(row, $0) } }
        let old = try foreseen(Self.row(600))
        #expect(old.status == .queued && old.deliveryStatus == .held && old.errorCode == "too-old")
        #expect(try foreseen(Self.row(1, "")).errorCode == "empty-body")
        #expect(try foreseen(Self.row(1)) == Self.row(1))
        let inbound = Self.row(600) { ($0.direction, $0.status) = (.inbound, .unread) }
        #expect(try foreseen(inbound) == inbound)
        await shop.close()
    }
}
