import PluginKit
import Settings

/// Where a drop-in has secrets, for whoever looks whether others may read them. The secrets themselves are not in it.
public struct DropInSecrets: Sendable {
    /// A file with one secret.
    public struct File: Sendable, Hashable {
        /// `key_file`.
        public let setting: String
        /// As written: relative paths are meant from the gateway's state folder. Empty when the secret itself stands there.
        public let path: String
        /// It is the key that a project gives to everybody.
        public let isPublic: Bool

        /// Somebody wrote the secret where the name of its file was meant.
        public var isSecretItself: Bool { path.isEmpty }
    }

    /// In the order of the settings.
    public let files: [File]
    /// Settings that hold a secret themselves, as `settings.api_key`.
    public let inline: [String]
    /// The program gets a secret as one of its arguments.
    public let isInArguments: Bool

    init(_ root: ConfigurationNode) {
        guard case .mapping(let entries) = root.content else {
            (files, inline, isInArguments) = ([], [], false)
            return
        }
        let settings = entries.first { $0.key == "settings" }?.value
        files = settings.map(Self.files) ?? []
        inline = settings.map(Discretion.secrets)?.map { "settings." + $0.path } ?? []
        isInArguments = entries.first { $0.key == "exec" }.map { !Discretion.arguments(of: $0.value).isEmpty } ?? false
    }

    private static func files(_ node: ConfigurationNode) -> [File] {
        switch node.content {
        case .scalar: return []
        case .list(let nodes): return nodes.flatMap(files)
        case .mapping(let entries):
            return entries.flatMap { entry -> [File] in
                guard entry.key.hasSuffix("_file"), let path = try? entry.value.string() else {
                    return files(entry.value)
                }
                let name = String(entry.key.dropLast("_file".count))
                guard Discretion.isSecretName(name) else { return [] }
                let isPublic = ["anon", "public", "publishable"].contains { name.hasPrefix($0 + "_") }
                let isSecret = SecretShapes.isSecretInPlaceOfFile(path)
                return [File(setting: entry.key, path: isSecret ? "" : path, isPublic: isPublic)]
            }
        }
    }
}
