import PluginKit
import Settings

/// One file of plugins.d.
struct DropIn: Sendable {
    static let defaultDeadline = Duration.seconds(10)

    /// `10-sqlite.yaml`.
    let fileName: String
    /// A bundled name, or the path of a library.
    let plugin: String
    let isEnabled: Bool
    let isolation: PluginState.Isolation
    let deadline: Duration
    let grants: Grants
    let settings: ConfigurationNode?
    /// The whole file, to find the place of what is wrong.
    let root: ConfigurationNode

    /// Bundled plugins run in the host; a library that somebody brought runs apart, and so do programs.
    static func usualIsolation(of plugin: String) -> PluginState.Isolation {
        plugin.contains("/") || plugin.hasSuffix(".so") || plugin == programs ? .process : .inproc
    }

    /// The key that names the plugin: `plugin`, or `exec` for a program.
    var subject: String { plugin == Self.programs ? "exec" : "plugin" }

    /// `10-sqlite`.
    var name: String { Self.stem(of: fileName) }

    static func stem(of fileName: String) -> String {
        String(fileName.prefix(upTo: fileName.lastIndex(of: ".") ?? fileName.endIndex))
    }

    /// Reads a drop-in strictly.
    static func read(_ path: String, fileName: String) throws(ConfigurationError) -> DropIn {
        try parse(try ConfigurationNode.read(file: path), fileName: fileName)
    }

    static func parse(_ root: ConfigurationNode, fileName: String) throws(ConfigurationError) -> DropIn {
        let keys = try root.mapping(
            keys: ["plugin", "exec", "enabled", "isolation", "deadline_ms", "grants", "settings"])
        let (plugin, settings) = try subject(of: keys)
        let isEnabled = try keys["enabled"]?.bool() ?? true
        var isolation = Self.usualIsolation(of: plugin)
        if let node = keys["isolation"] {
            isolation = try node.word(among: ["inproc", "process"]) == "process" ? .process : .inproc
        }
        var deadline = defaultDeadline
        if let node = keys["deadline_ms"] { deadline = .milliseconds(try node.integer(in: 1...600_000)) }
        var grants = Grants.standard
        if let node = keys["grants"] { grants = try Grants.parse(node) }
        return DropIn(
            fileName: fileName, plugin: plugin, isEnabled: isEnabled, isolation: isolation, deadline: deadline,
            grants: grants, settings: settings, root: root)
    }

    /// What a plugin failed with, at the place of the key that its message begins with, else of `plugin`.
    func place(_ error: PluginError, doing what: String = "") -> ConfigurationError {
        let path = error.message.prefix { $0 != ":" }
        let isPath = path == "settings" || path.hasPrefix("settings.")
        let node = root.nearest(to: isPath ? String(path) : subject)
        let message = isPath ? error.message : "\(plugin): \(what)\(error.message)"
        return ConfigurationError(
            file: root.file, line: node.line, column: node.column, message: Discretion(self).masked(message))
    }
}
