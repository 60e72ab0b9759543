import CPluginABI
import Foundation
import PluginKit
import Settings
import Synchronization
import Testing

@testable import PluginHost

/// The services through PluginKit: a Swift plugin, exported by this very process, asks its host.
@Suite(.timeLimit(.minutes(2)))
struct SDKServiceTests {
    private let services = RecordingServices()
    private static let all =
        "[log, clock, kv, metrics, {conversation: {numbers: any}}, contact, crm, send, {http: [\"https://a.example/\"]}]"

    /// Runs `body` in the plugin, with a host that answers as `serve` does.
    private func ask(
        grants: String = all, serve: @escaping @Sendable (ServiceRequest) async throws(PluginError) -> ServiceReply,
        _ body: @escaping @Sendable (PluginKit.Host) async throws -> String
    ) async throws -> String {
        let descriptor = try #require(exportPlugin(Everything.self))
        services.answer.withLock { $0 = .init(reply: serve) }
        let dropIn = try DropIn.parse(
            try ConfigurationNode.parse("plugin: x\ngrants: \(grants)\n", file: "f"), fileName: "10-all.yaml")
        let plugin = try await HostedPlugin.create(
            try PluginLibrary(descriptor), dropIn: dropIn, baseFolder: "/", services: services)
        try await plugin.start()
        Everything.asking.withLock { $0.run = body }
        let answer: Result<String, any Error>
        do {
            answer = .success(try await ResponderHandle(name: "r", plugin: plugin).respond(to: text("ask")).text)
        } catch {
            answer = .failure(error)
        }
        #expect(await plugin.stop() == nil)
        return try answer.get()
    }

    private static let customer = Customer(
        id: "c", name: "Zoë", email: "", phone: "+1", visitCount: 0, lifetimeValueMicros: -1, firstVisit: "2026-01-02",
        lastVisit: "2026-02-03", vipStatus: "VIP", churnRisk: "Low", averageTransactionMicros: 3,
        daysSinceLastVisit: 61, preferredLocation: "l", preferredStaff: "s", isAmbiguous: true,
        purchases: [
            Purchase(),
            Purchase(
                number: 7, date: "d", totalMicros: 8, paymentMethod: "cash", location: "shop",
                items: [
                    PurchaseItem(),
                    PurchaseItem(
                        quantity: 1, unitPriceMicros: 2, totalPriceMicros: 3, discountMicros: 4,
                        product: Product(
                            sku: "k", name: "n", category: "c", brand: "b", thcContent: "21 %", cbdContent: "1",
                            strainType: "Sativa", effects: "e", retailPriceMicros: 5, currentStock: 0,
                            stockStatus: "Low")),
                    PurchaseItem(product: Product(sku: "")),
                ]),
        ])
    private static let contact = Contact(
        phone: "+1", name: "n", notes: "", botPausedUntil: Timestamp(milliseconds: 0), assignee: "a", isClosed: true,
        isOptedOut: true)

