internal import AutoReply
public import PluginKit

/// The one symbol this library exports.
@c @implementation public func conductor_plugin_entry() -> UnsafePointer<conductor_plugin>? {
    exportPlugin(AutoResponder.self)
}
