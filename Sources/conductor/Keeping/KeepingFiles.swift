import GatewayCore
import Glibc
import PluginHost
import PluginKit

/// Where a gateway's files are, while it does not run.
struct KeepingFiles: Sendable {
    /// Absolute.
    let folder: String
    let gatewayID: String
    /// The file of the storage `sqlite`, as the drop-ins have it; nil when another storage is enabled.
    let messagesFile: String?
    /// Where drop-ins may be; the first that has some counts.
    private let pluginsFolders: [String]

    /// - Parameters:
    ///   - config: the configuration file; nil looks where `run` does.
    ///   - state: the state folder; nil is the configured one, or the first of the usual places that has a journal.
    init(config: String?, state: String?) throws(CommandFailure) {
        let plan = try RunPlan(config: config, state: state, plugins: nil)
        var folder = plan.stateFolder
        if config == nil, state == nil, access(folder + "/journal.db", F_OK) != 0,
            let other = GatewayAddress.folders.first(where: { access($0 + "/journal.db", F_OK) == 0 })
        {
            folder = try StateFolder.absolute(other)
        }
        self.folder = folder
        gatewayID = plan.gatewayID
        let folders = [plan.pluginsFolder, folder + "/plugins.d"]
        pluginsFolders = folders
        messagesFile = Self.messagesFile(folders, state: folder)
    }

    var offline: OfflineState { OfflineState(folder: folder, messagesFile: messagesFile) }

    /// The first of the usual folders that has drop-ins; the configured one when none has.
    var pluginsFolder: String {
        pluginsFolders.first { !DropInSummary.all(in: $0, searchPath: []).isEmpty } ?? pluginsFolders[0]
    }

    /// The same with the texts of a storage that need not be the one that serves.
    ///
    /// - Parameter name: of its drop-in, as `10-sqlite.yaml` or `sqlite`.
    func offline(ofStorage name: String) throws(CommandFailure) -> OfflineState {
        let file: String?
        let dropIn: DropInFile
        do {
            dropIn = try DropInFile.find(name, in: pluginsFolder)
            file = try dropIn.databaseFile(in: folder)
        } catch {
            throw CommandFailure(.usage, error.description)
        }
        guard let file else {
            throw CommandFailure(
                .refused,
                "\(dropIn.liveName) keeps its texts in no file that can be copied while no gateway runs: nothing was backed up"
            )
        }
        guard access(file, F_OK) == 0 else {
            throw CommandFailure(.failed, "\(file) is not there: nothing was backed up")
        }
        return OfflineState(folder: folder, messagesFile: file)
    }

    /// Runs a step and gives its failure an exit code.
    func doing<Value>(_ step: () throws -> Value) throws(CommandFailure) -> Value {
        do {
            return try step()
        } catch {
            let isRefused = (error as? GatewayError)?.code == .refused
            throw CommandFailure(isRefused ? .refused : .failed, (error as? GatewayError)?.message ?? "\(error)")
        }
    }

    /// Another program that has the table open would go on writing into the file that is replaced.
    func checkUnused(also path: String?) throws(CommandFailure) {
        let paths = [messagesFile, path].compactMap { $0 }.flatMap { [$0, $0 + "-wal"] }
        for (path, holders) in OpenFiles.holders(of: paths) {
            // The gateway itself is told by its lock, in better words.
            guard let holder = holders.first(where: { !$0.name.hasPrefix("conductor") }) else { continue }
            throw CommandFailure(
                .refused,
                "\(path) is open in \(holder.name) (process \(holder.process)), which would go on with the old file: "
                    + "stop it first")
        }
    }

    /// The setting `path` of the enabled drop-in for `sqlite`; the plugin's default without one.
    private static func messagesFile(_ folders: [String], state: String) -> String? {
        for folder in folders {
            let dropIns = DropInSummary.all(in: folder, searchPath: BundledPlugins.folders)
            if dropIns.isEmpty { continue }
            for dropIn in dropIns where dropIn.isEnabled && dropIn.plugin == "sqlite" {
                return DropInFile(path: "\(folder)/\(dropIn.fileName)").flatMap { try? $0.databaseFile(in: state) }
            }
            // A file of SQLite that lies there is not what serves.
            let isElsewhere = dropIns.contains {
                $0.isEnabled && ($0.plugin == "supabase" || $0.plugin?.hasSuffix("storage") == true)
            }
            if isElsewhere { return nil }
        }
        let path = state + "/messages.db"
        return access(path, F_OK) == 0 ? path : nil
    }
}
