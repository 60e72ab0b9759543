import PluginKit
import Settings

/// A drop-in whose plugin is a storage and that does not serve: another one does, or none.
public struct IdleStorage: Sendable {
    /// To open it by: `PluginHost.standby`.
    public let file: DropInFile
    /// As the drop-in names the plugin.
    public let plugin: String
    public let isEnabled: Bool
    /// The one file that it keeps its texts in, absolute; nil for what is not the bundled `sqlite`. Opening makes it.
    public let databaseFile: String?
}

extension PluginHost {
    /// The storages of plugins.d that do not serve, those that are switched off too, in the order of their names. No
    /// library is opened in this process.
    @concurrent
    public func idleStorages() async -> [IdleStorage] {
        let serving = storageFile
        let known = reports
        var idle: [IdleStorage] = []
        var seen: Set<String> = []
        for name in DropInFolder.all(in: configuration.pluginsFolder) {
            let file = DropInFile(folder: configuration.pluginsFolder, fileName: name)
            guard DropInFolder.isDropIn(file.liveName), file.liveName != serving,
                seen.insert(file.liveName).inserted, let dropIn = try? file.read()
            else { continue }
            let report = known.first { $0.dropIn == file.liveName && !$0.capabilities.isEmpty }
            if let report {
                guard report.capabilities.contains("storage") else { continue }
            } else {
                guard await isStorage(dropIn) else { continue }
            }
            idle.append(
                IdleStorage(
                    file: file, plugin: dropIn.plugin, isEnabled: dropIn.isEnabled && name == file.liveName,
                    databaseFile: dropIn.databaseFile(in: configuration.baseFolder)))
        }
        return idle
    }

    private func isStorage(_ dropIn: DropIn) async -> Bool {
        guard dropIn.plugin != DropIn.programs, let path = try? configuration.locate(dropIn.plugin) else {
            return false
        }
        return await Self.check(path, workerPath: configuration.workerPath).roles.contains("storage")
    }
}

extension DropIn {
    /// Where the bundled `sqlite` keeps its texts; nil for every other plugin.
    ///
    /// - Parameter folder: relative paths are meant from here.
    func databaseFile(in folder: String) -> String? {
        guard plugin == "sqlite" else { return nil }
        guard case .mapping(let entries)? = settings?.content,
            let entry = entries.first(where: { $0.key == "path" }), let path = try? entry.value.string()
        else { return "\(folder)/messages.db" }
        return path.hasPrefix("/") ? path : "\(folder)/\(path)"
    }
}
