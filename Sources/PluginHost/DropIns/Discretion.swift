import PluginKit
import Settings

/// What the host does not pass on of a plugin's words: keys that are known by their look, and what the plugin's own
/// drop-in holds of secrets. A program that prints its settings when it fails is no reason to have them in the log (C1).
struct Discretion: Sendable, Hashable {
    /// The longest first: one may be the beginning of another.
    private let words: [String]

    /// Shorter ones are words of everyday texts.
    private static let leastLength = 6
    /// Last words of keys whose values are secret, as in `api_key` or `smtp-password`.
    private static let names: Set<String> = [
        "key", "apikey", "token", "secret", "password", "passwd", "passphrase", "pin", "credentials", "auth",
        "authorization", "bearer", "jwt", "webhook", "dsn",
    ]

    init(_ dropIn: DropIn) {
        var words = dropIn.grants.http.flatMap(\.secretParts)
        if case .mapping(let entries) = dropIn.root.content {
            for entry in entries {
                if entry.key == "settings" { words += Self.secrets(of: entry.value).map(\.value) }
                if entry.key == "exec" { words += Self.arguments(of: entry.value) }
            }
        }
        let forms = words.flatMap { $0.split(whereSeparator: \.isNewline).map(String.init) }
            .filter { $0.utf8.count >= Self.leastLength }.flatMap(Self.forms)
        self.words = Set(forms).sorted { ($0.utf8.count, $0) > ($1.utf8.count, $1) }
    }

    /// Hides nothing but what is known by its look.
    init() { words = [] }

    /// The text without secrets.
    func masked(_ text: String) -> String {
        var text = text
        for word in words {
            if text.contains(word) { text = text.replacing(word, with: SecretShapes.mask) }
            // Lines and messages that are too long are cut, perhaps within a secret.
            let part = stride(from: word.count - 1, through: Self.leastLength, by: -1)
                .first { text.hasSuffix(word.prefix($0)) }
            if let part { text = String(text.dropLast(part)) + SecretShapes.mask }
        }
        return SecretShapes.masked(text)
    }

    /// As it is, and as it stands in JSON, in a URL and in a header for log-ins.
    private static func forms(_ word: String) -> [String] {
        let bytes = Array(word.utf8)
        let json = word.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        let url = bytes.map { byte -> String in
            let letter = Character(UnicodeScalar(byte))
            if letter.isASCII, letter.isLetter || letter.isNumber || "-._~".contains(letter) { return String(letter) }
            return "%" + String(UInt16(byte) + 256, radix: 16, uppercase: true).dropFirst()
        }
        // What stands before it decides where its letters begin.
        let inBase64 = (0..<3).map { base64(Array(bytes.dropFirst($0))) }
        return [word, json, json.replacing("/", with: "\\/"), url.joined()] + inBase64
    }

    /// RFC 4648 §4, without the end that depends on what follows.
    private static func base64(_ bytes: [UInt8]) -> String {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        var text = ""
        for start in stride(from: 0, through: bytes.count - 3, by: 3) {
            let bits = Int(bytes[start]) << 16 | Int(bytes[start + 1]) << 8 | Int(bytes[start + 2])
            for shift in [18, 12, 6, 0] { text.append(letters[bits >> shift & 63]) }
        }
        return text
    }

    func masked(_ error: PluginError) -> PluginError {
        var error = error
        error.message = masked(error.message)
        return error
    }

    /// Values that stand in settings themselves though they are secret, by the path of their keys.
    static func secrets(of node: ConfigurationNode) -> [(path: String, value: String)] {
        var found: [(path: String, value: String)] = []
        func collect(_ node: ConfigurationNode, _ path: String, isSecret: Bool) {
            switch node.content {
            case .mapping(let entries):
                for entry in entries {
                    // Of a mapping below such a key, all is secret: `auth: {user: …, password: …}`.
                    var isOne = isSecretName(entry.key)
                    // The bare word may be the key of a mapping, or of an instrument.
                    if entry.key == "key", case .scalar(let text, _) = entry.value.content {
                        isOne = text.utf8.count >= 12
                    }
                    collect(
                        entry.value, path.isEmpty ? entry.key : "\(path).\(entry.key)",
                        isSecret: isSecret && !isPlace(entry.key) || isOne)
                }
            case .list(let nodes):
                for (index, element) in nodes.enumerated() { collect(element, "\(path)[\(index)]", isSecret: isSecret) }
            case .scalar(let text, _):
                if !node.isNull, isSecret || SecretShapes.areIn(text) { found.append((path, text)) }
            }
        }
        collect(node, "", isSecret: false)
        return found
    }

    /// Secrets among a program's arguments, as in `--token=…` or `--api-key …`.
    static func arguments(of exec: ConfigurationNode) -> [String] {
        var command = exec
        if case .mapping(let entries) = exec.content, let node = entries.first(where: { $0.key == "command" }) {
            command = node.value
        }
        guard case .list(let nodes) = command.content else { return [] }
        let words = nodes.compactMap { try? $0.string() }
        var found = words.filter(SecretShapes.areIn)
        for (index, word) in words.enumerated() where word.hasPrefix("-") {
            let parts = word.split(separator: "=", maxSplits: 1)
            guard let name = parts.first, isSecretName(String(name)) else { continue }
            if parts.count == 2 {
                found.append(String(parts[1]))
            } else if index + 1 < words.count, !words[index + 1].hasPrefix("-") {
                found.append(words[index + 1])
            }
        }
        return found
    }

    private static func parts(_ key: String) -> [Substring] {
        key.lowercased().split { !$0.isLetter && !$0.isNumber }
    }

    /// Whether the value of such a key is a secret.
    static func isSecretName(_ key: String) -> Bool {
        parts(key).last.map { names.contains(String($0)) } ?? false || parts(key).first == "webhook" && !isPlace(key)
    }

    /// The key says where the secret is, and not what it is.
    private static func isPlace(_ key: String) -> Bool {
        parts(key).last.map { ["file", "env", "path", "id", "user"].contains($0) } ?? false
    }
}
