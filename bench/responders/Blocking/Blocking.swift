public import CPluginABI
import Glibc
import PluginKit

/// What a plugin does to its host that blocks: a text `block` keeps one of its own threads for half a second. Any other
/// is answered at once, from a thread of its own.
final class Blocking: Responder {
    static let info = PluginInfo(id: "bench-blocking", name: "Measured: blocks", version: "0")

    init(host: Host, settings: Settings) throws {}

    func respond(to text: InboundText, context: CallContext) async throws -> Decision {
        if text.content == "block" { usleep(500_000) }
        return .reply(text.content, reason: "always")
    }
}

@c @implementation public func conductor_plugin_entry() -> UnsafePointer<conductor_plugin>? {
    exportPlugin(Blocking.self)
}
