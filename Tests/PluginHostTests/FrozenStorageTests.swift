import Foundation
import PluginKit
import PluginTestKit
import Testing

@testable import PluginHost

/// A storage in C that was built with the headers of when conductor.storage/1 was frozen.
@Suite(.enabled(if: CFixture.compiler != nil, "no C compiler: fixtures cannot be built"), .timeLimit(.minutes(2)))
struct FrozenStorageTests {
    private static let isolations = ["inproc", "process"]

    /// A table that ends behind what is required.
    private static let older = [
        (".struct_size = sizeof storage,", ".struct_size = offsetof(conductor_storage, consent),")
    ]
    /// Every struct that crosses has more at its tail, and what is written there is not zero.
    private static let newer =
        [
            ("#define CONDUCTOR_ABI_MINOR 1", "#define CONDUCTOR_ABI_MINOR 7"),
            ("reply = {.struct_size = sizeof reply", "reply = {.future = {-1, -1, -1}, .struct_size = sizeof reply"),
        ]
        + [
            "message", "outcome", "start", "exchange_request", "exchange_reply", "message_query", "messages_reply",
            "message_change", "change_reply", "consent_event", "consent_query", "consent_reply", "storage_health",
            "storage_table", "storage_sizes", "erasure_request", "erasure_reply", "stored_contact",
            "gateway_presence", "fleet_reply", "storage", "call", "error", "host",
        ].map { ("} conductor_\($0);", "    int64_t future[3];\n} conductor_\($0);") }

    /// Each rule on a storage of its own, some at once: most of their time is a start's.
    private func keepsTheContract(_ library: String, _ isolation: String) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (number, rule) in StorageContract.rules.enumerated() {
                if number >= 4 { try await group.next() }
                group.addTask {
                    let rig = try await FrozenStorage(library, isolation)
                    #expect(rig.storage.host.reports.map(\.isolation) == [PluginState.Isolation(rawValue: isolation)])
                    do { try await rule.check(rig) } catch { Issue.record("\(rule): \(error)") }
                    await rig.storage.stop()
                }
            }
            try await group.waitForAll()
        }
    }

    @Test(
        "a storage keeps the contract, built with the frozen headers and with today's", arguments: isolations,
        [false, true])
    func contract(isolation: String, todaysHeaders: Bool) async throws {
        let workshop = try Workshop()
        try await keepsTheContract(
            try FrozenStorage.build(in: workshop.folder, todaysHeaders: todaysHeaders), isolation)
    }

    @Test("a storage of a newer contract keeps this one")
    func newerPeer() async throws {
        let workshop = try Workshop()
        let library = try FrozenStorage.build(in: workshop.folder, replacing: Self.newer)
        try await keepsTheContract(library, "process")
    }

    @Test("nothing of the contract is passed over but search and customers, and it says so", arguments: isolations)
    func offered(isolation: String) async throws {
        let workshop = try Workshop()
        let rig = try await FrozenStorage(try FrozenStorage.build(in: workshop.folder), isolation)
        let storage = rig.storage.host.standingStorage
        let phone = "+16195550123"
        #expect(try await storage.consent(ConsentQuery()).events.isEmpty)
        #expect(try await storage.erase(ErasureRequest(phone: phone, before: rig.clock.now)).texts == 0)
        #expect(try await storage.contact(phone) == StoredContact(texts: 0))
        #expect(try await storage.sizes().map(\.name) == ["gateways", "messages", "optouts"])
        #expect(try await storage.sizes().map(\.bytes) == [nil, 0, 0])
        let presence = GatewayPresence(gateway: "a/1", version: "1", sims: [], modems: 0)
        #expect(try await storage.heartbeat(presence).map(\.gateway) == ["a/1"])
        #expect(try rig.name(sim: "8901", in: "nothing"))
        await says("this storage cannot search") { _ = try await storage.messages(MessageQuery(search: "words")) }
        #expect(rig.storage.host.customers == nil)
        let health = try await storage.health()
        #expect(health.location == "memory" && health.identity?.isEmpty == false && health.databaseFile == nil)
        await rig.storage.host.stop()
    }

    @Test("an older storage serves, and the host says what it cannot", arguments: isolations)
    func olderPeer(isolation: String) async throws {
        let workshop = try Workshop()
        let library = try FrozenStorage.build(in: workshop.folder, replacing: Self.older)
        let rig = try await FrozenStorage(library, isolation)
        let storage = rig.storage.host.standingStorage
        await says("this storage only records consent, and does not give it back") {
            _ = try await storage.consent(ConsentQuery())
        }
        await says("this storage cannot erase: delete the rows where they are kept") {
            _ = try await storage.erase(ErasureRequest(phone: "+16195550123", before: rig.clock.now))
        }
        await says("this storage cannot tell what it keeps of a person") {
            _ = try await storage.contact("+16195550123")
        }
        await says("this storage does not tell what its tables take") { _ = try await storage.sizes() }
        await says("gateways do not see each other on this storage") {
            _ = try await storage.heartbeat(GatewayPresence(gateway: "a/1", version: "1", sims: [], modems: 0))
        }
        await rig.storage.host.stop()
        if isolation == "inproc" { try await keepsTheContract(library, isolation) }
    }

    @Test(
        "a storage without a function that is required is refused, and the function named",
        arguments: ["put", "record_consent", "health"])
    func incomplete(function: String) async throws {
        let workshop = try Workshop()
        let change = ("    .\(function) = \(function),\n", "    .flags = sizeof(&\(function)) * 0,\n")
        let library = try FrozenStorage.build(in: workshop.folder, replacing: [change])
        try workshop.write("10-memory.yaml", "plugin: \(library)\nisolation: inproc\n")
        let host = await workshop.started()
        let problem = try #require(host.reports.first?.problem)
        #expect(problem.contains(#"its conductor.storage/1 lacks "\#(function)""#), "\(problem)")
        await host.stop()
    }

    @Test("an exchange that does not say of each row whether it is begun fails, so that nothing is sent by mistake")
    func miscounted() async throws {
        let workshop = try Workshop()
        let change = ("{started, request.starting.count, 1}", "{started, request.starting.count / 2, 1}")
        let rig = try await FrozenStorage(
            try FrozenStorage.build(in: workshop.folder, replacing: [change]), "inproc")
        for number in 1...2 { try rig.insertForeign(phone: "+1619555010\(number)", content: "hi") }
        let starts = try await rig.claim(by: "a").compactMap(\.storageID).map {
            ExchangeRequest.Start(storageID: $0, uid: "u\($0)")
        }
        #expect(starts.count == 2)
        let error = await #expect(throws: PluginError.self) { _ = try await rig.exchange("a", starting: starts) }
        #expect(error?.code == .internal && error?.message.contains("said of 1") == true, "\(error?.message ?? "")")
        #expect(try await rig.storage.host.standingStorage.owned(by: "a").count == 2)
        await rig.storage.host.stop()
    }

    private func says(_ words: String, _ body: () async throws -> Void) async {
        let error = await #expect(throws: PluginError.self) { try await body() }
        #expect(error?.code == .unsupported && error?.message == words, "\(error?.message ?? "")")
    }
}
