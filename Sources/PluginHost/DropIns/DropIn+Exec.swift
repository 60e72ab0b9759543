import Glibc
import Settings

extension DropIn {
    /// The bundled plugin that runs programs.
    static let programs = "exec"

    /// Which plugin a drop-in means, and its settings. `exec: [python3, bot.py]` is the plugin `exec`, whose settings are
    /// the program, its folder (the drop-in's), and the drop-in's own `settings:` as JSON text, handed on as they are.
    static func subject(
        of keys: ConfigurationMapping
    ) throws(ConfigurationError) -> (plugin: String, settings: ConfigurationNode?) {
        let settings = keys["settings"]
        if let settings {
            guard case .mapping = settings.content else { throw settings.error("must be a mapping of keys to values") }
        }
        let plugin = try keys["plugin"]?.string()
        if let node = keys["exec"] {
            if let plugin, plugin != programs {
                throw try keys.require("plugin").error("a drop-in has \"plugin\" or \"exec\", not both")
            }
            return (programs, try program(node, settings: settings))
        }
        let node = try keys.require("plugin")
        if let plugin, plugin.hasPrefix("exec:") {
            let words = plugin.dropFirst("exec:".count).split(separator: " ").joined(separator: ", ")
            throw node.error("write \"exec: [\(words)]\" in its place: the program, then its arguments")
        }
        guard plugin != programs else {
            throw node.error("\"exec\" needs the program too, as exec: [python3, bot.py]")
        }
        return (try node.string(), settings)
    }

    /// - Parameter node: a list of words, or a mapping with `command` and `format`.
    private static func program(
        _ node: ConfigurationNode, settings: ConfigurationNode?
    ) throws(ConfigurationError) -> ConfigurationNode {
        var (command, format) = (node, ConfigurationNode?.none)
        if case .mapping = node.content {
            let keys = try node.mapping(keys: ["command", "format"])
            command = try keys.require("command")
            format = keys["format"]
            _ = try format?.word(among: ["json", "text"])
        }
        var words: [ConfigurationNode] = []
        for word in try command.list() { words.append(word.text(try word.string())) }
        guard !words.isEmpty else {
            throw command.error("must name a program and its arguments, as [python3, bot.py]")
        }
        var entries = [("command", command.list(of: words))]
        if let format { entries.append(("format", format)) }
        entries.append(("folder", node.text(folder(of: node.file))))
        entries.append(("options", (settings ?? node).text(settings?.json ?? "{}")))
        return node.mapping(of: entries)
    }

    /// Absolute where it exists: a program's working folder.
    private static func folder(of file: String) -> String {
        let folder = file.lastIndex(of: "/").map { file[..<$0].isEmpty ? "/" : String(file[..<$0]) } ?? "."
        guard !folder.hasPrefix("/"), let path = realpath(folder, nil) else { return folder }
        defer { free(path) }
        return String(cString: path)
    }
}
