import PluginKit
import Testing

@testable import PluginHost

struct WireTests {
    private static let message = Message(
        uid: "u", storageID: 7, direction: .outbound, phone: "+1", content: "grüß 🙂", status: .failed,
        deliveryStatus: .optedOut, errorCode: "cms-38", errorMessage: "no", timestamp: Timestamp(milliseconds: -5),
        modemTimestamp: Timestamp(milliseconds: .max), modemUTCOffset: -120, modemIndex: 3, messageHash: "h",
        retryCount: 2, lastRetryAt: nil, notBefore: Timestamp(milliseconds: 0), sim: "s", parts: 3, incomplete: true,
        possibleDuplicate: true, answers: "a", origin: "api")
    private static let bare = Message(
        uid: nil, direction: .inbound, phone: "", content: "", status: .unread, timestamp: Timestamp(milliseconds: 0))

    private static let calls: [PluginCall] = [
        .respond(text("hi")), .notify(Event(id: "i", kind: "k", at: Timestamp(milliseconds: 9), json: "{}")),
        .put([message, bare]), .put([]),
        .exchange(
            ExchangeRequest(
                gateway: "g", finished: [.init(uid: nil, storageID: 3, status: .queued, parts: 1)],
                starting: [.init(storageID: 4, uid: "v")], want: 10, leaseMilliseconds: 5, maxAgeMilliseconds: 6)),
        .owned(gateway: "g"), .messages(MessageQuery(uid: "u", direction: .inbound, cursor: 8, oldestFirst: true)),
        .change(MessageChange(storageID: 1, kind: .requeue)),
        .recordConsent([ConsentEvent(uid: "u", phone: "+1", action: .in, at: Timestamp(milliseconds: 1), source: "cli")]
        ),
        .consent(ConsentQuery(after: 1 << 40, limit: 7)),
        .health, .sizes, .contact(phone: "+1"), .customers(CustomerQuery(phone: "+1", purchases: 3)),
        .customerSearch(CustomerSearch(words: "a b", limit: 7)), .messages(MessageQuery(limit: 2, search: "w")),
        .erase(ErasureRequest(phone: "+1", before: Timestamp(milliseconds: 3), limit: 4, scrubs: true)),
        .heartbeat(GatewayPresence(gateway: "a/j", version: "1", sims: ["s", ""], modems: 2)),
        .records(RecordQuery(table: .items, after: RecordKey("k", isID: true), limit: 9)),
        .list(ListQuery(.products, filters: ["brand": "b"], order: "sku", isDescending: true, after: "a", limit: 3)),
        .importRows(
            ImportBatch(
                importID: "i", sequence: 3, today: "2026-11-30",
                sections: [
                    ImportSection(
                        table: .items, columns: ["a", "b", "c", "d", "e", "f"],
                        values: [.absent, .text("t"), .count(-1), .money(micros: 7), .day("2026-01-01"), .flag(true)],
                        fills: true)
                ], isDry: true)), .endImport(ImportEnd(importID: "i", what: .undo)),
        .changeCustomers(CustomerChange(.merge(into: "a", others: ["b", "c"]), isPreview: true)),
        .changeCustomers(CustomerChange(.recount(after: "a", limit: 9, lowers: true))),
        .changeCustomers(CustomerChange(.rules([.zone: "UTC", .lowStock: "3"]))),
        .records(RecordQuery(table: .customers)), .putRecords(RecordBatch(table: .staff, records: [], replaces: false)),
        .putRecords(RecordBatch(table: .products, records: [record, CustomerRecord([:])], replaces: true)),
    ]
    private static let record = CustomerRecord([
        "a": .null, "b": .flag(true), "c": .number("-1.5"), "d": .text("\" 🙂"), "e": .json("[1]"),
    ])
    private static let replies: [PluginReply] = [
        .done, .decision(Decision(kind: .append, text: "t", reason: "r", costMicros: 12)),
        .exchange(ExchangeReply(started: [true, false], claimed: [message], nextDueMilliseconds: -1)),
        .messages([bare]), .changed(true), .health(StorageHealth(location: "l", rows: 1, bytes: 2)),
        .consent(
            ConsentPage(
                events: [ConsentEvent(uid: "u", phone: "", action: .out, at: Timestamp(milliseconds: 1), source: "")],
                next: 3)),
        .health(StorageHealth(location: "l", rows: 1, bytes: 2, databaseFile: "/s/messages.db", quotaBytes: 1 << 40)),
        .sizes([StorageTable(name: "messages", rows: 3, bytes: 1 << 33), StorageTable(name: "optouts", rows: 0)]),
        .erased(ErasureReply(texts: 1, consent: 2, others: 3, hasMore: true)),
        .contact(StoredContact(texts: 2, consent: [], other: "{}")), .customers([Customer(id: "c", isAmbiguous: true)]),
        .fleet([
            GatewayPresence(
                gateway: "a/j", version: "", sims: [], modems: 0, seen: Timestamp(milliseconds: 9), claimed: 1,
                sending: 2)
        ]),
        .records([record]), .records([]), .recordsPut(RecordReply(outcomes: [])),
        .listed(ListPage(rows: [record], next: "n")),
        .imported(ImportReply(outcomes: [.init(.updated, isLoose: true)])),
        .importEnded([ImportTableChange(table: .staff, removed: 1, restored: 2, left: 3)]),
        .customersChanged(
            CustomerDifferences(
                [CustomerDifference(customer: "a", name: "n", column: "c", before: "1", after: nil, stays: true)],
                next: "a"
            )), .recordsPut(RecordReply(outcomes: [.kept, .inserted, .changed, .orphan, .refused], unplaced: ["x"])),
    ]
    private static let requests: [ServiceRequest] = [
        .send(OutgoingRequest(phone: "+1", text: "t", idempotencyKey: "k", purpose: .notice)),
        .conversation(ConversationQuery(phone: "+1", limit: 3, before: 4)), .contact(phone: "+1"),
        .changeContact(ContactChange(phone: "+1", name: .set("n"), notes: .clear, isClosed: true)),
        .customer(CustomerQuery(phone: "+1")), .value(key: "k"),
        .setValue(KeyValueEntry(key: "k", value: [0, 255], expiresAt: nil)), .removeValue(key: "k"),
        .keys(KeyValueQuery(prefix: "p", after: "a")),
        .http(HTTPRequest(url: "https://x", headers: [.init("A", "b")], body: [1, 2, 3])),
    ]
    private static let answers: [ServiceReply] = [
        .done, .sent(SendReceipt(uid: "u", isRepetition: true)),
        .conversation(ConversationPage(messages: [message], before: 2)),
        .contact(Contact(phone: "+1", name: "n", isOptedOut: true)), .card(CustomerCard(customers: [])),
        .card(
            CustomerCard(
                customers: [
                    Customer(
                        id: "c", visitCount: 4, isAmbiguous: true,
                        purchases: [Purchase(number: 1, items: [PurchaseItem(quantity: 2, product: Product(sku: "s"))])]
                    )
                ], isOptedOut: true, isConversationOpen: true)),
        .value(nil), .value([]), .value([9]), .keys(["a", "b"]),
        .http(HTTPResponse(status: 200, headers: [.init("C", "d")], body: [4])),
    ]

