import CPluginABI
import PluginKit

/// A library that can become an instance, here or in a worker: the one place that decides where a plugin runs.
struct LoadedLibrary: Sendable {
    let facts: LibraryFacts
    /// Makes an instance that is not started yet.
    let make: @Sendable (any HostServices) async throws(PluginError) -> any PluginRuntime
}

extension PluginHost.Configuration {
    /// Looks at a library in a worker first, so that one whose code runs amok cannot take the host with it; then opens
    /// it, where it is to run in the host. One that was in the host before goes there at once.
    ///
    /// - Parameters:
    ///   - copy: of the library at `path`, which is absolute.
    ///   - admit: refuses it, where this process must not open one more.
    /// - Throws: a sentence that begins with the path.
    func load(
        _ dropIn: DropIn, _ copy: String, from path: String, isHarmless: Bool, admit: () throws(LoadFailure) -> Void
    ) async throws(LoadFailure) -> LoadedLibrary {
        guard let launcher else {
            guard dropIn.isolation == .inproc else {
                throw LoadFailure(
                    "\(path): it would run in a process of its own, but there is no conductor-worker beside conductor: "
                        + "install it, or trust the plugin with the whole gateway (isolation: inproc)")
            }
            try admit()
            return try open(copy, dropIn, from: path)
        }
        let isTried = dropIn.isolation == .inproc && isHarmless
        let found = isTried ? nil : try await launcher.probe(copy, from: path)
        guard let found, dropIn.isolation == .process else {
            try admit()
            return try open(copy, dropIn, from: path)
        }
        return LoadedLibrary(
            facts: LibraryFacts(
                id: found.id, version: found.version, capabilities: found.offers, copy: copy, isolation: .process)
        ) { (services) async throws(PluginError) in
            try await launcher.make(dropIn, copy: copy, from: path, services: services)
        }
    }

    private func open(_ copy: String, _ dropIn: DropIn, from path: String) throws(LoadFailure) -> LoadedLibrary {
        let library = try PluginLibrary.open(copy, from: path)
        return LoadedLibrary(
            facts: LibraryFacts(
                id: library.id, version: library.version, capabilities: library.capabilities, copy: copy,
                isolation: .inproc)
        ) { [baseFolder] (services) async throws(PluginError) in
            try await HostedPlugin.create(library, dropIn: dropIn, baseFolder: baseFolder, services: services)
        }
    }
}
