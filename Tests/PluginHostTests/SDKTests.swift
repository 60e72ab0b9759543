import CPluginABI
import Foundation
import PluginKit
import Settings
import Synchronization
import Testing

@testable import PluginHost

/// A Swift plugin of all kinds, exported by this very process: both ends of the ABI without a library between.
struct Everything: PluginKit.Storage, Responder, Notifier {
    static let info = PluginInfo(id: "everything", name: "Everything", version: "1.0.0")
    static let seen = Mutex<[String]>([])
    /// What it does with its host when it is asked "ask".
    static let asking = Mutex(Asking())
    let host: PluginKit.Host
    let rows = Rows()

    /// A struct, since a bare closure in a `Mutex` is wrapped again by every look at it.
    struct Asking: Sendable {
        var run: @Sendable (PluginKit.Host) async throws -> String = { _ in "" }
    }

    final class Rows: Sendable { let list = Mutex<[Message]>([]) }

    init(host: PluginKit.Host, settings: PluginKit.Settings) throws {
        try settings.check(keys: ["colour"])
        self.host = host
    }

    func respond(to text: InboundText, context: CallContext) async throws -> Decision {
        switch text.content {
        case "wait":
            try await Task.sleep(for: .seconds(3600))
            return .decline()
        case "ask": return .reply(try await Self.asking.withLock { $0 }.run(host))
        case "fail": throw PluginError(.unavailable, "later", retryAfterMilliseconds: 1500)
        case "strange": throw CocoaError(.fileNoSuchFile)
        default:
            return Decision(kind: .draft, text: text.content, reason: "\(text.incomplete)", costMicros: 7)
        }
    }

    func notify(_ event: Event, context: CallContext) async throws {
        Self.seen.withLock { $0.append("\(event)") }
        host.storageChanged()
    }

    func put(_ messages: [Message], context: CallContext) async throws { rows.list.withLock { $0 += messages } }

    func exchange(_ request: ExchangeRequest, context: CallContext) async throws -> ExchangeReply {
        Self.seen.withLock { $0.append("\(request)") }
        return ExchangeReply(
            started: request.starting.map { $0.storageID % 2 == 0 }, claimed: rows.list.withLock { $0 },
            nextDueMilliseconds: 5)
    }

    func owned(by gateway: String, context: CallContext) async throws -> [Message] {
        gateway == "g" ? rows.list.withLock { $0 } : []
    }

    func messages(_ query: MessageQuery, context: CallContext) async throws -> [Message] {
        Self.seen.withLock { $0.append("\(query)") }
        return rows.list.withLock { $0 }
    }

    func change(_ change: MessageChange, context: CallContext) async throws -> Bool { change.kind == .requeue }

    func recordConsent(_ events: [ConsentEvent], context: CallContext) async throws {
        Self.seen.withLock { $0.append("\(events)") }
    }

    func health(context: CallContext) async throws -> StorageHealth {
        StorageHealth(location: "here", rows: Int64(rows.list.withLock { $0.count }), bytes: 9, quotaBytes: 10)
    }

    func sizes(context: CallContext) async throws -> [StorageTable] {
        [StorageTable(name: "messages", rows: 502, bytes: 8), StorageTable(name: "é", rows: 1)]
    }
}

@Suite(.timeLimit(.minutes(2)))
struct SDKTests {
    private let services = RecordingServices()

    private func plugin(_ yaml: String = "plugin: x\n") async throws -> HostedPlugin {
        let descriptor = try #require(exportPlugin(Everything.self))
        #expect(exportPlugin(Everything.self) == descriptor)
        let plugin = try await HostedPlugin.create(
            try PluginLibrary(descriptor),
            dropIn: try DropIn.parse(try ConfigurationNode.parse(yaml, file: "f"), fileName: "10-all.yaml"),
            baseFolder: "/", services: services)
        try await plugin.start()
        return plugin
    }

    private static let bare = Message(
        uid: nil, direction: .outbound, phone: "1", content: "", status: .queued,
        timestamp: Timestamp(milliseconds: -1))
    private static let full = Message(
        uid: "u", storageID: -7, direction: .inbound, phone: "2", content: "a\u{0}b 😀", status: .unread,
        deliveryStatus: .optedOut, errorCode: "", errorMessage: "e", timestamp: Timestamp(milliseconds: 1),
        modemTimestamp: Timestamp(milliseconds: 0), modemUTCOffset: -420, modemIndex: 0, messageHash: "h",
        retryCount: 3, lastRetryAt: Timestamp(milliseconds: 4), notBefore: Timestamp(milliseconds: 5), sim: "s",
        parts: 255, incomplete: true, possibleDuplicate: true, answers: "q", origin: "o")

