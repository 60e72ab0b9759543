import PluginKit
import Testing

@testable import GatewayCore

/// Lists of texts while storage is away.
@Suite struct JournalPageTests {
    @Test("pages of the journal go on where the one before ended, and have all of them", arguments: [false, true])
    func pages(oldestFirst: Bool) async throws {
        let shop = try Workshop()
        for number in 1...25 {
            shop.clock.move(milliseconds: 1_000)
            let phone = number % 5 == 0 ? "+16195550199" : "+16195550123"
            try await shop.send("text \(number)", to: phone)
        }
        func page(_ cursor: Int64?, phone: String? = nil) throws -> [String] {
            let query = MessageQuery(phone: phone, cursor: cursor, oldestFirst: oldestFirst, limit: 10)
            let found = try shop.journal.read { try JournalMessages.find(query, policy: Workshop.policy, $0) }
            #expect(found.allSatisfy { $0.storageID == nil })
            return found.map(\.content)
        }
        let all = (1...25).map { "text \(oldestFirst ? $0 : 26 - $0)" }
        #expect(try page(nil) + page(-10) + page(-20) == all)
        #expect(try page(-25).isEmpty && page(7).isEmpty && page(.min).isEmpty && page(.max).isEmpty)
        #expect(try page(nil, phone: "+16195550199").count == 5)
        #expect(try page(-3, phone: "+16195550199").count == 2)
        await shop.close()
    }
}
