public import PluginKit

/// What the gateway does for plugins. Called from any thread of any plugin, at once and often. `plugin` is the name of
/// the drop-in, as `20-auto-reply`.
///
/// The three that are not async must not block, and never fail.
public protocol HostServices: Sendable {
    /// A line for the log.
    func log(plugin: String, level: PluginLogLevel, message: String)
    /// The storage says that somebody else changed rows.
    func storageChanged(plugin: String)
    /// A figure for `/metrics`.
    func metric(plugin: String, sample: MetricSample)
    /// Does what is asked, and answers with the case of `ServiceReply` that belongs to the request. Cancelling the task
    /// gives up.
    ///
    /// - Throws: `.invalid` when the request is wrong, `.conflict` when consent or a limit forbids it, `.unsupported`
    ///   when this gateway cannot do it, `.unavailable` when it cannot now, `.cancelled`.
    @concurrent
    func serve(_ request: ServiceRequest, plugin: String) async throws(PluginError) -> ServiceReply
}
