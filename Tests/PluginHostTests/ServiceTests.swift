import Foundation
import PluginKit
import Settings
import Synchronization
import Testing

@testable import PluginHost

/// Every host service asked by a plugin in C that was built with the frozen headers.
@Suite(.enabled(if: CFixture.compiler != nil, "no C compiler: fixtures cannot be built"), .timeLimit(.minutes(2)))
struct FrozenPluginTests {
    private static let everything =
        "[log, clock, kv, metrics, storage_events, conversation, contact, crm, send, {http: [\"http://127.0.0.1:9/api\"]}]"

    /// What a gateway would answer.
    private static func serve(_ request: ServiceRequest) async throws(PluginError) -> ServiceReply {
        switch request {
        case .send(let text): .sent(SendReceipt(uid: "0190-9", isRepetition: text.idempotencyKey == "0190-1"))
        case .conversation:
            .conversation(
                ConversationPage(
                    messages: [
                        Message(
                            uid: "m", direction: .inbound, phone: "+1", content: "grüß dich", status: .read,
                            timestamp: Timestamp(milliseconds: 42))
                    ], before: 8))
        case .contact: .contact(Contact(phone: "+1", name: "Zoë", isOptedOut: true))
        case .changeContact(let change):
            .contact(
                Contact(
                    phone: change.phone, botPausedUntil: Timestamp(milliseconds: 77), assignee: "Ana", isClosed: true))
        case .customer:
            .customer(
                Customer(
                    id: "c", name: "Zoë", visitCount: 16,
                    purchases: [
                        Purchase(items: [PurchaseItem(quantity: 1, product: Product(sku: "s", name: "Tea"))])
                    ]))
        case .value: .value(Array("kept".utf8))
        case .setValue, .removeValue: .done
        case .keys: .keys(["a", "ab"])
        case .http: .http(HTTPResponse(status: 418, headers: [.init("Type", "tea")], body: Array("pot".utf8)))
        }
    }

    private func host(
        _ workshop: Workshop, grants: String = everything, todaysHeader: Bool = false,
        serve: @escaping @Sendable (ServiceRequest) async throws(PluginError) -> ServiceReply = Self.serve
    ) async throws -> PluginHost {
        let library = try CFixture.buildFrozen(in: workshop.folder, todaysHeader: todaysHeader)
        try workshop.write("10-frozen.yaml", "plugin: \(library)\ngrants: \(grants)\n")
        workshop.services.answer.withLock { $0 = .init(reply: serve) }
        let host = await workshop.started()
        #expect(host.reports.map(\.problem) == [nil])
        return host
    }

    private static let phone = "+10000000000"
    private static let dialogue: [(word: String, answer: String, request: ServiceRequest)] = [
        (
            "send", "sent 0190-9 1",
            .send(
                OutgoingRequest(
                    phone: phone, text: "a word of ours", notBefore: Timestamp(milliseconds: 5),
                    idempotencyKey: "0190-1", purpose: .notice))
        ),
        (
            "conversation", "1 texts, the newest \"grüß dich\" from 42, before 8",
            .conversation(ConversationQuery(phone: phone, limit: 3, before: 9))
        ),
        ("contact", "Zoë, looked after by -, flags 0x20000, until 0", .contact(phone: phone)),
        (
            "change", "-, looked after by Ana, flags 0x10001, until 77",
            .changeContact(
                ContactChange(
                    phone: phone, notes: .clear, botPausedUntil: .set(Timestamp(milliseconds: 77)),
                    assignee: .set("Ana"), isClosed: true))
        ),
        ("customer", "Zoë, 16 visits, bought Tea", .customer(CustomerQuery(phone: phone, purchases: 2))),
        ("get", "value kept", .value(key: "a key")),
        (
            "set", "done",
            .setValue(KeyValueEntry(key: "a key", value: [0, 1], expiresAt: Timestamp(milliseconds: 99)))
        ),
        ("remove", "done", .removeValue(key: "a key")),
        ("list", "keys a ab", .keys(KeyValueQuery(prefix: "a", limit: 5))),
    ]

