import PluginKit
import Settings

/// What a drop-in lets its plugin do, and how far. In YAML a list of words, and of mappings with one key that say how far:
///
///     grants: [log, kv, conversation, {send: {per_hour: 20}}, {http: ["https://api.example.com/v1/"]}]
struct Grants: Sendable, Hashable {
    /// About whom a plugin may ask.
    enum Numbers: String, Sendable, Hashable {
        /// Only the person whose text it is asked about at that moment (C2).
        case asked
        case any
    }

    /// Folders and files that a plugin in a worker may open, as the drop-in writes them.
    struct Files: Sendable, Hashable {
        var read: [String] = []
        /// Reading included.
        var write: [String] = []

        /// All of them absolute; relative ones are meant from `baseFolder`.
        func resolved(from baseFolder: String) -> Files {
            func resolve(_ path: String) -> String { path.hasPrefix("/") ? path : baseFolder + "/" + path }
            return Files(read: read.map(resolve), write: write.map(resolve))
        }
    }

    /// What a drop-in without `grants` gives: nothing that leaves the machine, costs money or tells of people.
    static let standard = Grants(words: ["clock", "kv", "log", "metrics", "storage_events"])

    /// Services that are handed out to the plugin at all: all that a worker must know.
    var words: Set<String> = []
    /// Texts an hour: `send`.
    var sendsPerHour = 60
    var conversation = Numbers.asked
    var contact = Numbers.asked
    var crm = Numbers.asked
    /// URLs that begin with one of these: `http`.
    var http: [URLPrefix] = []
    var files = Files()
    /// A plugin in a worker may open sockets of its own.
    var network = false

    private static let bare = [
        "clock", "contact", "conversation", "crm", "kv", "log", "metrics", "network", "send", "storage_events",
    ]
    private static let all = bare + ["files", "http"]

    /// Reads the list strictly.
    static func parse(_ node: ConfigurationNode) throws(ConfigurationError) -> Grants {
        var grants = Grants()
        var seen: Set<String> = []
        for element in try node.list() {
            let (word, extent) = try one(element)
            guard seen.insert(word).inserted else { throw element.error("\"\(word)\" is granted twice") }
            try grants.add(word, extent, at: element)
        }
        return grants
    }

    /// A word alone, or the only key of a mapping with its value.
    private static func one(_ element: ConfigurationNode) throws(ConfigurationError) -> (String, ConfigurationNode?) {
        if case .mapping(let entries) = element.content {
            guard entries.count == 1, let entry = entries.first else {
                throw element.error("must be a word, or a mapping with one key, as {send: {per_hour: 20}}")
            }
            guard all.contains(entry.key) else { throw unknown(entry.key, entry.value) }
            return (entry.key, entry.value)
        }
        let word = try element.string()
        guard all.contains(word) else { throw unknown(word, element) }
        return (word, nil)
    }

    private static func unknown(_ word: String, _ node: ConfigurationNode) -> ConfigurationError {
        node.error("there is nothing \"\(word)\" to grant" + NearestName.hint(for: word, among: all))
    }

    private mutating func add(
        _ word: String, _ extent: ConfigurationNode?, at element: ConfigurationNode
    ) throws(ConfigurationError) {
        switch (word, extent) {
        case ("http", let extent?):
            http = []
            for node in try extent.list() {
                guard let prefix = URLPrefix(try node.string()) else {
                    throw node.error("must be the beginning of a URL, as https://api.example.com/v1/")
                }
                http.append(prefix)
            }
            guard !http.isEmpty else { throw extent.error("must name at least one URL") }
        case ("http", nil):
            throw element.error("must say which URLs: write {http: [\"https://api.example.com/\"]}")
        case ("files", let extent?):
            let keys = try extent.mapping(keys: ["read", "write"])
            files.read = try Self.paths(keys["read"])
            files.write = try Self.paths(keys["write"])
            return
        case ("files", nil):
            throw element.error("must say which: write {files: {read: [/etc/bot], write: [bot-state]}}")
        case ("network", nil):
            network = true
            return
        case ("send", let extent?):
            sendsPerHour = try extent.mapping(keys: ["per_hour"]).require("per_hour").integer(in: 1...100_000)
        case ("conversation", let extent?): conversation = try Self.numbers(extent)
        case ("contact", let extent?): contact = try Self.numbers(extent)
        case ("crm", let extent?): crm = try Self.numbers(extent)
        case (_, let extent?): throw extent.error("\"\(word)\" takes nothing more: write the word alone")
        case (_, nil): break
        }
        words.insert(word)
    }

    private static func numbers(_ extent: ConfigurationNode) throws(ConfigurationError) -> Numbers {
        let word = try extent.mapping(keys: ["numbers"]).require("numbers").word(among: ["any", "asked"])
        return Numbers(rawValue: word) ?? .asked
    }

    private static func paths(_ node: ConfigurationNode?) throws(ConfigurationError) -> [String] {
        var paths: [String] = []
        for element in try node?.list() ?? [] {
            let path = try element.string()
            guard !path.split(separator: "/").contains("..") else { throw element.error("must not contain \"..\"") }
            paths.append(path)
        }
        return paths
    }
}
