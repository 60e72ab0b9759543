import Foundation
import PluginKit
import Settings
import Synchronization
import Testing

@testable import PluginHost

/// Every host service asked by a plugin in C that was built with the frozen headers.
@Suite(.enabled(if: CFixture.compiler != nil, "no C compiler: fixtures cannot be built"), .timeLimit(.minutes(2)))
struct FrozenPluginTests {
    static let everything =
        "[log, clock, kv, metrics, storage_events, conversation, contact, crm, send, {http: [\"http://127.0.0.1:9/api\"]}]"

    /// What a gateway would answer.
    static func serve(_ request: ServiceRequest) async throws(PluginError) -> ServiceReply {
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
            .card(
                CustomerCard(customers: [
                    Customer(
                        id: "c", name: "Zoë", visitCount: 16, isAmbiguous: true,
                        purchases: [
                            Purchase(items: [PurchaseItem(quantity: 1, product: Product(sku: "s", name: "Tea"))])
                        ]), Customer(id: "d"),
                ]))
        case .value: .value(Array("kept".utf8))
        case .setValue, .removeValue: .done
        case .keys: .keys(["a", "ab"])
        case .http: .http(HTTPResponse(status: 418, headers: [.init("Type", "tea")], body: Array("pot".utf8)))
        }
    }

    private func host(
        _ workshop: Workshop, _ isolation: String, grants: String = everything, todaysHeader: Bool = false,
        replacing changes: [(String, String)] = [],
        serve: @escaping @Sendable (ServiceRequest) async throws(PluginError) -> ServiceReply = Self.serve
    ) async throws -> PluginHost {
        let library =
            changes.isEmpty
            ? try CFixture.buildFrozen(in: workshop.folder, todaysHeader: todaysHeader)
            : try CFixture.buildFrozen(in: workshop.folder, replacing: changes)
        try workshop.write("10-frozen.yaml", "plugin: \(library)\nisolation: \(isolation)\ngrants: \(grants)\n")
        workshop.services.answer.withLock { $0 = .init(reply: serve) }
        let host = await workshop.started()
        #expect(host.reports.map(\.problem) == [nil])
        #expect(host.reports.map(\.isolation) == [PluginState.Isolation(rawValue: isolation)])
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

    /// In the host's process, and asked across a worker's socket.
    private static let isolations = ["inproc", "process"]

    @Test(arguments: [false, true], isolations)
    func everyServiceAnswersAPluginBuiltFromTheFrozenHeader(todaysHeader: Bool, isolation: String) async throws {
        let workshop = try Workshop()
        let host = try await host(workshop, isolation, todaysHeader: todaysHeader)
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

    /// The contract as it may have been before, and as it may be one day: fields come and go at the tails only.
    private static let olderHeader = [
        (
            "    void (*CONDUCTOR_NULLABLE cancel)(const struct conductor_host *CONDUCTOR_NONNULL host, uint64_t call_id);\n",
            ""
        ),
        ("host->cancel(host, mine.call_id);", "(void)0;"),
        (
            "    uint32_t purpose;\n    uint32_t reserved; /* 0 */\n} conductor_send_request;",
            "} conductor_send_request;"
        ),
        ("        request.purpose = CONDUCTOR_PURPOSE_NOTICE;\n", ""),
        ("    int64_t cost_micros;    /* millionths of the plugin's currency */\n", ""),
        ("    decision.cost_micros = 7;\n", ""),
    ]
    private static let newerHeader = [
        ("#define CONDUCTOR_ABI_MINOR 0", "#define CONDUCTOR_ABI_MINOR 7"),
        ("} conductor_plugin;", "    void *future[9];\n} conductor_plugin;"),
        ("} conductor_responder;", "    void *future[9];\n} conductor_responder;"),
        ("} conductor_decision;", "    int64_t future[9];\n} conductor_decision;"),
        ("} conductor_call;", "    int64_t future[9];\n} conductor_call;"),
        ("} conductor_host;", "    void *future[9];\n} conductor_host;"),
        ("} conductor_host_send;", "    void *future[9];\n} conductor_host_send;"),
        ("} conductor_send_request;", "    int64_t future[9];\n} conductor_send_request;"),
        ("} conductor_contact_change;", "    int64_t future[9];\n} conductor_contact_change;"),
        ("} conductor_http_header;", "    int64_t future[9];\n} conductor_http_header;"),
        ("} conductor_metric;", "    int64_t future[9];\n} conductor_metric;"),
        (
            "{.struct_size = sizeof request, .phone = text->phone};",
            "{.struct_size = sizeof request, .phone = text->phone, .future = {1, 2, 3, 4, 5, 6, 7, 8, 9}};"
        ),
    ]

    @Test(arguments: isolations)
    func aPluginOfANewerContractWorksInThisHost(isolation: String) async throws {
        let workshop = try Workshop()
        let host = try await host(workshop, isolation, replacing: Self.newerHeader)
        for (word, answer, request) in Self.dialogue {
            #expect(try await host.responders[0].respond(to: text(word)).text == answer)
            #expect(workshop.services.requests.withLock { $0.last } == request)
        }
        #expect(try await host.responders[0].respond(to: text("http")).text == "418 tea: pot")
        _ = try await host.responders[0].respond(to: text("metrics"))
        #expect(workshop.services.samples.withLock { $0.map(\.value) } == [2, 0.5])
        await host.stop()
        #expect(host.reports.map(\.state) == [.stopped])
    }

    @Test(arguments: isolations)
    func aPluginOfAnOlderContractWorksInThisHost(isolation: String) async throws {
        let workshop = try Workshop()
        let host = try await host(workshop, isolation, replacing: Self.olderHeader)
        for (word, answer, request) in Self.dialogue {
            let decision = try await host.responders[0].respond(to: text(word))
            #expect(decision == Decision(kind: .reply, text: answer, reason: "frozen"))
            guard case .send(var text) = request else { continue }
            text.purpose = .conversation
            #expect(workshop.services.requests.withLock { $0.last } == .send(text))
        }
        await host.stop()
        #expect(host.reports.map(\.state) == [.stopped])
    }

    @Test(
        arguments: [
            ("send", "no conductor.host.send/1"), ("conversation", "no conductor.host.conversation/1"),
            ("contact", "no conductor.host.contact/1"), ("customer", "no conductor.host.crm/1"),
            ("get", "value kept"), ("http", "no conductor.host.http/1"), ("metrics", "recorded"),
        ], isolations)
    func withoutGrantsThereAreOnlyTheHarmlessServices(asked: (word: String, answer: String), isolation: String)
        async throws
    {
        let workshop = try Workshop()
        let library = try CFixture.buildFrozen(in: workshop.folder)
        try workshop.write("10-frozen.yaml", "plugin: \(library)\nisolation: \(isolation)\n")
        workshop.services.answer.withLock { $0 = .init(reply: Self.serve) }
        let host = await workshop.started()
        #expect(try await host.responders[0].respond(to: text(asked.word)).text == asked.answer)
        await host.stop()
    }

    @Test(arguments: isolations)
    func aRefusalCrossesWithClassTextAndDelay(isolation: String) async throws {
        let workshop = try Workshop()
        let host = try await host(workshop, isolation) { _ throws(PluginError) in
            throw PluginError(.conflict, "geht nicht: grün", retryAfterMilliseconds: 12)
        }
        for (word, _, _) in Self.dialogue {
            let decision = try await host.responders[0].respond(to: text(word))
            #expect(decision.text == "error 6: geht nicht: grün (retry after 12)")
        }
        await host.stop()
    }

    @Test(arguments: isolations)
    func aCancelledRequestEndsAndTheGatewayIsToldSo(isolation: String) async throws {
        let workshop = try Workshop()
        let cancelled = Mutex(0)
        let host = try await host(workshop, isolation) { _ throws(PluginError) in
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

    @Test(arguments: isolations)
    func aRequestIsAnsweredAtItsDeadlineWhateverTheGatewayDoes(isolation: String) async throws {
        let workshop = try Workshop()
        let gate = AsyncStream.makeStream(of: Void.self)
        let isDone = Mutex(false)
        let host = try await host(workshop, isolation) { [stream = gate.stream] _ throws(PluginError) in
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

    @Test(arguments: isolations)
    func whatIsLeftBehindEndsBeforeThePluginIsDestroyed(isolation: String) async throws {
        let workshop = try Workshop()
        let gate = AsyncStream.makeStream(of: Void.self)
        let host = try await host(workshop, isolation) { [stream = gate.stream] _ throws(PluginError) in
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

    @Test(arguments: isolations)
    func aPluginAsksOnlyAboutThePersonItIsAskedAbout(isolation: String) async throws {
        // C2: a bot got the last texts of all numbers as "this customer's" history.
        let workshop = try Workshop()
        let host = try await host(workshop, isolation)
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
