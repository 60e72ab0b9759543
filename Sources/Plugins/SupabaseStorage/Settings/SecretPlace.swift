internal import Glibc
internal import PluginKit

/// Where a secret is kept: never in a drop-in, which is copied, shown and put into version control.
enum SecretPlace: Sendable, Hashable {
    case file(String)
    /// Name of an environment variable.
    case variable(String)

    static let inlineRefusal =
        "a key does not belong into a drop-in: write it into a file that only the gateway's user may read (mode 0600), name "
        + "that file in `key_file`, and have a new key made, since this one was readable"

    private static let longestSecret = 16_384

    /// - Throws: `.invalid` unless exactly one is given.
    init(file: String?, variable: String?) throws(PluginError) {
        switch (file, variable) {
        case (.some(let path), nil):
            try Self.refuseInline(path, key: "key_file")
            self = .file(path)
        case (nil, .some(let name)):
            try Self.refuseInline(name, key: "key_env")
            self = .variable(name)
        case (nil, nil):
            throw PluginError(
                .invalid, "settings.key_file: name the file that holds the project's key (or, in `key_env`, a variable)"
            )
        case (.some, .some):
            throw PluginError(.invalid, "settings.key_env: there is a key_file, too; only one of the two can be meant")
        }
    }

    /// Refuses a key where its place should be named, without repeating it.
    static func refuseInline(_ text: String, key: String) throws(PluginError) {
        guard SecretShapes.isSecretInPlaceOfFile(text) else { return }
        throw PluginError(.invalid, "settings.\(key): " + inlineRefusal)
    }

    /// Reads the secret; blocks for a moment.
    ///
    /// - Throws: `.invalid` with the key of the setting and never with anything that was read.
    func read(host: Host) throws(PluginError) -> String {
        switch self {
        case .file(let path): return try Self.read(file: path, setting: "key_file", host: host)
        case .variable(let name):
            guard let value = getenv(name) else {
                throw PluginError(
                    .invalid,
                    "settings.key_env: there is no variable \(name) in the gateway's environment (a plugin in a worker "
                        + "has none of them: use key_file there)")
            }
            return try Self.clean(String(cString: value), setting: "key_env")
        }
    }

    /// See `read(host:)`.
    static func read(file path: String, setting: String, host: Host) throws(PluginError) -> String {
        let path = host.resolve(path: path)
        guard let file = fopen(path, "re") else {
            let why = String(cString: strerror(errno))
            throw PluginError(.invalid, "settings.\(setting): \(path) cannot be read (\(why))")
        }
        defer { fclose(file) }
        var facts = stat()
        guard fstat(fileno(file), &facts) == 0, facts.st_mode & S_IFMT != S_IFDIR else {
            throw PluginError(.invalid, "settings.\(setting): \(path) is a folder: name the file in it")
        }
        if facts.st_mode & 0o077 != 0 {
            host.log(.warning, "others may read the secret \(path): chmod 600 \(path)")
        }
        var bytes = [UInt8](repeating: 0, count: longestSecret)
        let count = fread(&bytes, 1, bytes.count, file)
        return try clean(String(decoding: bytes.prefix(count), as: UTF8.self), setting: setting)
    }

    private static func clean(_ text: String, setting: String) throws(PluginError) -> String {
        let isBlank: (Character) -> Bool = { $0.isWhitespace || $0 == "\u{FEFF}" }
        var text = text.drop(while: isBlank)
        while let last = text.last, isBlank(last) { text.removeLast() }
        guard !text.isEmpty else { throw PluginError(.invalid, "settings.\(setting): what it names is empty") }
        // It goes into a header.
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw PluginError(
                .invalid, "settings.\(setting): what it names holds more than a key: nothing else may be in it")
        }
        return String(text)
    }
}
