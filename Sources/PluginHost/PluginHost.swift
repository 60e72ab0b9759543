import CPluginABI
import Glibc
public import Logging
import PluginKit
import Settings
import Synchronization

/// Reads plugins.d, loads and starts what it names, and hands out what runs. A drop-in that is wrong is refused with its
/// place and reason; the others run.
public final class PluginHost: Sendable {
    /// Where things are.
    public struct Configuration: Sendable {
        /// plugins.d.
        public var pluginsFolder: String
        /// Private to this gateway; holds the copies of libraries that are really opened, named by their content.
        public var copiesFolder: String
        /// Folders with `libconductor-NAME.so`, for drop-ins that name a bundled plugin.
        public var searchPath: [String]
        /// Absolute; relative paths in settings are meant from here.
        public var baseFolder: String

        /// Names the folders; the first two are made or read at `start`.
        public init(pluginsFolder: String, copiesFolder: String, searchPath: [String], baseFolder: String) {
            self.pluginsFolder = pluginsFolder
            self.copiesFolder = copiesFolder
            self.searchPath = searchPath
            self.baseFolder = baseFolder
        }
    }

    /// One drop-in's way through `start`.
    struct Entry: Sendable {
        var dropIn: DropIn?
        var library: PluginLibrary?
        var plugin: (any PluginRuntime)?
        var report: PluginState
    }

    private struct State {
        var entries: [Entry] = []
        var storageProblem: String? = "the plugins are not started yet"
    }

    let configuration: Configuration
    private let services: any HostServices
    private let logger: Logger
    private let state = Mutex(State())

    /// - Parameters:
    ///   - services: what plugins may ask of the gateway.
    ///   - logger: gets one line for each drop-in that does not run.
    public init(configuration: Configuration, services: any HostServices, logger: Logger) {
        self.configuration = configuration
        self.services = services
        self.logger = logger
    }

    /// The storage; nil when none serves, and then `storageProblem` says why.
    public var storage: StorageHandle? {
        running.first { $0.capabilities.contains("storage") }.map { StorageHandle(name: $0.name, plugin: $0) }
    }

    /// One sentence: why no storage serves.
    public var storageProblem: String? { state.withLock { $0.storageProblem } }

    /// Running responders, in the order of their drop-ins.
    public var responders: [ResponderHandle] {
        running.filter { $0.capabilities.contains("responder") }.map { ResponderHandle(name: $0.name, plugin: $0) }
    }

    /// Running notifiers, in the order of their drop-ins.
    public var notifiers: [NotifierHandle] {
        running.filter { $0.capabilities.contains("notifier") }.map { NotifierHandle(name: $0.name, plugin: $0) }
    }

    /// Every drop-in, in order, with its figures as they are now.
    public var reports: [PluginState] {
        state.withLock { $0.entries }.map { entry in
            var report = entry.report
            if let counters = entry.plugin?.counters {
                report.calls = counters.calls.load(ordering: .relaxed)
                report.failures = counters.failures.load(ordering: .relaxed)
                report.deadlines = counters.deadlines.load(ordering: .relaxed)
                report.strayCompletions = counters.strays.load(ordering: .relaxed)
            }
            return report
        }
    }

    private var running: [any PluginRuntime] {
        state.withLock { $0.entries }.compactMap { $0.report.state == .running ? $0.plugin : nil }
    }

    /// Reads the drop-ins, loads, makes and starts their plugins, all at once. Call it once. Problems are in `reports`
    /// and `storageProblem`.
    @concurrent
    public func start() async {
        var folderProblem: String?
        var (entries, copies): ([Entry], Set<String>) = ([], [])
        do throws(LoadFailure) {
            for fileName in try DropInFolder.names(in: configuration.pluginsFolder) {
                entries.append(load(fileName, &copies))
            }
            PrivateFile.sweep(configuration.copiesFolder, keeping: copies)
        } catch {
            folderProblem = error.description
        }
        let conflict = Self.refuseSecondStorage(&entries)
        entries = await withTaskGroup(of: (Int, Entry).self) { group in
            for (index, entry) in entries.enumerated() where entry.library != nil {
                group.addTask { (index, await self.start(entry)) }
            }
            var finished = entries
            for await (index, entry) in group { finished[index] = entry }
            return finished
        }
        let problem = folderProblem ?? conflict ?? missingStorage(in: entries)
        for entry in entries where entry.report.problem != nil {
            logger.error("\(entry.report.problem ?? "")", metadata: ["drop-in": "\(entry.report.dropIn)"])
        }
        state.withLock { state in
            state.entries = entries
            state.storageProblem = problem
        }
    }

