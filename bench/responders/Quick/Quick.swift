public import CPluginABI
import PluginKit

/// What a call itself costs: answers at once, on the caller's thread.
final class Quick: Responder {
    static let info = PluginInfo(id: "bench-quick", name: "Measured: answers at once", version: "0")
    static let execution = Execution.inline

    init(host: Host, settings: Settings) throws {}

    func respond(to text: InboundText, context: CallContext) async throws -> Decision {
        .reply(text.content, reason: "always")
    }
}

@c @implementation public func conductor_plugin_entry() -> UnsafePointer<conductor_plugin>? {
    exportPlugin(Quick.self)
}
