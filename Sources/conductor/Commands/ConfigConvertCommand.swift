import ArgumentParser
import Glibc
import Settings

/// `conductor config convert`.
struct ConfigConvertCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert", abstract: "Turn the old system's config.json into conductor.yaml and drop-ins.",
        discussion: """
            The key goes into a file of its own that only you may read, and is never shown. Files that are there already \
            are left as they are, and named.
            """)

    @Argument(help: "The old file.")
    var file: String

    @Option(help: ArgumentHelp("Where conductor.yaml, plugins.d and the key go.", valueName: "folder"))
    var into = "."

    @Flag(help: "Only say what would be written.")
    var dryRun = false

    func run() throws {
        let old: OldConfiguration
        do {
            old = try OldConfiguration(file: file)
        } catch {
            throw CommandFailure(.failed, error.description)
        }
        let folder = try StateFolder.absolute(into)
        let terminal = Terminal.output
        var files = [
            NewFile(path: folder + "/conductor.yaml", text: old.yaml(pluginsFolder: folder + "/plugins.d")),
            NewFile(
                path: folder + "/plugins.d/10-sqlite.yaml",
                text: OldConfiguration.sqliteDropIn(isEnabled: !old.usesSupabase)),
        ]
        let keyFile = folder + "/supabase.key"
        if let key = old.supabaseKey { files.append(NewFile(path: keyFile, text: key + "\n", isSecret: true)) }
        if let url = old.supabaseURL {
            files.append(
                NewFile(
                    path: folder + "/plugins.d/20-supabase.yaml",
                    text: old.supabaseDropIn(keyFile: keyFile, url: url)))
        }
        let present = files.filter { access($0.path, F_OK) == 0 }.map(\.path)
        guard present.isEmpty else {
            throw CommandFailure(
                .refused,
                "\(present.joined(separator: ", ")): there already; move it away, or convert into another folder")
        }
        if !dryRun {
            for path in [folder, folder + "/plugins.d"] where mkdir(path, 0o755) != 0 && errno != EEXIST {
                throw CommandFailure(.failed, "\(path) cannot be made: \(String(cString: strerror(errno)))")
            }
        }
        for file in files {
            if !dryRun { try file.write() }
            terminal.line("\(dryRun ? "would write" : "wrote") \(file.path)\(file.isSecret ? " (mode 0600)" : "")")
        }
        if !old.left.isEmpty {
            terminal.line("without a counterpart, since the gateway sees to it: \(old.left.joined(separator: ", "))")
        }
        if old.supabaseKey != nil {
            terminal.line(
                "The key stood in a file that others may have read: make a new one in the project's settings, put it into "
                    + "\(keyFile), and delete the old one there and in \(self.file).")
        }
    }
}
