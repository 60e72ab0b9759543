import ConsoleServer
import Foundation
import PluginKit
import Synchronization
import Testing

@testable import conductor

@Suite struct CustomersTests {
    private func run(_ gateway: ServedGateway, _ words: String..., input: String = "") async -> Program {
        await Program.finished(
            Program.conductor, ["customers"] + words, environment: ["CONDUCTOR_SOCKET": gateway.socket], input: input)
    }

    @Test("a customer is shown by number in any form, with what they bought, consent and conversation")
    func show() async throws {
        try await ServedGateway.with { gateway in
            let page = await run(gateway, "show", "+1 (619) 555-0100".filter { !" ()-".contains($0) })
            #expect(page.status == 0)
            for words in [
                "Zoë", "status: VIP", "visits: 16", "lifetime value: 1234.50",
                "2026-05-03  receipt 1003  9.99  Main St",
                "2 × Tea, Drinks, THC 21 %, 5.00 each, 0.01 off = 9.99", "Has said STOP; the conversation is open.",
            ] {
                #expect(page.output.contains(words), "\(words) in \(page.output)")
            }
            let json = await run(gateway, "show", "+16195550100", "--json", "--purchases", "0")
            let card = try APICoding.decode(CustomerCard.self, from: json.output.utf8)
            #expect(card.isOptedOut && card.isConversationOpen && card.customers.map(\.purchases.count) == [0])
            let nobody = await run(gateway, "show", "+16195550177")
            #expect(nobody.status == 1 && nobody.errors.contains("no customer has this number"))
        }
    }

    @Test("a list is a table or JSON, and what it does not know is told before anybody is asked")
    func list() async throws {
        try await ServedGateway.with { gateway in
            let table = await run(gateway, "list", "customers", "search=Zoë", "--limit", "1")
            #expect(table.status == 0 && table.output.contains("Zoë"), "\(table.output)")
            #expect(table.errors.contains("there is more"))
            let all = await run(gateway, "list", "transactions", "--limit", "0", "--json")
            let rows = try JSONDecoder().decode([[String: CustomerListValue]].self, from: Data(all.output.utf8))
            #expect(rows.count == 2 && rows[0]["total"] == .number(12.5))
            for (words, complaint) in [
                (["list", "custmers"], "customers"), (["list", "staff", "colour=red"], "location"),
                (["list", "staff", "red"], "not name=value"), (["list", "duplicates", "a=b"], "cannot be chosen from"),
            ] {
                let wrong = await Program.finished(
                    Program.conductor, ["customers"] + words, environment: ["CONDUCTOR_SOCKET": gateway.socket])
                #expect(wrong.status == 2 && wrong.errors.contains(complaint), "\(wrong.errors)")
            }
        }
    }

    @Test("a merge shows what would be, and does it only when somebody says so")
    func merge() async throws {
        try await ServedGateway.with { gateway in
            let unasked = await run(gateway, "merge", "a", "b")
            #expect(unasked.status == 2 && unasked.errors.contains("--yes"))
            let foreseen = await run(gateway, "merge", "a", "b", "--dry-run")
            #expect(foreseen.status == 0 && foreseen.output.contains("transactions: 1 -> 3"))
            #expect(foreseen.output.contains("would be gone"))
            #expect(gateway.fake.state.withLock { $0.customerChanges }.isEmpty)
            let done = await run(gateway, "merge", "a", "b", "--yes")
            #expect(done.status == 0 && done.output.contains("is gone"))
            #expect(
                gateway.fake.state.withLock { $0.customerChanges } == [CustomerChange(.merge(into: "a", others: ["b"]))]
            )
            #expect(await run(gateway, "merge", "a", "a", "--yes").status == 2)
            let nobody = await run(gateway, "merge", "nobody", "b", "--yes")
            #expect(nobody.status == 2 && nobody.errors.contains("nobody has the id"))
        }
    }

    @Test("a recount goes through all pages and says what stays; rules are shown, checked and changed")
    func recountAndRules() async throws {
        try await ServedGateway.with { gateway in
            let counted = await run(gateway, "recount")
            #expect(counted.status == 0)
            #expect(
                counted.output.components(separatedBy: "visit_count: 20 stays; the receipts alone say 1 (--lower)")
                    .count
                    == 3, "\(counted.output)")
            let lowered = await run(gateway, "recount", "--lower", "--dry-run")
            #expect(lowered.output.contains("visit_count: 20 -> 1"))
            #expect(gateway.fake.state.withLock { $0.customerChanges.count } == 2)
            let shown = await run(gateway, "rules")
            #expect(shown.status == 0 && shown.output.contains("vip_visits"))
            for (wrong, complaint) in [
                ("vip_visit=3", "vip_visits"), ("vip_visits=many", "whole number"), ("zone=", "zone"),
            ] {
                let refused = await run(gateway, "rules", wrong)
                #expect(refused.status == 2 && refused.errors.contains(complaint), "\(refused.errors)")
            }
            #expect(await run(gateway, "rules", "vip_visits=20", "zone=Europe/Berlin").status == 0)
            #expect(
                gateway.fake.state.withLock { $0.customerChanges.last }
                    == CustomerChange(.rules([.vipVisits: "20", .zone: "Europe/Berlin"])))
        }
    }

    @Test("amounts have two decimals, and more where they have more")
    func money() {
        #expect(CustomerCardPage.money(1_234_500_000) == "1234.50")
        #expect(CustomerCardPage.money(-10_000) == "-0.01")
        #expect(CustomerCardPage.money(2_123_456) == "2.123456")
        #expect(CustomerCardPage.money(0) == "0.00")
    }
}
