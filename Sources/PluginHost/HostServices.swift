public import PluginKit

/// What the gateway does for plugins. Called from any thread of any plugin, at once and often: must not block.
public protocol HostServices: Sendable {
    /// A line for the log, from the drop-in of that name.
    func log(plugin: String, level: PluginLogLevel, message: String)
    /// The storage says that somebody else changed rows.
    func storageChanged(plugin: String)
}
