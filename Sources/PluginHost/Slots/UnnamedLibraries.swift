import Glibc
import Settings

/// Libraries in plugins.d that nobody uses: somebody dropped one in and waits for it to serve.
enum UnnamedLibraries {
    /// - Parameter named: paths of the libraries that drop-ins name.
    static func find(in folder: String, named: Set<String>) -> [PluginState] {
        let names = DropInFolder.all(in: folder)
        let libraries = names.filter { $0.hasSuffix(".so") && !$0.hasPrefix(".") }
        guard !libraries.isEmpty else { return [] }
        var known = Set(named.map(real))
        // One that was switched off by renaming still knows its library.
        for name in names where name.hasSuffix(".yaml.disabled") || name.hasSuffix(".yml.disabled") {
            guard let dropIn = try? DropIn.read(folder + "/" + name, fileName: name) else { continue }
            known.insert(real(dropIn.plugin.hasPrefix("/") ? dropIn.plugin : folder + "/" + dropIn.plugin))
        }
        return libraries.filter { !known.contains(real(folder + "/" + $0)) }.map { library in
            PluginState(
                dropIn: library, plugin: "./\(library)", version: nil, capabilities: [], state: .unnamed,
                problem: "no drop-in names this library: to use it, write \(folder)/\(dropIn(for: library)) with the "
                    + "line \"plugin: ./\(library)\"",
                calls: 0, failures: 0, deadlines: 0, strayCompletions: 0)
        }
    }

    /// `libconductor-hours.so` becomes `50-hours.yaml`.
    private static func dropIn(for library: String) -> String {
        var name = library.dropLast(3)
        for prefix in ["lib", "conductor-"] where name.hasPrefix(prefix) && name.count > prefix.count {
            name = name.dropFirst(prefix.count)
        }
        return "50-\(name).yaml"
    }

    private static func real(_ path: String) -> String {
        guard let resolved = realpath(path, nil) else { return path }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