    private func roundTrip<Value: WireValue & Equatable>(_ value: Value) throws {
        let frame = try #require(Frame.encode(.call, id: 1 << 63, value))
        try frame.withUnsafeBytes { bytes in
            let (first, length) = try #require(try Frame.first(in: bytes))
            #expect(length == frame.count && first.id == 1 << 63 && first.kind == .call)
            #expect(try first.decode(Value.self) == value)
            // Cut anywhere, it is an error or another value, never a trap; nothing may be left over.
            for end in stride(from: 0, to: first.body.count, by: max(1, first.body.count / 50)) {
                #expect(throws: WireError.self) {
                    try WireReader.decode(Value.self, from: UnsafeRawBufferPointer(rebasing: first.body[..<end]))
                }
            }
        }
    }

    @Test func everythingComesBackAsItWas() throws {
        for call in Self.calls { try roundTrip(call) }
        for reply in Self.replies { try roundTrip(reply) }
        for request in Self.requests { try roundTrip(request) }
        for answer in Self.answers { try roundTrip(answer) }
        try roundTrip(PluginError(.conflict, "why", retryAfterMilliseconds: 5))
        try roundTrip(MetricSample(.histogram, name: "n", labels: ["a": "b", "c": "d"], value: 0.5))
        try roundTrip(Duration.milliseconds(1500))
    }

    @Test func rubbishIsAnErrorAndNeverATrap() {
        var random = SystemRandomNumberGenerator()
        func feed(_ bytes: [UInt8]) {
            bytes.withUnsafeBytes { buffer in
                _ = try? Frame.first(in: buffer)
                _ = try? WireReader.decode(PluginCall.self, from: buffer)
                _ = try? WireReader.decode(PluginReply.self, from: buffer)
                _ = try? WireReader.decode(ServiceRequest.self, from: buffer)
                _ = try? WireReader.decode(ServiceReply.self, from: buffer)
                _ = try? WireReader.decode(Hello.self, from: buffer)
                _ = try? WireReader.decode(MetricSample.self, from: buffer)
                _ = try? WireReader.decode(Duration.self, from: buffer)
            }
        }
        for _ in 0..<3000 { feed((0..<Int.random(in: 0...80)).map { _ in .random(in: 0...255, using: &random) }) }
        // Near misses: whole frames with a few bytes changed.
        let frames =
            Self.calls.compactMap { Frame.encode(.call, $0) } + Self.answers.compactMap { Frame.encode(.call, $0) }
        for frame in frames {
            for _ in 0..<200 {
                var body = Array(frame[Frame.headerSize...])
                for _ in 0..<3 where !body.isEmpty { body[.random(in: 0..<body.count)] = .random(in: 0...255) }
                feed(body)
            }
        }
    }

    @Test func pausesDoubleUpToABudgetAndThenItIsLeftAlone() {
        var supervision = Supervision(Supervision.Policy())
        let pauses = (0..<7).map { _ in supervision.ended(at: 0) }
        let expected: [Duration] =
            [.milliseconds(50), .milliseconds(100), .milliseconds(200), .milliseconds(400), .milliseconds(800)]
            + [.seconds(30), .seconds(30)]
        #expect(pauses == expected.map { .restart(after: $0) })
        #expect(supervision.ended(at: 0) == .quarantine)
        // One that ran for a minute begins anew.
        supervision.started(at: 0)
        #expect(supervision.ended(at: 60_000_000_000) == .restart(after: .milliseconds(50)))
    }

    @Test func latenciesAreKnownToAQuarter() {
        let histogram = LatencyHistogram()
        #expect(histogram.quantile(0.5) == nil)
        for value in 1...1000 { histogram.record(nanoseconds: Int64(value) * 1000) }
        let median = histogram.quantile(0.5) ?? .zero
        let high = histogram.quantile(0.99) ?? .zero
        #expect(median >= .microseconds(500) && median <= .microseconds(625))
        #expect(high >= .microseconds(990) && high <= .microseconds(1240))
    }
}