    @Test func everyFieldOfEveryServiceCrossesBothWays() async throws {
        let full = OutgoingRequest(
            phone: "+1", text: "a\u{0}b 😀", sim: "s", notBefore: Timestamp(milliseconds: 0), idempotencyKey: "k",
            purpose: .promotion)
        let page = ConversationPage(
            messages: [
                Message(
                    uid: nil, direction: .outbound, phone: "1", content: "", status: .queued,
                    timestamp: Timestamp(milliseconds: -1))
            ], before: 0)
        let change = ContactChange(
            phone: "+1", name: .set(""), notes: .clear, botPausedUntil: .clear, assignee: .set("a"), isClosed: false)
        let request = HTTPRequest(
            method: "PUT", url: "https://a.example/x", headers: [.init("a", ""), .init("a", "b")], body: [0, 255],
            timeoutMilliseconds: 5, responseLimit: 6)
        let response = HTTPResponse(status: 204, headers: [.init("B", "c"), .init("B", "")], body: [1, 0])
        let answer = try await ask { request throws(PluginError) in
            switch request {
            case .send: .sent(SendReceipt(uid: "u", isRepetition: true))
            case .conversation(let query): .conversation(query.before == nil ? ConversationPage(messages: []) : page)
            case .contact(let phone): .contact(phone == "+1" ? Self.contact : Contact(phone: phone))
            case .changeContact: .contact(Self.contact)
            case .customer(let query):
                .card(
                    query.phone == "+1"
                        ? CustomerCard(
                            customers: [Self.customer, Customer(id: "d")], isOptedOut: true, isConversationOpen: true)
                        : CustomerCard(customers: []))
            case .value(let key): .value(key == "none" ? nil : key == "empty" ? [] : [0, 1])
            case .setValue, .removeValue: .done
            case .keys: .keys(["", "a", "ü"])
            case .http: .http(response)
            }
        } _: { host in
            #expect(try await host.send(full) == SendReceipt(uid: "u", isRepetition: true))
            #expect(try await host.conversation(with: "+1", limit: 1, before: 3) == page)
            #expect(try await host.conversation(with: "+1") == ConversationPage(messages: []))
            #expect(try await host.contact(for: "+1") == Self.contact)
            #expect(try await host.contact(for: "+2") == Contact(phone: "+2"))
            #expect(try await host.change(change) == Self.contact)
            #expect(try await host.change(ContactChange(phone: "+2")) == Self.contact)
            #expect(try await host.customer(for: "+1", purchases: 4) == Self.customer)
            #expect(try await host.customer(for: "+2") == nil)
            #expect(try await host.customers(for: "+1") == [Self.customer, Customer(id: "d")])
            let card = try await host.card(for: "+1")
            #expect(card.isOptedOut && card.isConversationOpen)
            #expect(try await host.keyValue.bytes(for: "none") == nil)
            #expect(try await host.keyValue.bytes(for: "empty") == [])
            #expect(try await host.keyValue.bytes(for: "k") == [0, 1])
            try await host.keyValue.set([7], for: "k", expiresAt: Timestamp(milliseconds: 0))
            try await host.keyValue.set("ü", for: "")
            try await host.keyValue.remove("k")
            #expect(try await host.keyValue.keys(prefix: "p", after: "", limit: 2) == ["", "a", "ü"])
            #expect(try await host.keyValue.keys() == ["", "a", "ü"])
            #expect(try await host.http(request) == response)
            host.metrics.count("a", labels: ["x": "y"])
            host.metrics.set("b", to: -1.5)
            host.metrics.observe("c", 0)
            return "all"
        }
        #expect(answer == "all")
        #expect(
            services.requests.withLock { $0 } == [
                .send(full), .conversation(ConversationQuery(phone: "+1", limit: 1, before: 3)),
                .conversation(ConversationQuery(phone: "+1")), .contact(phone: "+1"), .contact(phone: "+2"),
                .changeContact(change), .changeContact(ContactChange(phone: "+2")),
                .customer(CustomerQuery(phone: "+1", purchases: 4)), .customer(CustomerQuery(phone: "+2")),
                .customer(CustomerQuery(phone: "+1")), .customer(CustomerQuery(phone: "+1")),
                .value(key: "none"), .value(key: "empty"), .value(key: "k"),
                .setValue(KeyValueEntry(key: "k", value: [7], expiresAt: Timestamp(milliseconds: 0))),
                .setValue(KeyValueEntry(key: "", value: Array("ü".utf8))), .removeValue(key: "k"),
                .keys(KeyValueQuery(prefix: "p", after: "", limit: 2)), .keys(KeyValueQuery()), .http(request),
            ])
        #expect(
            services.samples.withLock { $0 } == [
                MetricSample(.counter, name: "a", labels: ["x": "y"], value: 1),
                MetricSample(.gauge, name: "b", value: -1.5), MetricSample(.histogram, name: "c", value: 0),
            ])
    }

    @Test func aServiceThatIsNotGrantedNamesTheGrant() async throws {
        await #expect(
            throws: PluginError(
                .unsupported,
                "the host's service \"send\" is not granted to this plugin, or this host does not have it: add "
                    + "\"send\" to `grants` in the drop-in 10-all")
        ) {
            try await ask(grants: "[log]") { _ throws(PluginError) in
                .done
            } _: { host in
                host.metrics.count("nothing")
                return try await host.send(OutgoingRequest(phone: "1", text: "x")).uid
            }
        }
        #expect(services.samples.withLock { $0.isEmpty } && services.requests.withLock { $0.isEmpty })
    }

    @Test func aStormOfCancelledRequestsEndsEachOnce() async throws {
        let answer = try await ask { _ throws(PluginError) in
            do { try await Task.sleep(for: .seconds(3600)) } catch {}
            throw PluginError(.cancelled, "given up")
        } _: { host in
            var cancelled = 0
            for _ in 0..<40 {
                cancelled += await withTaskGroup(of: Bool.self) { group in
                    for _ in 0..<200 {
                        group.addTask {
                            do throws(PluginError) {
                                _ = try await host.contact(for: "+1")
                                return false
                            } catch {
                                return error.code == .cancelled
                            }
                        }
                    }
                    group.cancelAll()
                    return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
                }
            }
            return "\(cancelled)"
        }
        #expect(answer == "8000")
    }

    @Test func moreRequestsAtOnceThanTheLimitAreRefused() async throws {
        let answer = try await ask { _ throws(PluginError) in
            do { try await Task.sleep(for: .seconds(3600)) } catch {}
            throw PluginError(.cancelled, "given up")
        } _: { host in
            await withTaskGroup(of: PluginError.Code?.self) { group in
                for _ in 0...ServiceCalls.limit {
                    group.addTask {
                        do throws(PluginError) {
                            _ = try await host.contact(for: "+1")
                            return nil
                        } catch { return error.code }
                    }
                }
                let first = await group.next()
                group.cancelAll()
                return "\(String(describing: first))"
            }
        }
        #expect(answer.contains("unavailable"))
    }

    @Test func aHostOfClosuresServesTheTestsOfAuthors() async throws {
        var functions = ServiceFunctions()
        functions.send = { SendReceipt(uid: $0.phone) }
        functions.value = { _ in throw CocoaError(.fileNoSuchFile) }
        let host = PluginKit.Host(services: functions)
        #expect(try await host.send(OutgoingRequest(phone: "+1", text: "x")).uid == "+1")
        await #expect { try await host.keyValue.bytes(for: "k") } throws: { ($0 as? PluginError)?.code == .internal }
        await #expect { try await host.contact(for: "+1") } throws: { ($0 as? PluginError)?.code == .unsupported }
    }

    // MARK: Older and newer peers

    /// The tables of an older host: `kv` knew only how to get, and nothing could be cancelled.
    private nonisolated(unsafe) static let olderKeyValue: UnsafePointer<conductor_host_kv> = {
        let table = UnsafeMutablePointer<conductor_host_kv>.allocate(capacity: 1)
        table.initialize(to: conductor_host_kv())
        table.pointee.struct_size = UInt32(MemoryLayout<conductor_host_kv>.offset(of: \.set)!)
        table.pointee.get = { _, call, _, done, token in
            var error = PluginError(.unavailable, "an old host").cForm
            done(token, &error, nil)
            // A second completion is ignored.
            done(token, &error, nil)
        }
        table.pointee.set = { _, _, _, _, _ in }
        return UnsafePointer(table)
    }()

    @Test func aPluginOfThisContractWorksInAnOlderHost() async throws {
        var raw = conductor_host()
        raw.struct_size = UInt32(MemoryLayout<conductor_host>.offset(of: \.cancel)!)
        raw.get_extension = { _, id in
            String(cString: id) == CONDUCTOR_HOST_KV ? UnsafeRawPointer(SDKServiceTests.olderKeyValue) : nil
        }
        // What an old host's memory holds after its struct is not ours to call.
        raw.cancel = { _, _ in Issue.record("called beyond struct_size") }
        let table = UnsafeMutablePointer<conductor_host>.allocate(capacity: 1)
        table.initialize(to: raw)
        defer { table.deallocate() }
        let host = PluginKit.Host(raw: UnsafePointer(table))
        await #expect(throws: PluginError(.unavailable, "an old host")) { try await host.keyValue.bytes(for: "k") }
        await #expect { try await host.keyValue.set("v", for: "k") } throws: {
            ($0 as? PluginError)?.code == .unsupported
        }
        await #expect { try await host.contact(for: "1") } throws: { ($0 as? PluginError)?.code == .unsupported }
        let task = Task { try? await host.keyValue.bytes(for: "k") }
        task.cancel()
        #expect(await task.value == nil)
    }

    /// Reads `value` from a writer that knew ever less of it, each time at the very end of its memory.
    private func shrink<Value: ABIValue & Equatable>(_ value: Value) throws {
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let pages = try #require(
            mmap(nil, page * 2, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))
        defer { munmap(pages, page * 2) }
        mprotect(pages + page, page, PROT_NONE)
        var arena = Arena()
        let whole = value.cForm(in: &arena)
        let full = MemoryLayout<Value.CForm>.size
        for size in stride(from: 8, through: full, by: 8) {
            let small = pages + page - size
            withUnsafeBytes(of: whole) { small.copyMemory(from: $0.baseAddress!, byteCount: size) }
            small.storeBytes(of: UInt32(size), as: UInt32.self)
            let read: Value?
            do throws(PluginError) {
                read = try Value(loadVersioned(UnsafePointer(small.assumingMemoryBound(to: Value.CForm.self))))
            } catch {
                // A message without its direction is none.
                read = nil
            }
            if size == full { #expect(read == value) }
        }
        arena.end()
    }

    @Test func aSmallerStructIsReadAsFarAsItGoes() throws {
        let time = Timestamp(milliseconds: 7)
        try shrink(
            OutgoingRequest(
                phone: "p", text: "t", sim: "s", notBefore: time, idempotencyKey: "k", purpose: .promotion))
        try shrink(SendReceipt(uid: "u", isRepetition: true))
        try shrink(ConversationQuery(phone: "p", limit: 3, before: 4))
        let message = Message(
            uid: "u", direction: .inbound, phone: "p", content: "c", status: .read, timestamp: time)
        try shrink(ConversationPage(messages: [message, message], before: 5))
        try shrink(Self.contact)
        try shrink(
            ContactChange(
                phone: "p", name: .set("n"), notes: .clear, botPausedUntil: .set(time), assignee: .set("a"),
                isClosed: true))
        try shrink(CustomerQuery(phone: "p", purchases: 3))
        try shrink(Self.customer)
        try shrink(Self.customer.purchases[1])
        try shrink(Self.customer.purchases[1].items[1])
        try shrink(try #require(Self.customer.purchases[1].items[1].product))
        try shrink(KeyValueEntry(key: "k", value: [1], expiresAt: time))
        try shrink(KeyValueQuery(prefix: "p", after: "a", limit: 3))
        try shrink(HTTPRequest.Header("n", "v"))
        try shrink(HTTPRequest(method: "M", url: "u", headers: [.init("n", "v")], body: [1]))
        try shrink(HTTPResponse(status: 200, headers: [.init("n", "v")], body: [1]))
        try shrink(MetricSample(.gauge, name: "n", labels: ["a": "b"], value: 2))
    }
}
