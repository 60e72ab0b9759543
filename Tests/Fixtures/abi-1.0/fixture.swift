// A Swift plugin on the SDK as it was frozen. It must go on working for ever, so it is never changed. SDK and plugin are
// compiled as one module, so that one call of the compiler makes it: hence no `import PluginKit`.

struct FrozenSettings: Decodable {
    var word: String
}

struct FrozenPlugin: Responder, Notifier {
    static let info = PluginInfo(id: "frozen-swift", name: "Frozen", version: "1.0.0")
    let host: Host
    let word: String

    init(host: Host, settings: Settings) throws {
        self.host = host
        word = try settings.decode(FrozenSettings.self).word
    }

    func start() async throws { host.log(.notice, "started") }
    func stop() async { host.log(.notice, "stopped") }

    func notify(_ event: Event, context: CallContext) async throws { host.log(.notice, event.kind) }

    func respond(to text: InboundText, context: CallContext) async throws -> Decision {
        guard text.content == "all" else { return .decline(reason: word) }
        host.metrics.count("texts")
        let receipt = try await host.send(
            OutgoingRequest(phone: text.phone, text: word, idempotencyKey: text.uid, purpose: .notice))
        let page = try await host.conversation(with: text.phone, limit: 3)
        let contact = try await host.contact(for: text.phone)
        let changed = try await host.change(ContactChange(phone: text.phone, assignee: .set(word)))
        let customer = try await host.customer(for: text.phone, purchases: 1)
        try await host.keyValue.set(word, for: "k")
        let value = try await host.keyValue.text(for: "k")
        let keys = try await host.keyValue.keys()
        try await host.keyValue.remove("k")
        let response = try await host.http(HTTPRequest(url: "http://127.0.0.1:9/api"))
        let words: [String?] = [
            receipt.uid, page.messages.first?.content, contact.name, changed.assignee, customer?.name, value,
            keys.joined(separator: "+"), "\(response.status)", host.now.milliseconds > 0 ? host.instanceName : nil,
        ]
        return .reply(words.map { $0 ?? "-" }.joined(separator: " "), reason: word)
    }
}

@c @implementation public func conductor_plugin_entry() -> UnsafePointer<conductor_plugin>? {
    exportPlugin(FrozenPlugin.self)
}
