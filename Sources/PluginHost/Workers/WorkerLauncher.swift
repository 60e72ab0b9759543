import CSandbox
import Glibc
import PluginKit
import Settings
import Synchronization

/// What worker processes are made with: one for each host.
struct WorkerLauncher: Sendable {
    /// `conductor-worker`.
    var program: String
    /// Holds a folder of its own for each plugin.
    var dataFolder: String
    /// Relative paths in grants are meant from here.
    var baseFolder: String
    var policy = Supervision.Policy()
    /// nil: the deadline once more, one second at least and ten at most.
    var grace: Duration?
    /// Bytes of memory that a worker may have of its own; 0 does not limit it.
    var memoryLimit: UInt64 = 4 << 30

    /// The identity of a plugin's worker, when the host is root's: one of the range that systemd has for such users,
    /// always the same for a name.
    static func user(for name: String) -> UInt32? {
        guard getuid() == 0 else { return nil }
        var hash: UInt32 = 2_166_136_261
        for byte in name.utf8 { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
        return 61_184 + hash % 4336
    }

    /// Looks at a library in a process that may crash over it. Its entry function runs, and nothing else of it.
    ///
    /// - Throws: a sentence that begins with `path`.
    func probe(_ copy: String, from path: String) async throws(LoadFailure) -> WorkerReady {
        let hello = Hello(
            purpose: .probe, parent: getpid(), library: copy, path: path, name: "probe", baseFolder: baseFolder,
            settings: "{}", services: [], deadline: .seconds(10),
            fence: Fence(user: Self.user(for: "probe"), memoryLimit: memoryLimit))
        do throws(PluginError) {
            return try await FirstTries.run { () async throws(PluginError) in try await look(hello) }
        } catch {
            throw LoadFailure(error.message, isPassing: error.isPassingInWorker)
        }
    }

    private func look(_ hello: Hello) async throws(PluginError) -> WorkerReady {
        let path = hello.path
        let counters = CallCounters()
        let life = try await WorkerLife.begin(
            program: program, environment: environment(nil),
            surroundings: WorkerLife.Surroundings(
                name: "probe", services: DeafServices(), counters: counters,
                ended: { $1.error("\(path): loading it ends the process: ") }))
        defer { life.kill(because: "it was only looked at") }
        return try await life.ask(
            for: WorkerReady.self, deadline: MonotonicClock.deadline(after: hello.deadline),
            onExpiry: { PluginError(.deadline, "\(path): loading it did not end within \(hello.deadline)") },
            onSettled: {}, frame: { Frame.encode(.hello, id: $0, hello) }
        ).get()
    }

    /// Makes an instance that is not started yet.
    func make(
        _ dropIn: DropIn, copy: String, from path: String, services: any HostServices
    ) async throws(PluginError) -> WorkerPlugin {
        let files = dropIn.grants.files.resolved(from: baseFolder)
        var fence = Fence(
            read: files.read, write: files.write, network: dropIn.grants.network, user: Self.user(for: dropIn.name),
            memoryLimit: memoryLimit)
        let folder = dataFolder + "/" + dropIn.name
        mkdir(dataFolder, 0o711)
        if mkdir(folder, 0o700) == 0 || errno == EEXIST {
            if let user = fence.user { _ = chown(folder, user, user) }
            fence.dataFolder = folder
        }
        dropIn.openFence(&fence)
        let plan = WorkerPlugin.Plan(
            program: program, environment: environment(fence.dataFolder),
            hello: Hello(
                purpose: .serve, parent: getpid(), library: copy, path: path, name: dropIn.name,
                baseFolder: baseFolder, settings: dropIn.settings?.json ?? "{}",
                services: dropIn.grants.words.sorted(), deadline: dropIn.deadline, fence: fence),
            deadline: dropIn.deadline, grace: grace ?? min(max(dropIn.deadline, .seconds(1)), .seconds(10)),
            policy: policy)
        return try await FirstTries.run { () async throws(PluginError) in
            try await WorkerPlugin.create(plan, services: services)
        }
    }

    /// Nothing of the host's own: its variables may hold secrets.
    private func environment(_ folder: String?) -> [String] {
        var variables = [
            "PATH=" + ProgramFiles.workerPath, "LANG=C.UTF-8", "SWIFT_BACKTRACE=enable=no",
            "LD_LIBRARY_PATH=" + RuntimeLibraries.folders.joined(separator: ":"),
        ]
        if let folder { variables += ["HOME=" + folder, "TMPDIR=" + folder] }
        for name in ["TZ", "ASAN_OPTIONS", "TSAN_OPTIONS"] {
            if let value = getenv(name) { variables.append("\(name)=\(String(cString: value))") }
        }
        return variables
    }
}

/// For a plugin that is only looked at.
private struct DeafServices: HostServices {
    func log(plugin: String, level: PluginLogLevel, message: String) {}
    func storageChanged(plugin: String) {}
    func metric(plugin: String, sample: MetricSample) {}
    @concurrent
    func serve(_ request: ServiceRequest, plugin: String) async throws(PluginError) -> ServiceReply {
        throw PluginError(.unsupported, "a probe has no host")
    }
}

extension DropIn {
    /// What follows from the kind of plugin: one that runs programs needs the system's, and its own folder.
    func openFence(_ fence: inout Fence) {
        guard let files = ProgramFiles(self) else { return }
        fence.programs = true
        // What the command names is meant to be used, wherever links lead.
        fence.read += files.present.compactMap(ProgramFiles.real)
        fence.execute += [files.ownProgram.flatMap(ProgramFiles.real)].compactMap { $0 }
        if let slash = root.file.lastIndex(of: "/") { fence.read.append(String(root.file[..<slash])) }
    }
}

extension PluginHost.Configuration {
    /// `conductor-worker` beside this program, or in the folder for such programs; nil when it is in neither.
    public static var usualWorkerPath: String? {
        guard let path = realpath("/proc/self/exe", nil) else { return nil }
        defer { free(path) }
        let program = String(cString: path)
        guard let slash = program.lastIndex(of: "/") else { return nil }
        let folder = program[..<slash]
        return ["\(folder)/conductor-worker", "\(folder)/../libexec/conductor/conductor-worker"]
            .first { access($0, X_OK) == 0 }
    }

    /// nil when there is no `conductor-worker`.
    var launcher: WorkerLauncher? {
        workerPath.map { program in
            let state = copiesFolder.lastIndex(of: "/").map { String(copiesFolder[..<$0]) } ?? "."
            return WorkerLauncher(
                program: program, dataFolder: state + "/plugin-data", baseFolder: baseFolder, policy: restarts,
                grace: grace)
        }
    }
}
