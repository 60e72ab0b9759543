import Glibc
public import Logging
import PluginKit
import Settings
import Synchronization

/// Reads plugins.d, loads and starts what it names, follows its changes, and hands out what runs. A drop-in that is wrong
/// is refused with its place and reason; the others run, and so does what it stood for before.
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
        /// The program `conductor-worker`; nil where there is none, and then no plugin runs apart.
        public var workerPath = usualWorkerPath
        /// When a worker that ended is started again; tests are less patient.
        var restarts = Supervision.Policy()
        /// How long after a missed deadline a worker must have shown life; nil: the deadline once more, 1 to 10 s.
        var grace: Duration?
        /// Different libraries that are opened in this process at most: none is ever unloaded.
        public var libraryLimit = 256

        /// Names the folders; the first two are made or read at `start`.
        public init(pluginsFolder: String, copiesFolder: String, searchPath: [String], baseFolder: String) {
            self.pluginsFolder = pluginsFolder
            self.copiesFolder = copiesFolder
            self.searchPath = searchPath
            self.baseFolder = baseFolder
        }
    }

    struct State {
        /// In the order of their names.
        var slots: [Slot] = []
        /// Libraries that no drop-in names.
        var unnamed: [PluginState] = []
        /// The slot that serves as storage.
        var storage: Int?
        var storageProblem: String? = "the plugins are not started yet"
        var lastNumber = 0
        /// Files and folders that drop-ins name, to be watched.
        var libraries: Set<String> = []
        var isStopped = false
    }

    private struct Listener: Sendable {
        var call: (@Sendable () -> Void)?
    }

    let configuration: Configuration
    let services: GrantedServices.Shared
    let logger: Logger
    /// What the plugins and the host wrote about each drop-in.
    public let logs: PluginLogs
    let state = Mutex(State())
    /// Digests of the libraries that were opened in this process.
    let opened = Mutex<Set<String>>([])
    /// What the libraries were when they were last looked at.
    let known = Mutex(KnownLibraries())
    let watcher = Mutex<FolderWatch?>(nil)
    /// Generations that end.
    let drains = Mutex<[Int: Task<Void, Never>]>([:])
    /// The next look at what failed for something that passes.
    let laterLook = Mutex<Task<Void, Never>?>(nil)
    /// Instances whose start did not end in time and that are still at work, by drop-in.
    let abandoned = Mutex<[String: Int]>([:])
    /// Copies of libraries that storages on standby are made of; one may be there several times.
    let borrowed = Mutex<[String]>([])
    /// Who changes what runs, and the copies of libraries.
    let turn = Turn()
    private let listener = Mutex(Listener())

    /// - Parameters:
    ///   - services: what plugins may ask of the gateway.
    ///   - logger: gets a line for each drop-in that does not run, and for each change.
    ///   - logs: gets the same lines, to be asked for by drop-in.
    public init(
        configuration: Configuration, services: any HostServices, logger: Logger, logs: PluginLogs = PluginLogs()
    ) {
        self.configuration = configuration
        self.services = GrantedServices.Shared(services)
        self.logger = logger
        self.logs = logs
    }

    /// The storage; nil while none serves, and then `storageProblem` says why.
    public var storage: StorageHandle? {
        state.withLock { state in state.slots.first { $0.number == state.storage }?.name }
            .map { StorageHandle(name: $0, way: storageWay) }
    }

    /// The drop-in's file of the storage that serves, as `10-sqlite.yaml`; nil while none does.
    public var storageFile: String? {
        state.withLock { state in state.slots.first { $0.number == state.storage }?.fileName }
    }

    /// The storage that serves now, to be asked for several things that belong together: it is not stopped, nor another
    /// one asked, while this is held. Nil while none serves.
    public var servingStorage: ServingStorage? {
        let found = state.withLock { state in
            state.slots.first { $0.number == state.storage }.flatMap { slot in
                slot.current.map { (slot.name, Lease($0)) }
            }
        }
        return found.map { name, lease in
            let way = CallWay(lease)
            let keepsCustomers = lease.generation.facts.shortCapabilities.contains("crm")
            return ServingStorage(
                handle: StorageHandle(name: name, way: way),
                customers: keepsCustomers ? CustomersHandle(name: name, way: way) : nil,
                serial: lease.generation.serial)
        }
    }

    /// The storage that serves at each call, whichever that is; while none does, calls throw `.unavailable`.
    public var standingStorage: StorageHandle { StorageHandle(name: "storage", way: storageWay) }

    /// One sentence: why no storage serves, or why the one that serves is not the one that plugins.d says.
    public var storageProblem: String? { state.withLock { $0.storageProblem } }

    /// The responders that run now, in the order of their drop-ins. None of them is stopped while its handle is held.
    public var responders: [ResponderHandle] {
        serving("responder").map { ResponderHandle(name: $0.name, way: CallWay($0.lease), numbers: services.numbers) }
    }

    /// The notifiers that run now, in the order of their drop-ins.
    public var notifiers: [NotifierHandle] {
        serving("notifier").map { NotifierHandle(name: $0.name, id: $0.number, way: way(to: $0.number, $0.name)) }
    }

    /// Who knows the business's customers: the storage where it does, else the first plugin that does; nil when none.
    public var customers: CustomersHandle? {
        let able = serving("crm")
        let storage = state.withLock { $0.storage }
        return (able.first { $0.number == storage } ?? able.first)
            .map { CustomersHandle(name: $0.name, way: way(to: $0.number, $0.name)) }
    }

    /// Every drop-in, in order, with its figures as they are now; then the libraries that no drop-in names.
    public var reports: [PluginState] {
        state.withLock { $0.slots.map(\.report) + $0.unnamed }
    }

    /// Calls `receiver` after every change of what runs. Any thread; must not block.
    public func onChange(_ receiver: @escaping @Sendable () -> Void) {
        listener.withLock { $0.call = receiver }
    }

    /// Reads the drop-ins, loads, makes and starts their plugins, all at once. Call it once. Problems are in `reports`
    /// and `storageProblem`.
    @concurrent
    public func start() async {
        known.withLock {
            $0 = KnownLibraries(in: configuration.copiesFolder)
            if !$0.harmless.isEmpty { $0.write(in: configuration.copiesFolder, loading: true) }
        }
        await update(again: nil)
    }

    /// Reads the drop-ins and their libraries again and puts what changed into service: the old instance serves until
    /// the new one is started, and ends when its calls have.
    ///
    /// - Parameter name: a drop-in that gets a new instance though nothing changed, by its file's name.
    /// - Returns: sentences about what changed.
    @concurrent
    public func reload(again name: String? = nil) async -> [String] {
        await update(again: name)
    }

    /// The file's name of the drop-in that a person means: with or without the number and the extension.
    ///
    /// - Throws: when there is none or more than one, with the nearest name.
    public func dropIn(named name: String) throws(DropInFile.Failure) -> String {
        let names = state.withLock { $0.slots.map(\.fileName) }
        if let found = try DropInFile.match(name, among: names) { return found }
        // One that came just now.
        return try DropInFile.find(name, in: configuration.pluginsFolder).liveName
    }

    /// Stops every plugin once its calls have ended, in the reverse order of their drop-ins. Calls that come meanwhile
    /// fail as unavailable.
    @concurrent
    public func stop() async {
        laterLook.withLock { $0?.cancel() }
        await turn.take()
        let numbers = state.withLock { state in
            state.isStopped = true
            return state.slots.map(\.number)
        }
        for number in numbers.reversed() {
            let taken = change(number) { slot -> Generation? in
                guard let generation = slot.current else { return nil }
                slot.current = nil
                slot.phase = .stopped
                slot.draining.append(generation)
                return generation
            }
            guard let generation = taken ?? nil else { continue }
            state.withLock { state in
                if state.storage == number { state.storage = nil }
                state.storageProblem = "the plugins are stopped"
            }
            await end(generation, of: number, within: generation.deadline)
        }
        await turn.give()
        for task in drains.withLock({ Array($0.values) }) { await task.value }
    }

    // MARK: Parts of it

    private var storageWay: CallWay {
        CallWay { [self] () throws(PluginError) -> Lease in
            let (lease, problem) = state.withLock { state in
                (state.slots.first { $0.number == state.storage }?.current.map(Lease.init), state.storageProblem)
            }
            guard let lease else { throw PluginError(.unavailable, problem ?? "no storage serves") }
            return lease
        }
    }

    /// To whatever instance of a drop-in serves at each call.
    private func way(to number: Int, _ name: String) -> CallWay {
        CallWay { [self] () throws(PluginError) -> Lease in
            let lease = state.withLock { state in
                state.slots.first { $0.number == number }?.current.map(Lease.init)
            }
            guard let lease else { throw PluginError(.unavailable, "the plugin \(name) is not running") }
            return lease
        }
    }

    private func serving(_ capability: String) -> [(name: String, number: Int, lease: Lease)] {
        state.withLock { state in
            state.slots.compactMap { slot in
                guard let current = slot.current, current.offers(capability) else { return nil }
                return (slot.name, slot.number, Lease(current))
            }
        }
    }

    func change<Result: Sendable>(_ number: Int, _ body: (inout Slot) -> Result) -> Result? {
        state.withLock { state in
            guard let index = state.slots.firstIndex(where: { $0.number == number }) else { return nil }
            return body(&state.slots[index])
        }
    }

    func tellListener() {
        listener.withLock { $0.call }?()
    }

    /// Lets a generation that is called no more come to its end.
    func end(_ generation: Generation, of number: Int, within time: Duration) async {
        await generation.idle(within: time)
        let problem = await generation.stop()
        let name = generation.runtime.name
        if let problem {
            logger.error("\(problem)", metadata: ["drop-in": "\(name)"])
            logs.add(name, .error, problem)
        }
        _ = change(number) { slot in
            slot.draining.removeAll { $0 === generation }
            slot.past.add(generation.runtime.counters)
            slot.lastFacts = generation.facts
            guard slot.current == nil, let problem else { return }
            slot.phase = .failed
            slot.problem = problem
        }
    }
}