    @Test(arguments: [false, true])
    func everyServiceAnswersAPluginBuiltFromTheFrozenHeader(todaysHeader: Bool) async throws {
        let workshop = try Workshop()
        let host = try await host(workshop, todaysHeader: todaysHeader)
        for (word, answer, request) in Self.dialogue {
            let decision = try await host.responders[0].respond(to: text(word))
            #expect(decision == Decision(kind: .reply, text: answer, reason: "frozen", costMicros: 7))
            #expect(workshop.services.requests.withLock { $0.last } == request)
        }
        #expect(try await host.responders[0].respond(to: text("http")).text == "418 tea: pot")
        #expect(
            workshop.services.requests.withLock { requests in
                guard case .http(let request) = requests.last else { return false }
                return request.method == "POST" && request.url == "http://127.0.0.1:9/api?x=1"
                    && request.headers == [.init("X-Word", "yes")] && request.body == Array("hi".utf8)
                    && request.responseLimit == 1000 && (19_000...20_000).contains(request.timeoutMilliseconds)
            })
        #expect(try await host.responders[0].respond(to: text("metrics")).text == "recorded")
        #expect(
            workshop.services.samples.withLock { $0 } == [
                MetricSample(.counter, name: "texts", labels: ["kind": "good"], value: 2),
                MetricSample(.histogram, name: "wait", value: 0.5),
            ])
        try await host.notifiers[0].notify(
            Event(id: "e", kind: "modem.ready", at: Timestamp(milliseconds: 1), json: "{}"))
        await host.stop()
        #expect(host.reports.map(\.state) == [.stopped])
        #expect(
            workshop.services.lines.withLock { $0 }
                == ["started", "modem.ready", "stopped", "destroyed"].map { "10-frozen notice: " + $0 })
    }

    @Test(arguments: [
        ("send", "no conductor.host.send/1"), ("conversation", "no conductor.host.conversation/1"),
        ("contact", "no conductor.host.contact/1"), ("customer", "no conductor.host.crm/1"),
        ("get", "value kept"), ("http", "no conductor.host.http/1"), ("metrics", "recorded"),
    ])
    func withoutGrantsThereAreOnlyTheHarmlessServices(word: String, answer: String) async throws {
        let workshop = try Workshop()
        let library = try CFixture.buildFrozen(in: workshop.folder)
        try workshop.write("10-frozen.yaml", "plugin: \(library)\n")
        workshop.services.answer.withLock { $0 = .init(reply: Self.serve) }
        let host = await workshop.started()
        #expect(try await host.responders[0].respond(to: text(word)).text == answer)
        await host.stop()
    }

    @Test func aRefusalCrossesWithClassTextAndDelay() async throws {
        let workshop = try Workshop()
        let host = try await host(workshop) { _ throws(PluginError) in
            throw PluginError(.conflict, "geht nicht: grün", retryAfterMilliseconds: 12)
        }
        for (word, _, _) in Self.dialogue {
            let decision = try await host.responders[0].respond(to: text(word))
            #expect(decision.text == "error 6: geht nicht: grün (retry after 12)")
        }
        await host.stop()
    }

    @Test func aCancelledRequestEndsAndTheGatewayIsToldSo() async throws {
        let workshop = try Workshop()
        let cancelled = Mutex(0)
        let host = try await host(workshop) { _ throws(PluginError) in
            do {
                try await Task.sleep(for: .seconds(3600))
            } catch {
                cancelled.withLock { $0 += 1 }
            }
            throw PluginError(.cancelled, "given up")
        }
        #expect(try await host.responders[0].respond(to: text("cancel")).text.hasPrefix("error 5: given up"))
        #expect(cancelled.withLock { $0 } == 1)
        await host.stop()
    }

    @Test func aRequestIsAnsweredAtItsDeadlineWhateverTheGatewayDoes() async throws {
        let workshop = try Workshop()
        let gate = AsyncStream.makeStream(of: Void.self)
        let isDone = Mutex(false)
        let host = try await host(workshop) { [stream = gate.stream] _ throws(PluginError) in
            // Deaf to cancellation: a task of its own waits.
            await Task.detached { for await _ in stream {} }.value
            isDone.withLock { $0 = true }
            return .http(HTTPResponse(status: 200))
        }
        let answer = try await host.responders[0].respond(to: text("deadline")).text
        #expect(answer == "error 4: the host did not answer in time (retry after 0)")
        gate.continuation.finish()
        #expect(await eventually { isDone.withLock { $0 } })
        await host.stop()
        #expect(host.reports.map(\.state) == [.stopped])
    }

    @Test func whatIsLeftBehindEndsBeforeThePluginIsDestroyed() async throws {
        let workshop = try Workshop()
        let gate = AsyncStream.makeStream(of: Void.self)
        let host = try await host(workshop) { [stream = gate.stream] _ throws(PluginError) in
            await Task.detached { for await _ in stream {} }.value
            return .http(HTTPResponse(status: 200))
        }
        #expect(try await host.responders[0].respond(to: text("leave")).text == "left")
        await host.stop()
        gate.continuation.finish()
        #expect(
            workshop.services.lines.withLock { $0 }
                == ["started", "stopped", "left behind: 5", "destroyed"].map { "10-frozen notice: " + $0 })
    }

    @Test func aPluginAsksOnlyAboutThePersonItIsAskedAbout() async throws {
        // C2: a bot got the last texts of all numbers as "this customer's" history.
        let workshop = try Workshop()
        let host = try await host(workshop)
        _ = try await host.responders[0].respond(to: text("conversation"))
        let shared = GrantedServices.Shared(workshop.services)
        let grants = try Grants.parse(.parse("[conversation, {crm: {numbers: any}}]", file: "f"))
        let services = GrantedServices(shared, name: "10-x", grants: grants)
        let other = ServiceRequest.conversation(ConversationQuery(phone: "+2"))
        func ask() async throws(PluginError) { _ = try await services.serve(other, plugin: "forged") }
        await #expect {
            try await ask()
        } throws: {
            "\($0)".hasSuffix("grants no other: write {conversation: {numbers: any}} in its `grants`")
        }
        try await shared.numbers.holding("+2", for: "10-x") { () throws(PluginError) in try await ask() }
        await #expect(throws: PluginError.self) { try await ask() }
        _ = try await services.serve(.customer(CustomerQuery(phone: "+3")), plugin: "")
        await #expect(throws: PluginError.self) { try await services.serve(.contact(phone: "+3"), plugin: "") }
        await host.stop()
    }
}
