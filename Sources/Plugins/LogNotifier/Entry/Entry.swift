internal import LogNotifier
public import PluginKit

/// The one symbol this library exports.
@c @implementation public func conductor_plugin_entry() -> UnsafePointer<conductor_plugin>? {
    exportPlugin(EventLog.self)
}
