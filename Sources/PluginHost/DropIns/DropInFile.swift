import Glibc
import PluginKit
import Settings

/// One file of plugins.d for those who switch it on and off from outside: the gateway need not run.
public struct DropInFile: Sendable {
    /// Why a drop-in cannot be found, read or changed: a sentence.
    public struct Failure: Error, Sendable, Hashable, CustomStringConvertible {
        public let description: String
    }

    /// Where it lies.
    public let folder: String
    /// `10-sqlite.yaml`, or `10-sqlite.yaml.disabled` for one that was switched off by renaming.
    public let fileName: String

    private static let suffix = ".disabled"

    /// The drop-in that a path names; nil when its name is no drop-in's.
    ///
    /// - Parameter path: absolute.
    public init?(path: String) {
        guard let slash = path.lastIndex(of: "/") else { return nil }
        self.init(folder: String(path[..<slash]), fileName: String(path[path.index(after: slash)...]))
        guard DropInFolder.isDropIn(liveName) else { return nil }
    }

    init(folder: String, fileName: String) {
        self.folder = folder
        self.fileName = fileName
    }

    /// `10-sqlite.yaml`, also for one that was switched off by renaming.
    public var liveName: String {
        fileName.hasSuffix(Self.suffix) ? String(fileName.dropLast(Self.suffix.count)) : fileName
    }

    private var path: String { folder + "/" + fileName }

    /// The drop-in that a person means: by its file's name, with or without the number and the extension.
    ///
    /// - Throws: when there is none or more than one, with the nearest name.
    public static func find(_ name: String, in folder: String) throws(Failure) -> DropInFile {
        let all = DropInFolder.all(in: folder).filter { file in
            DropInFolder.isDropIn(file.hasSuffix(suffix) ? String(file.dropLast(suffix.count)) : file)
        }
        guard let found = try match(name, among: all) else {
            throw Failure(
                description: "there is no drop-in \"\(name)\" in \(folder)"
                    + NearestName.hint(for: name, among: all.map(shortName)))
        }
        return DropInFile(folder: folder, fileName: found)
    }

    /// - Throws: when more than one is meant.
    static func match(_ name: String, among files: [String]) throws(Failure) -> String? {
        let forms: [(String) -> String] = [{ $0 }, live, { DropIn.stem(of: live($0)) }, shortName]
        for form in forms {
            let found = files.filter { form($0) == name }
            if found.count > 1 {
                throw Failure(description: "\"\(name)\" may be \(found.joined(separator: " or ")): say which")
            }
            if let only = found.first { return only }
        }
        return nil
    }

    private static func live(_ file: String) -> String {
        file.hasSuffix(suffix) ? String(file.dropLast(suffix.count)) : file
    }

    /// `sqlite` of `10-sqlite.yaml`.
    private static func shortName(_ file: String) -> String {
        let stem = DropIn.stem(of: live(file))
        let rest = stem.drop { $0.isASCII && $0.isNumber }
        return rest.first == "-" && rest.count > 1 && rest.count < stem.count ? String(rest.dropFirst()) : stem
    }

    /// Whether it says that its plugin is to run.
    ///
    /// - Throws: with file, line and reason when it is wrong.
    public func isEnabled() throws(Failure) -> Bool {
        try read().isEnabled && fileName == liveName
    }

    /// The one file that its storage keeps texts in, absolute; nil when its plugin is not the bundled `sqlite`.
    ///
    /// - Parameter folder: the state folder, from which relative paths are meant.
    /// - Throws: with file, line and reason when the drop-in is wrong.
    public func databaseFile(in folder: String) throws(Failure) -> String? {
        try read().databaseFile(in: folder)
    }

    /// Reads the drop-in and looks at its library, as the gateway would.
    ///
    /// - Parameters:
    ///   - searchPath: folders with bundled plugins.
    ///   - workerPath: `conductor-worker`; without one, this process opens the library itself.
    /// - Throws: with file, line and reason when the gateway would refuse it.
    @concurrent
    public func check(
        searchPath: [String], workerPath: String? = PluginHost.Configuration.usualWorkerPath
    ) async throws(Failure) -> PluginCheck {
        let dropIn = try read()
        let configuration = PluginHost.Configuration(
            pluginsFolder: folder, copiesFolder: "", searchPath: searchPath, baseFolder: "")
        let library: String
        do {
            library = try configuration.locate(dropIn.plugin)
        } catch {
            throw Failure(description: dropIn.root.nearest(to: dropIn.subject).error(error.description).description)
        }
        var check = await PluginHost.check(library, workerPath: workerPath)
        let program = ProgramFiles(dropIn)
        if let problem = check.problem ?? program?.problem {
            throw Failure(description: dropIn.root.nearest(to: dropIn.subject).error(problem).description)
        }
        check.program = program.map { Discretion(dropIn).masked($0.command.joined(separator: " ")) }
        return check
    }

    /// The other drop-ins of the folder that are enabled and are a `storage`, `responder` or `notifier`.
    @concurrent
    public func others(being role: String, searchPath: [String]) async -> [String] {
        var others: [String] = []
        for name in DropInFolder.all(in: folder) where DropInFolder.isDropIn(name) && name != liveName {
            let other = DropInFile(folder: folder, fileName: name)
            guard let isEnabled = try? other.isEnabled(), isEnabled,
                let check = try? await other.check(searchPath: searchPath), check.roles.contains(role)
            else { continue }
            others.append(name)
        }
        return others
    }

    /// Sets `enabled`, and nothing else of the file; the file is replaced whole, with its mode and owner. One that was
    /// switched off by renaming gets its name back when it is enabled.
    ///
    /// - Throws: a sentence; the file is then as it was.
    public func set(enabled: Bool) throws(Failure) {
        var real = path
        if let resolved = realpath(path, nil) {
            real = String(cString: resolved)
            free(resolved)
        }
        do {
            let bytes = try PrivateFile.read(real)
            let text = try EnabledScalar.set(enabled, in: String(decoding: bytes, as: UTF8.self), file: path)
            guard Array(text.utf8) != bytes else { return try giveNameBack(enabled) }
            try Replacement.replace(real, by: Array(text.utf8))
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure(description: "\(error)".hasPrefix(path) ? "\(error)" : "\(path): \(error)")
        }
        try giveNameBack(enabled)
    }

    private func giveNameBack(_ enabled: Bool) throws(Failure) {
        guard enabled, fileName != liveName else { return }
        let target = folder + "/" + liveName
        guard access(target, F_OK) != 0 else { throw Failure(description: "\(target) is there already") }
        guard rename(path, target) == 0 else {
            throw Failure(description: "\(path) cannot be renamed: \(String(cString: strerror(errno)))")
        }
    }

    func read() throws(Failure) -> DropIn {
        do {
            return try DropIn.read(path, fileName: liveName)
        } catch {
            throw Failure(description: error.description)
        }
    }
}
