public import Settings

/// What one file of plugins.d says, for whoever looks at the folder from outside.
public struct DropInSummary: Sendable {
    /// `10-sqlite.yaml`.
    public let fileName: String
    /// A bundled name, the path of a library, or `exec` for a program; nil when the file cannot be read.
    public let plugin: String?
    public let isEnabled: Bool
    /// Why the file is refused, with its place; nil when it is right.
    public let problem: String?
    /// Why its library is not where it should be.
    public let libraryProblem: String?
    /// As written; nil without any.
    public let settings: ConfigurationNode?
    /// Where it has secrets.
    public let secrets: DropInSecrets

    /// The drop-ins of a folder in their order; none when it cannot be read. Nothing is loaded.
    ///
    /// - Parameter searchPath: folders with bundled plugins.
    public static func all(in folder: String, searchPath: [String]) -> [DropInSummary] {
        let configuration = PluginHost.Configuration(
            pluginsFolder: folder, copiesFolder: folder, searchPath: searchPath, baseFolder: folder)
        return ((try? DropInFolder.names(in: folder)) ?? []).map { name in
            let root = try? ConfigurationNode.read(file: "\(folder)/\(name)")
            // A file that is refused has its secrets all the same.
            let secrets = DropInSecrets(root ?? ConfigurationNode.nothing(in: name))
            do throws(ConfigurationError) {
                let dropIn = try DropIn.read("\(folder)/\(name)", fileName: name)
                var missing: String?
                if dropIn.plugin != DropIn.programs {
                    do throws(LoadFailure) {
                        missing = access(try configuration.locate(dropIn.plugin))
                    } catch {
                        missing = error.description
                    }
                }
                return DropInSummary(
                    fileName: name, plugin: dropIn.plugin, isEnabled: dropIn.isEnabled, problem: nil,
                    libraryProblem: missing, settings: dropIn.settings, secrets: secrets)
            } catch {
                return DropInSummary(
                    fileName: name, plugin: nil, isEnabled: true, problem: error.description, libraryProblem: nil,
                    settings: nil, secrets: secrets)
            }
        }
    }

    /// One setting that is a single word; nil when it is not given.
    public func setting(_ key: String) -> String? {
        guard case .mapping(let entries)? = settings?.content else { return nil }
        return entries.first { $0.key == key }.flatMap { try? $0.value.string() }
    }

    private static func access(_ path: String) -> String? {
        PrivateFile.isReadable(path) ? nil : "\(path) cannot be read"
    }
}
