import Glibc
import Settings

/// Libraries in plugins.d that nobody uses: somebody dropped one in and waits for it to serve.
enum UnnamedLibraries {
    /// - Parameter named: paths of the libraries and scripts that drop-ins name.
    static func find(in folder: String, named: Set<String>) -> [PluginState] {
        let names = DropInFolder.all(in: folder)
        let libraries = names.filter { name in
            !name.hasPrefix(".") && (name.hasSuffix(".so") || isProgram(folder + "/" + name))
        }
        guard !libraries.isEmpty else { return [] }
        var known = Set(named.map(real))
        // One that was switched off by renaming still knows its library.
        for name in names where name.hasSuffix(".yaml.disabled") || name.hasSuffix(".yml.disabled") {
            guard let dropIn = try? DropIn.read(folder + "/" + name, fileName: name) else { continue }
            known.formUnion((ProgramFiles(dropIn)?.watched ?? []).map(real))
            known.insert(real(dropIn.plugin.hasPrefix("/") ? dropIn.plugin : folder + "/" + dropIn.plugin))
        }
        return libraries.filter { !known.contains(real(folder + "/" + $0)) }.map { library in
            let line = line(for: library)
            let kind = library.hasSuffix(".so") ? "library" : "program"
            return PluginState(
                dropIn: library, plugin: "./\(library)", version: nil, capabilities: [], state: .unnamed,
                problem: "no drop-in names this \(kind): to use it, write \(folder)/\(dropIn(for: library)) with the "
                    + "line \"\(line)\"",
                calls: 0, failures: 0, deadlines: 0, strayCompletions: 0)
        }
    }

    /// A script that says so itself, by its `#!`: modules that it uses lie beside it and say nothing.
    private static func isProgram(_ path: String) -> Bool {
        guard ProgramFiles.interpreter(of: path) != nil else { return false }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var start: [UInt8] = [0, 0]
        return read(descriptor, &start, 2) == 2 && start == [0x23, 0x21]
    }

    /// What a drop-in for it says: `plugin: ./x.so`, `exec: [python3, x.py]`.
    static func line(for file: String) -> String {
        ProgramFiles.interpreter(of: file).map { "exec: [\($0), \(file)]" } ?? "plugin: ./\(file)"
    }

    /// `libconductor-hours.so` becomes `50-hours.yaml`.
    static func dropIn(for library: String) -> String {
        var name = library.prefix(upTo: library.lastIndex(of: ".") ?? library.endIndex)
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
