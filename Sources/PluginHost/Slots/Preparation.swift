import CPluginABI
import Logging
import PluginKit
import Settings
import Synchronization

/// What is known of a library before an instance of it is made.
struct LibraryFacts: Sendable {
    let id: String
    let version: String
    /// Ids, as `conductor.storage/1`.
    let capabilities: [String]
    /// The private copy that is really opened.
    let copy: String
    /// Where it runs.
    let isolation: PluginState.Isolation

    /// `storage`, `responder`, `notifier`, `crm`.
    var shortCapabilities: [String] { capabilities.compactMap(Self.shortName) }

    static func shortName(_ id: String) -> String? {
        [
            CONDUCTOR_STORAGE: "storage", CONDUCTOR_RESPONDER: "responder", CONDUCTOR_NOTIFIER: "notifier",
            CONDUCTOR_CRM: "crm",
        ][id]
    }
}

/// A drop-in that could be loaded, ready to become a generation.
struct Preparation: Sendable {
    let dropIn: DropIn
    let identity: Identity
    let facts: LibraryFacts
    /// Makes an instance that is not started yet.
    ///
    /// - Throws: with the place in the drop-in.
    let make: @Sendable () async throws(LoadFailure) -> any PluginRuntime
}

extension PluginHost {
    /// Looks at a library, where something can that survives what it finds, and says how an instance of it is made.
    ///
    /// - Throws: a sentence about the library.
    func prepare(_ dropIn: DropIn, _ copy: LibraryCopy, from path: String) async throws(LoadFailure) -> Preparation {
        let isHarmless = known.withLock { $0.harmless.contains(copy.digest) }
        let library = try await configuration.load(dropIn, copy.path, from: path, isHarmless: isHarmless) {
            () throws(LoadFailure) in
            try admitLibrary(copy.digest)
        }
        if library.facts.isolation == .inproc { known.withLock { $0.learnHarmless(copy.digest) } }
        return Preparation(dropIn: dropIn, identity: identity(dropIn, copy.digest), facts: library.facts) {
            [services] () async throws(LoadFailure) -> any PluginRuntime in
            let plugin: any PluginRuntime
            do throws(PluginError) {
                plugin = try await library.make(
                    GrantedServices(
                        services, name: dropIn.name, grants: dropIn.grants, discretion: Discretion(dropIn)))
            } catch {
                let isPassing = library.facts.isolation == .process ? error.isPassingInWorker : error.isPassing
                throw LoadFailure(dropIn.place(error).description, isPassing: isPassing)
            }
            if let flaw = plugin.flaw {
                _ = plugin.discard()
                throw LoadFailure(dropIn.root.nearest(to: dropIn.subject).error(flaw).description)
            }
            return plugin
        }
    }

    func identity(_ dropIn: DropIn, _ digest: String) -> Identity {
        dropIn.identity(digest: digest, baseFolder: configuration.baseFolder)
    }

    /// Libraries are never unloaded, so that each new one stays in memory until the gateway ends.
    private func admitLibrary(_ digest: String) throws(LoadFailure) {
        let limit = configuration.libraryLimit
        let count = opened.withLock { opened -> Int? in
            guard !opened.contains(digest) else { return nil }
            if opened.count < limit { opened.insert(digest) }
            return opened.count
        }
        guard let count else { return }
        guard opened.withLock({ $0.contains(digest) }) else {
            throw LoadFailure(
                "\(limit) different libraries were loaded since the gateway started, and none can be unloaded: "
                    + "restart the gateway, or write \"isolation: process\" while a plugin changes often")
        }
        if count == limit / 2 {
            logger.warning(
                "\(count) different plugin libraries are in memory; from \(limit) on no new one is loaded before a restart"
            )
        }
    }
}

extension DropIn {
    /// - Parameter baseFolder: relative paths in settings are meant from here.
    func identity(digest: String, baseFolder: String) -> Identity {
        var words: [String: String] = [:]
        if case .mapping(let entries) = root.content {
            for entry in entries where entry.key != "enabled" { words[entry.key] = entry.value.json }
        }
        // A program is what its files are.
        if let files = ProgramFiles(self) { words["exec files"] = files.stamp }
        let secrets = SecretFiles(self, baseFolder: baseFolder)
        if !secrets.paths.isEmpty { words["settings files"] = secrets.stamp }
        return Identity(digest: digest, words: words)
    }
}
