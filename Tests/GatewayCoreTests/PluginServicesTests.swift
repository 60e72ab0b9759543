import CurlClient
import Foundation
import GRDB
import Logging
import ModemKit
import PluginHost
import PluginKit
import Synchronization
import Testing

@testable import GatewayCore

/// What plugins ask, answered by a whole gateway that has no modem and no plugin.
@Suite("Plugin services", .timeLimit(.minutes(2)))
struct PluginServicesTests {
    private let folder: String
    private let clock = HandClock()
    private let gateway: Gateway
    private let http = CurlClient()
    private let services: PluginServices
    private static let phone = "+16195550123"

    init() throws {
        folder = NSTemporaryDirectory() + "conductor-office-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder + "/plugins.d", withIntermediateDirectories: true)
        gateway = try Gateway(
            GatewayOptions(
                gateway: "g", stateFolder: folder, version: "0", policy: Policy(),
                plugins: .init(
                    pluginsFolder: folder + "/plugins.d", copiesFolder: folder + "/plugins", searchPath: [],
                    baseFolder: folder),
                fleet: FleetConfiguration(useUdev: false),
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }), clock: clock)
        services = PluginServices(gateway: gateway, http: http, maySend: true)
    }

    private func ask(_ request: ServiceRequest, as plugin: String = "20-bot") async throws(PluginError) -> ServiceReply
    {
        try await services.serve(request, plugin: plugin)
    }

    private func code(_ request: ServiceRequest) async -> PluginError.Code? {
        do throws(PluginError) {
            _ = try await ask(request)
            return nil
        } catch { return error.code }
    }

    private func end() {
        http.stop()
        gateway.journal.close()
        gateway.console.close()
        try? FileManager.default.removeItem(atPath: folder)
    }

    @Test("a plugin's text goes the way of every text, once for each of its keys")
    func send() async throws {
        defer { end() }
        func send(_ text: OutgoingRequest, as plugin: String = "20-bot") async throws -> SendReceipt {
            guard case .sent(let receipt) = try await ask(.send(text), as: plugin) else { return SendReceipt(uid: "") }
            return receipt
        }
        let text = OutgoingRequest(
            phone: "(619) 555-0123", text: "ready", notBefore: Timestamp(milliseconds: 9_000_000_000_000),
            idempotencyKey: "order-1", purpose: .notice)
        let first = try await send(text)
        #expect(!first.isRepetition)
        #expect(try await send(text) == SendReceipt(uid: first.uid, isRepetition: true))
        // Renamed drop-in: the same plugin. Another plugin: another key.
        #expect(try await send(text, as: "30-bot").uid == first.uid)
        #expect(try await send(text, as: "20-other").uid != first.uid)
        var other = text
        other.text = "late"
        #expect(await code(.send(other)) == .conflict)
        let row = try gateway.journal.read { try $0.first("SELECT * FROM outbound WHERE uid = ?", [first.uid]) }
        #expect(row?["origin"] == "plugin:20-bot" && row?["purpose"] == "notice" && row?["phone"] == Self.phone)
        #expect(row?["not_before"] == 9_000_000_000_000 as Int64)

        #expect(await code(.send(OutgoingRequest(phone: "nobody", text: "x"))) == .invalid)
        #expect(await code(.send(OutgoingRequest(phone: Self.phone, text: ""))) == .invalid)
        #expect(await code(.send(OutgoingRequest(phone: Self.phone, text: "x", idempotencyKey: ""))) == .invalid)
        #expect(await code(.send(OutgoingRequest(phone: Self.phone, text: "x", sim: "8901"))) == .invalid)
    }

    @Test(
        "B9: placeholders, letters and blanks are refused at every entrance",
        arguments: ["", "0000000000", "1111111111", "5555555555", "AMAZON", "1-800-FLOWERS", "555-0123", "911"])
    func entrances(number: String) async throws {
        defer { end() }
        #expect(await code(.send(OutgoingRequest(phone: number, text: "x"))) == .invalid)
        #expect(await code(.send(OutgoingRequest(phone: Self.phone, text: " \n"))) == .invalid)
        await #expect(throws: GatewayError.self) { try await gateway.send(SendRequest(to: number, text: "x")) }
        await #expect(throws: GatewayError.self) { try await gateway.send(SendRequest(to: Self.phone, text: "\u{A0}")) }
        await #expect(throws: GatewayError.self) { try await gateway.addOptOut(OptOutChange(number: number)) }
        #expect(try gateway.journal.read { try $0.first("SELECT 1 FROM outbound") } == nil)
    }

    @Test("A text or key with U+0000 is refused in words: a restart would see another one")
    func zero() async throws {
        defer { end() }
        for text in [
            OutgoingRequest(phone: Self.phone, text: "one\0two"),
            OutgoingRequest(phone: Self.phone, text: "one", idempotencyKey: "a\0b"),
        ] { #expect(await code(.send(text)) == .invalid) }
        for request in [
            SendRequest(to: Self.phone, text: "one\0two"),
            SendRequest(to: Self.phone, text: "one", idempotencyKey: "a\0b"),
        ] {
            let error = await #expect(throws: GatewayError.self) { try await gateway.send(request) }
            #expect(error?.code == .invalid)
        }
        // A row of the table has nobody who could be told.
        let birth = OutgoingText.Birth(
            uid: "u", storageID: 7, origin: "table", purpose: .conversation, phone: Self.phone, content: "one\0two")
        let now = clock.now
        let text = try await gateway.journal.writer.write { try OutgoingText.insert(birth, now: now, $0) }
        #expect(text.content == "one\u{FFFD}two")
        #expect(try gateway.journal.read { try OutgoingText.find("u", $0)?.content } == text.content)
    }

    @Test("B12: a number whose automatic answers rest gets no plugin's answer either; notices and people's texts go")
    func rest() async throws {
        defer { end() }
        let now = clock.now.milliseconds
        try await gateway.journal.writer.write { database in
            try database.run(
                "INSERT INTO loop_rest (phone, since, until, reason, message_uid) VALUES (?, ?, ?, 'why', 'm')",
                [Self.phone, now, now + 1_000])
        }
        let error = await #expect(throws: PluginError.self) {
            try await ask(.send(OutgoingRequest(phone: Self.phone, text: "x", idempotencyKey: "k")))
        }
        #expect(error?.code == .conflict && error?.message.contains("rest until") == true)
        #expect(await code(.send(OutgoingRequest(phone: Self.phone, text: "x", purpose: .notice))) == nil)
        #expect(await code(.send(OutgoingRequest(phone: "+16195550188", text: "x"))) == nil)
        _ = try await gateway.send(SendRequest(to: Self.phone, text: "a person's"))
        clock.move(milliseconds: 1_000)
        #expect(await code(.send(OutgoingRequest(phone: Self.phone, text: "x", idempotencyKey: "k"))) == nil)
    }

    @Test("B10: consent binds a plugin's texts, and its contacts tell of it")
    func consent() async throws {
        defer { end() }
        let stop = ConsentEvent(uid: "c", phone: Self.phone, action: .out, at: clock.now, source: "sms")
        try await gateway.journal.writer.write { try Consent.record(stop, $0) }
        for purpose in [OutgoingRequest.Purpose.conversation, .notice, .promotion] {
            #expect(await code(.send(OutgoingRequest(phone: Self.phone, text: "x", purpose: purpose))) == .conflict)
        }
        #expect(try await ask(.contact(phone: Self.phone)) == .contact(Contact(phone: Self.phone, isOptedOut: true)))
    }

    @Test("while the gateway takes up an earlier run's texts, plugins cannot add to them")
    func starting() async throws {
        defer { end() }
        let early = PluginServices(gateway: gateway, http: http, maySend: false)
        await #expect {
            _ = try await early.serve(.send(OutgoingRequest(phone: Self.phone, text: "x")), plugin: "p")
        } throws: {
            ($0 as? PluginError)?.code == .unavailable
        }
    }

    @Test("a contact keeps what is set, forgets what is cleared, and leaves the rest alone")
    func contacts() async throws {
        defer { end() }
        let until = Timestamp(milliseconds: clock.now.milliseconds + 60_000)
        let change = ContactChange(
            phone: "619-555-0123", name: .set("Zoë"), notes: .set("n"), botPausedUntil: .set(until),
            assignee: .set("Ana"), isClosed: true)
        var contact = Contact(
            phone: Self.phone, name: "Zoë", notes: "n", botPausedUntil: until, assignee: "Ana", isClosed: true)
        #expect(try await ask(.changeContact(change)) == .contact(contact))
        #expect(try await ask(.changeContact(ContactChange(phone: Self.phone))) == .contact(contact))
        // Decision: the next text opens a closed conversation.
        #expect(try await gateway.console.arrived(Self.phone, now: clock.now) == until)
        contact.isClosed = false
        contact.notes = nil
        contact.botPausedUntil = nil
        let clearing = ContactChange(phone: Self.phone, notes: .clear, botPausedUntil: .clear)
        #expect(try await ask(.changeContact(clearing)) == .contact(contact))
        #expect(try await gateway.console.arrived(Self.phone, now: clock.now) == nil)
        #expect(try await gateway.console.arrived("+16195550199", now: clock.now) == nil)
        #expect(await code(.contact(phone: "x")) == .invalid)
        // It is on the disk, and nobody else's to read.
        let mode = try FileManager.default.attributesOfItem(atPath: folder + "/console.db")[.posixPermissions]
        #expect(mode as? Int == 0o600)
    }

    @Test("a paused contact's text is given to no responder, and its story says why")
    func pause() async throws {
        defer { end() }
        let until = Timestamp(milliseconds: clock.now.milliseconds + 60_000)
        _ = try await ask(.changeContact(ContactChange(phone: Self.phone, botPausedUntil: .set(until))))
        let chain = ResponderChain(responders: { [] }) { _, _ in }
        let feed = ResponderFeed(
            inbound: gateway.inbound, chain: chain, console: gateway.console,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        ) { _ in }
        let run = Task { await feed.run() }
        func story(_ content: String) async throws -> [String] {
            let pdu = try Workshop.deliver(content)[0]
            let intake = try await gateway.inbound.receive([Workshop.reading(pdu, slot: content.count)])
            let uid = try #require(intake.texts.first?.uid)
            feed.wake()
            let end = ContinuousClock.now + .seconds(60)
            while ContinuousClock.now < end {
                let row = try gateway.journal.read { try $0.first("SELECT answer FROM inbound WHERE uid = ?", [uid]) }
                if row?["answer"] == 1 { break }
                await Task.yield()
            }
            return try await gateway.message(uid: uid).story
        }
        #expect(
            try await story("hello").last == "no responder was asked: the bot is paused for this person until \(until)")
        clock.move(milliseconds: 60_000)
        #expect(try await story("hello again").last == "no responder is enabled")
        feed.stop()
        await run.value
    }

    @Test("a plugin's values are its own, expire, and have an end")
    func values() async throws {
        defer { end() }
        let soon = Timestamp(milliseconds: clock.now.milliseconds + 1_000)
        #expect(try await ask(.value(key: "k")) == .value(nil))
        #expect(try await ask(.setValue(KeyValueEntry(key: "k", value: [0, 255]))) == .done)
        #expect(try await ask(.setValue(KeyValueEntry(key: "k", value: []))) == .done)
        #expect(try await ask(.setValue(KeyValueEntry(key: "ü_%", value: [1], expiresAt: soon))) == .done)
        #expect(try await ask(.setValue(KeyValueEntry(key: "k2", value: [2]))) == .done)
        #expect(try await ask(.value(key: "k")) == .value([]))
        #expect(try await ask(.value(key: "k"), as: "30-bot") == .value([]))
        #expect(try await ask(.value(key: "k"), as: "20-other") == .value(nil))
        #expect(try await ask(.keys(KeyValueQuery())) == .keys(["k", "k2", "ü_%"]))
        #expect(try await ask(.keys(KeyValueQuery(prefix: "k"))) == .keys(["k", "k2"]))
        #expect(try await ask(.keys(KeyValueQuery(prefix: "%"))) == .keys([]))
        #expect(try await ask(.keys(KeyValueQuery(after: "k", limit: 1))) == .keys(["k2"]))
        clock.move(milliseconds: 1_000)
        #expect(try await ask(.value(key: "ü_%")) == .value(nil))
        #expect(try await ask(.keys(KeyValueQuery())) == .keys(["k", "k2"]))
        #expect(try await ask(.removeValue(key: "k")) == .done)
        #expect(try await ask(.removeValue(key: "k")) == .done)
        #expect(try await ask(.value(key: "k")) == .value(nil))

        let big = [UInt8](repeating: 1, count: ConsoleStore.valueLimit)
        #expect(await code(.setValue(KeyValueEntry(key: "b", value: big + [1]))) == .invalid)
        for key in ["", String(repeating: "k", count: 257), "a\0b"] {
            #expect(await code(.value(key: key)) == .invalid)
        }
        #expect(await code(.keys(KeyValueQuery(limit: 1_001))) == .invalid)
        for index in 0..<15 { #expect(await code(.setValue(KeyValueEntry(key: "b\(index)", value: big))) == nil) }
        #expect(await code(.setValue(KeyValueEntry(key: "b15", value: big))) == .conflict)
        // In its own place a value may be changed, and another plugin has room.
        #expect(await code(.setValue(KeyValueEntry(key: "b14", value: big))) == nil)
        #expect(try await ask(.setValue(KeyValueEntry(key: "b15", value: big)), as: "20-other") == .done)
    }

    @Test("C3: without storage a conversation is the journal's, and a page beyond it an error")
    func conversation() async throws {
        defer { end() }
        let pdu = try Workshop.deliver("hello")[0]
        _ = try await gateway.inbound.receive([Workshop.reading(pdu)])
        _ = try await ask(.send(OutgoingRequest(phone: Self.phone, text: "answer")))
        _ = try await ask(.send(OutgoingRequest(phone: "+16195550199", text: "to another")))
        guard case .conversation(let page) = try await ask(.conversation(ConversationQuery(phone: "619 555 0123")))
        else { throw PluginError(.internal, "another reply") }
        #expect(Set(page.messages.map(\.content)) == ["hello", "answer"] && page.before == nil)
        #expect(await code(.conversation(ConversationQuery(phone: Self.phone, before: 7))) == .unavailable)
        #expect(await code(.conversation(ConversationQuery(phone: Self.phone, limit: 201))) == .invalid)
        #expect(await code(.customer(CustomerQuery(phone: Self.phone))) == .unsupported)
    }

    @Test("HTTP: what is asked arrives, what is answered comes back, connections are kept")
    func requests() async throws {
        defer { end() }
        let server = try TinyServer()
        defer { server.stop() }
        func ask(_ path: String, _ change: (inout HTTPRequest) -> Void = { _ in }) async throws(PluginError)
            -> HTTPResponse
        {
            var request = HTTPRequest(url: "http://127.0.0.1:\(server.port)\(path)")
            change(&request)
            guard case .http(let response) = try await self.ask(.http(request)) else {
                throw PluginError(.internal, "another reply")
            }
            return response
        }
        let response = try await ask("/x?y=1") {
            $0.method = "PATCH"
            $0.headers = [.init("X-Word", "yes"), .init("X-None", "")]
            $0.body = Array("grüß dich".utf8)
        }
        #expect(response.status == 200)
        #expect(response.headers.filter { $0.name == "X-Two" }.map(\.value) == ["a", "b"])
        #expect(response.header("x-empty") == "")
        #expect(response.text.hasPrefix("PATCH /x?y=1 HTTP/1.1\r\n") && response.text.hasSuffix("\r\n\r\ngrüß dich"))
        #expect(response.text.contains("\r\nX-Word: yes\r\n") && response.text.contains("\r\nX-None:\r\n"))
        #expect(!response.text.contains("form-urlencoded"))
        // Redirects are the grants' to follow.
        let redirect = try await ask("/again")
        #expect(redirect.status == 302 && redirect.header("Location") == "/there")
        #expect(try await ask("/big").body.count == 100_000)
        #expect(server.connections.load(ordering: .relaxed) == 1)
        await #expect { try await ask("/big") { $0.responseLimit = 99_999 } } throws: {
            ($0 as? PluginError)?.code == .conflict
        }
        await #expect { try await ask("/slow") { $0.timeoutMilliseconds = 50 } } throws: {
            ($0 as? PluginError)?.code == .deadline
        }
        let given = Task { () -> PluginError.Code? in
            do throws(PluginError) {
                _ = try await ask("/slow")
                return nil
            } catch { return error.code }
        }
        given.cancel()
        #expect(await given.value == .cancelled)
        server.stop()
    }

    @Test("HTTP: a server that is not there is unavailable, and a file is no server")
    func noServer() async throws {
        defer { end() }
        let server = try TinyServer()
        server.stop()
        #expect(await code(.http(HTTPRequest(url: "http://127.0.0.1:\(server.port)/"))) == .unavailable)
        #expect(await code(.http(HTTPRequest(url: "file:///etc/passwd"))) == .invalid)
    }

    @Test("figures of the gateway and of plugins are on one page")
    func figures() async throws {
        defer { end() }
        let figures = gateway.figures
        #expect(
            figures.record(MetricSample(.counter, name: "texts", labels: ["kind": "a\"\n\\"], value: 2), plugin: "p")
                == nil)
        #expect(
            figures.record(MetricSample(.counter, name: "texts", labels: ["kind": "a\"\n\\"], value: 1), plugin: "p")
                == nil)
        #expect(figures.record(MetricSample(.gauge, name: "level", value: -1.5), plugin: "p") == nil)
        for value in [0.005, 0.3, 99] {
            #expect(figures.record(MetricSample(.histogram, name: "wait", value: value), plugin: "q") == nil)
        }
        let page = await gateway.metrics()
        for line in [
            "# TYPE conductor_plugin_texts_total counter",
            "conductor_plugin_texts_total{plugin=\"p\",kind=\"a\\\"\\n\\\\\"} 3",
            "conductor_plugin_level{plugin=\"p\"} -1.5", "conductor_plugin_wait_bucket{plugin=\"q\",le=\"0.005\"} 1",
            "conductor_plugin_wait_bucket{plugin=\"q\",le=\"0.5\"} 2",
            "conductor_plugin_wait_bucket{plugin=\"q\",le=\"10.0\"} 2",
            "conductor_plugin_wait_bucket{plugin=\"q\",le=\"+Inf\"} 3", "conductor_plugin_wait_count{plugin=\"q\"} 3",
            "conductor_messages_total{direction=\"inbound\",outcome=\"received\"} 0",
            "conductor_storage_lag_messages 0",
        ] {
            #expect(page.contains(line + "\n"), "\(line)")
        }
        // What is wrong is told once.
        for sample in [
            MetricSample(.histogram, name: "level", value: 1), MetricSample(.gauge, name: "texts_total", value: 1),
            MetricSample(.gauge, name: "a_sum", value: 1), MetricSample(.counter, name: "less", value: -1),
            MetricSample(.gauge, name: "Bad", value: 1), MetricSample(.gauge, name: "x", value: .nan),
            MetricSample(.gauge, name: "y", labels: ["plugin": "q"], value: 1),
        ] {
            #expect(figures.record(sample, plugin: "p") != nil)
            #expect(figures.record(sample, plugin: "p") == nil)
        }
        var told = 0
        for index in 0..<300 {
            let sample = MetricSample(.gauge, name: "many", labels: ["number": "\(index)"], value: 1)
            if figures.record(sample, plugin: "p") != nil { told += 1 }
        }
        #expect(told == 1)
        let many = await gateway.metrics().split(separator: "\n").filter { $0.hasPrefix("conductor_plugin_many{") }
        #expect(many.count == PluginFigures.seriesLimit - 2)
    }

    @Test(arguments: [
        ("20-bot", "bot"), ("bot", "bot"), ("20-", "20-"), ("2020", "2020"), ("20bot", "20bot"), ("1-2-x", "2-x"),
    ])
    func aNameWithoutItsNumber(name: String, owner: String) {
        #expect(PluginServices.owner(name) == owner)
    }
}