    /// Stops every plugin once its calls have ended, in the reverse order of their drop-ins. Calls that come meanwhile
    /// fail as unavailable.
    @concurrent
    public func stop() async {
        for (index, entry) in state.withLock({ $0.entries }).enumerated().reversed() {
            guard entry.report.state == .running, let plugin = entry.plugin else { continue }
            let problem = await plugin.stop()
            if let problem { logger.error("\(problem)", metadata: ["drop-in": "\(entry.report.dropIn)"]) }
            state.withLock { state in
                state.entries[index].report.state = problem == nil ? .stopped : .failed
                state.entries[index].report.problem = problem
                state.storageProblem = "the plugins are stopped"
            }
        }
    }

    // MARK: Steps of start

    private func load(_ fileName: String, _ copies: inout Set<String>) -> Entry {
        let report = PluginState(
            dropIn: fileName, plugin: "", version: nil, capabilities: [], state: .refused, problem: nil, calls: 0,
            failures: 0, deadlines: 0, strayCompletions: 0)
        var entry = Entry(report: report)
        do {
            let dropIn = try DropIn.read(configuration.pluginsFolder + "/" + fileName, fileName: fileName)
            entry.dropIn = dropIn
            entry.report.plugin = dropIn.plugin
            guard dropIn.isEnabled else {
                entry.report.state = .disabled
                return entry
            }
            let path = try configuration.locate(dropIn.plugin)
            let (library, copy) = try PluginLibrary.load(path, copiesFolder: configuration.copiesFolder)
            copies.insert(copy)
            entry.library = library
            entry.report.version = library.version
            entry.report.capabilities = library.capabilities.compactMap(Self.shortName)
        } catch let error as LoadFailure {
            entry.report.problem = entry.dropIn?.root.nearest(to: "plugin").error(error.description).description
        } catch {
            entry.report.problem = "\(error)"
        }
        return entry
    }

    /// Two storages would each have half of the truth: neither is started.
    private static func refuseSecondStorage(_ entries: inout [Entry]) -> String? {
        let storages = entries.indices.filter { entries[$0].library?.capabilities.contains(CONDUCTOR_STORAGE) == true }
        guard storages.count > 1 else { return nil }
        let names = storages.map { entries[$0].report.dropIn }.joined(separator: " and ")
        let problem = "\(storages.count) storages are enabled (\(names)), and none of them serves: disable all but one"
        for index in storages {
            entries[index].library = nil
            entries[index].report.problem = problem
        }
        return problem
    }

    private func start(_ entry: Entry) async -> Entry {
        var entry = entry
        guard let dropIn = entry.dropIn, let library = entry.library else { return entry }
        do throws(PluginError) {
            let plugin = try await HostedPlugin.create(
                library, dropIn: dropIn, baseFolder: configuration.baseFolder, services: services)
            entry.plugin = plugin
            entry.report.capabilities = plugin.capabilities
            if let flaw = plugin.flaw {
                _ = plugin.discard()
                entry.report.problem = dropIn.root.nearest(to: "plugin").error(flaw).description
                return entry
            }
        } catch {
            entry.report.problem = dropIn.place(error).description
            return entry
        }
        do throws(PluginError) {
            try await entry.plugin?.start()
            entry.report.state = .running
        } catch {
            _ = entry.plugin?.discard()
            entry.report.state = .failed
            entry.report.problem = dropIn.place(error, doing: "start failed: ").description
        }
        return entry
    }

    private func missingStorage(in entries: [Entry]) -> String? {
        let storages = entries.filter { $0.report.capabilities.contains("storage") }
        if storages.contains(where: { $0.report.state == .running }) { return nil }
        if let failed = storages.first(where: { $0.report.problem != nil }) { return failed.report.problem }
        let refused = entries.filter { $0.report.state == .refused }.map(\.report.dropIn)
        return "no storage is enabled in \(configuration.pluginsFolder)"
            + (refused.isEmpty ? "" : " (refused: \(refused.joined(separator: ", ")))")
    }

    private static func shortName(_ id: String) -> String? {
        [CONDUCTOR_STORAGE: "storage", CONDUCTOR_RESPONDER: "responder", CONDUCTOR_NOTIFIER: "notifier"][id]
    }
}