    @Test func everyFieldCrossesBothWays() async throws {
        let plugin = try await plugin()
        #expect(plugin.capabilities == ["storage", "responder", "notifier"])
        let storage = StorageHandle(name: "s", plugin: plugin)
        let rows =
            [Self.bare, Self.full]
            + (0..<500).map { index in
                var row = Self.full
                row.content = String(repeating: "é", count: index)
                return row
            }
        try await storage.put(rows)
        let request = ExchangeRequest(
            gateway: "g",
            finished: [
                .init(uid: nil, storageID: 4, status: .failed),
                .init(
                    uid: "u", storageID: nil, status: .sent, deliveryStatus: .held, errorCode: "c", errorMessage: "m",
                    modemTimestamp: Timestamp(milliseconds: 9), notBefore: Timestamp(milliseconds: 0), sim: "s",
                    parts: 2),
            ], starting: [.init(storageID: 1, uid: "a"), .init(storageID: 2, uid: "b")], want: 9,
            leaseMilliseconds: 10, maxAgeMilliseconds: 11)
        let reply = try await storage.exchange(request)
        #expect(reply == ExchangeReply(started: [false, true], claimed: rows, nextDueMilliseconds: 5))
        let query = MessageQuery(
            uid: "u", direction: .inbound, status: .read, deliveryStatus: .held, phone: "", cursor: 0,
            oldestFirst: true,
            limit: 3)
        #expect(try await storage.messages(query) == rows)
        #expect(try await storage.messages(MessageQuery()) == rows)
        #expect(try await storage.owned(by: "g") == rows)
        #expect(try await storage.owned(by: "other") == [])
        #expect(try await storage.change(MessageChange(storageID: 1, kind: .requeue)))
        #expect(try await !storage.change(MessageChange(storageID: 1, kind: .markRead)))
        let consent = [
            ConsentEvent(uid: "u", phone: "p", action: .in, at: Timestamp(milliseconds: 3), source: "sms"),
            ConsentEvent(
                uid: "v", phone: "p", action: .out, at: Timestamp(milliseconds: 4), source: "cli", messageUID: "m"),
        ]
        try await storage.recordConsent(consent)
        #expect(try await storage.health() == StorageHealth(location: "here", rows: 502, bytes: 9, quotaBytes: 10))
        #expect(
            try await storage.sizes()
                == [StorageTable(name: "messages", rows: 502, bytes: 8), StorageTable(name: "é", rows: 1)])
        let event = Event(id: "i", kind: "k", at: Timestamp(milliseconds: 8), json: "{}")
        try await NotifierHandle(name: "n", plugin: plugin).notify(event)
        let seen = Everything.seen.withLock { $0 }
        for value in ["\(request)", "\(query)", "\(MessageQuery())", "\(consent)", "\(event)"] {
            #expect(seen.contains(value))
        }
        #expect(services.changes.withLock { $0 } == 1)
        #expect(await plugin.stop() == nil)
    }

    @Test func anErrorCrossesAsClassTextAndDelay() async throws {
        let plugin = try await plugin()
        let responder = ResponderHandle(name: "r", plugin: plugin)
        await #expect(throws: PluginError(.unavailable, "later", retryAfterMilliseconds: 1500)) {
            try await responder.respond(to: text("fail"))
        }
        await #expect {
            try await responder.respond(to: text("strange"))
        } throws: {
            ($0 as? PluginError)?.code == .internal
        }
        #expect(try await responder.respond(to: text("x")).costMicros == 7)
        #expect(await plugin.stop() == nil)
        await #expect(throws: PluginError(.unavailable, "the plugin 10-all is not running")) {
            try await responder.respond(to: text("x"))
        }
    }

    @Test func aWrongSettingIsRefusedByCreate() async throws {
        await #expect(
            throws: PluginError(.invalid, "settings.color: unknown key (did you mean \"colour\"?)")
        ) { try await plugin("plugin: x\nsettings: {color: red}\n") }
    }

    @Test func aStormOfCancellationsEndsEveryCallOnce() async throws {
        let plugin = try await plugin("plugin: x\ndeadline_ms: 60000\n")
        let responder = ResponderHandle(name: "r", plugin: plugin)
        let codes = await withTaskGroup(of: PluginError.Code?.self) { group in
            for index in 0..<20_000 {
                let task = Task { () -> PluginError.Code? in
                    do throws(PluginError) {
                        _ = try await responder.respond(to: text("wait"))
                        return nil
                    } catch { return error.code }
                }
                if index % 2 == 0 { task.cancel() }
                group.addTask {
                    task.cancel()
                    return await task.value
                }
            }
            return await group.reduce(into: [PluginError.Code?: Int]()) { $0[$1, default: 0] += 1 }
        }
        #expect(codes == [.cancelled: 20_000])
        #expect(plugin.counters.strays.load(ordering: .relaxed) == 0)
        #expect(plugin.counters.deadlines.load(ordering: .relaxed) == 0)
        #expect(await plugin.stop() == nil)
    }

    @Test func aSmallerStructOfAnOlderPeerIsNotReadPastItsEnd() throws {
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let pages = try #require(
            mmap(nil, page * 2, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))
        defer { munmap(pages, page * 2) }
        mprotect(pages + page, page, PROT_NONE)
        let size = try #require(MemoryLayout<conductor_message>.offset(of: \.error_code))
        var arena = Arena()
        var whole = Self.full.cForm(in: &arena)
        whole.struct_size = UInt32(size)
        let small = pages + page - size
        withUnsafeBytes(of: whole) { small.copyMemory(from: $0.baseAddress!, byteCount: size) }
        let message = try Message(loadVersioned(UnsafePointer(small.assumingMemoryBound(to: conductor_message.self))))
        #expect(message.uid == "u" && message.modemUTCOffset == -420 && message.origin == nil)
        arena.end()
    }
}
