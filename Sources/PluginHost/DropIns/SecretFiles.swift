import Settings

/// The files that a drop-in's settings name by keys that end in `_file`: a changed secret is a changed plugin.
struct SecretFiles: Sendable {
    /// Absolute, in the order of the settings.
    let paths: [String]

    /// - Parameter baseFolder: absolute; relative paths are meant from there, as the plugin's own are.
    init(_ dropIn: DropIn, baseFolder: String) {
        var paths: [String] = []
        func collect(_ node: ConfigurationNode) {
            switch node.content {
            case .mapping(let entries):
                for entry in entries {
                    if entry.key.hasSuffix("_file"), let path = try? entry.value.string(), !path.isEmpty {
                        paths.append(path.hasPrefix("/") ? path : baseFolder + "/" + path)
                    } else {
                        collect(entry.value)
                    }
                }
            case .list(let nodes): nodes.forEach(collect)
            case .scalar: break
            }
        }
        if case .mapping(let entries) = dropIn.root.content,
            let settings = entries.first(where: { $0.key == "settings" })
        {
            collect(settings.value)
        }
        self.paths = paths
    }

    /// Changes when one of the files does: by time and size, so that no secret is read for it.
    var stamp: String {
        paths.map { path in "\(path) \(FileStamp(path).map { "\($0)" } ?? "is not there")" }.joined(separator: "\n")
    }
}
