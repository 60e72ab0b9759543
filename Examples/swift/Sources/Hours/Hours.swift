import PluginKit

struct Hours: Responder {
    struct Options: Decodable { var answer: String }
    static let info = PluginInfo(id: "hours", name: "Opening hours", version: "1.0.0")
    let options: Options

    init(host: Host, settings: Settings) throws { options = try settings.decode() }

    func respond(to text: InboundText, context: CallContext) async throws -> Decision {
        text.content.lowercased().contains("open") ? .reply(options.answer) : .decline()
    }
}

@c @implementation public func conductor_plugin_entry() -> UnsafePointer<conductor_plugin>? { exportPlugin(Hours.self) }
