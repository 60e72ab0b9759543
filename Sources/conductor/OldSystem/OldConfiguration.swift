import Settings

/// `config.json` of the system before this one, as far as it means something here.
struct OldConfiguration: Sendable {
    var usesSupabase = false
    var supabaseURL: String?
    /// Never shown.
    var supabaseKey: String?
    var port: String?
    var attempts: Int?
    /// Keys that nothing became of, as `modem.baudrate`.
    var left: [String] = []

    /// JSON is YAML, so that what is wrong has its place.
    init(file: String) throws(ConfigurationError) {
        let root = try ConfigurationNode.read(file: file)
        for (name, node) in try Self.entries(root) {
            for (key, value) in try Self.entries(node) { try take("\(name).\(key)", value) }
        }
    }

    private static func entries(_ node: ConfigurationNode) throws(ConfigurationError) -> [(String, ConfigurationNode)] {
        guard case .mapping(let entries) = node.content else {
            throw node.error("must be a mapping of keys to values, as in the old system's config.json")
        }
        return entries.map { ($0.key, $0.value) }
    }

    private mutating func take(_ key: String, _ value: ConfigurationNode) throws(ConfigurationError) {
        if value.isNull { return }
        switch key {
        case "database.use_supabase": usesSupabase = try value.bool()
        case "database.supabase_url": supabaseURL = try value.string()
        case "database.supabase_key": supabaseKey = try value.string()
        case "modem.port": port = try value.string()
        case "retry.max_retries": attempts = try value.integer(in: 0...99) + 1
        default: left.append(key)
        }
    }

    // MARK: What becomes of it

    /// - Parameter pluginsFolder: absolute.
    func yaml(pluginsFolder: String) -> String {
        var lines = ["# Made from config.json. Everything that can be set: docs/configuration.md.", "gateway:"]
        lines.append("  plugins_dir: \(Self.quoted(pluginsFolder))")
        if let port {
            lines += [
                "", "# The modem is found by itself; a port is named only where it must be this one.",
                "#modems:", "#  - match: {port: \(Self.quoted(port))}",
            ]
        }
        if let attempts { lines += ["", "policy:", "  max_attempts: \(attempts)"] }
        return lines.joined(separator: "\n") + "\n"
    }

    static func sqliteDropIn(isEnabled: Bool) -> String {
        """
        # Texts are kept in one SQLite file. Exactly one storage may be enabled.
        plugin: sqlite
        enabled: \(isEnabled)
        settings:
          path: messages.db

        """
    }

    /// - Parameter keyFile: absolute.
    func supabaseDropIn(keyFile: String, url: String) -> String {
        """
        # Texts are kept in a Supabase project. Exactly one storage may be enabled.
        plugin: supabase
        enabled: \(usesSupabase)
        settings:
          url: \(Self.quoted(url))
          key_file: \(Self.quoted(keyFile))

        """
    }

    /// As a double-quoted scalar.
    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\\(scalar)"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F: result += " "
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
