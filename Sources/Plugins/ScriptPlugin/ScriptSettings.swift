import PluginKit

/// How the program's lines look.
enum LineFormat: String, Sendable, Decodable {
    /// Requests and answers are JSON objects (plugins.d/exec.schema.json).
    case json
    /// A request is `NUMBER<TAB>TEXT`, its answer one line of text; an empty one declines. Texts only, in their order.
    case text
}

/// What the host makes of a drop-in's `exec:` and `settings:`.
struct ScriptSettings: Sendable {
    /// The program and its arguments; never empty.
    let command: [String]
    /// Absolute; the program's working folder, that of the drop-in.
    let folder: String
    let format: LineFormat
    /// A JSON object: the drop-in's own `settings:`, handed to the program in its `hello`.
    let options: String

    private struct Keys: Decodable {
        var command: [String]
        var folder: String?
        var format: LineFormat?
        /// JSON as text, because the program's settings are none of ours.
        var options: String?
    }

    init(_ settings: Settings, host: Host) throws(PluginError) {
        let keys = try settings.decode(Keys.self)
        guard let program = keys.command.first, !program.isEmpty else {
            throw PluginError(.invalid, "exec: must be a list of the program and its arguments, as [python3, bot.py]")
        }
        guard !keys.command.contains(where: { $0.utf8.contains(0) }) else {
            throw PluginError(.invalid, "exec: an argument holds a NUL")
        }
        command = keys.command
        folder = host.resolve(path: keys.folder ?? ".")
        format = keys.format ?? .json
        options = keys.options ?? "{}"
    }

    init(command: [String], folder: String, format: LineFormat = .json, options: String = "{}") {
        (self.command, self.folder, self.format, self.options) = (command, folder, format, options)
    }

    /// The program as people know it: `bot.py` of `[python3, bot.py]`.
    var name: String {
        let script = command.count > 1 && !command[1].hasPrefix("-") ? command[1] : command[0]
        return String(script.split(separator: "/").last ?? "the program")
    }
}
