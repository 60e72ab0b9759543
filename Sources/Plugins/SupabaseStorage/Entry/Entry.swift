public import PluginKit
internal import SupabaseStorage

/// The one symbol this library exports.
@c @implementation public func conductor_plugin_entry() -> UnsafePointer<conductor_plugin>? {
    exportPlugin(SupabaseMessages.self)
}
