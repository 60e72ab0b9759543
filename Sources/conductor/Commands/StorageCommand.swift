import ArgumentParser
import GatewayCore
import Glibc
import PluginKit

struct StorageCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "storage",
        abstract: "Look at, back up, restore and repair what the gateway keeps; use another storage.",
        subcommands: [
            StorageStatusCommand.self, Backup.self, Restore.self, Repair.self, StorageSwitchCommand.self,
            StorageMigrateCommand.self, StorageImportCommand.self, StorageArchiveCommand.self,
            StorageForgetCommand.self,
        ])

    struct Backup: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Copy journal, texts and console into one file, while the gateway runs.",
            discussion: """
                Without a path: into `backups` in the state folder. The file is a tar archive that only its owner can \
                read; it is complete, or it is not there. When no gateway runs, the command copies the files itself.
                """)

        @Argument(help: ArgumentHelp("A folder, or a file that is not there yet.", valueName: "file|folder"))
        var path: String?

        @Option(help: "Remove this gateway's oldest backups in the folder, so that this many are left.")
        var keep: Int?

        @Flag(help: "Go on when the texts of storage cannot be copied.")
        var withoutStorage = false

        @Option(
            help: ArgumentHelp(
                "The storage whose texts are copied, by its drop-in (sqlite): the one that serves, if not said.",
                valueName: "name"))
        var storage: String?

        @OptionGroup var output: JSONOption
        @OptionGroup var folder: StateOption
        @OptionGroup var options: ClientOptions

        func validate() throws {
            if let keep, keep < 1 { throw ValidationError("--keep must be 1 or more.") }
            if withoutStorage, storage != nil {
                throw ValidationError("--storage and --without-storage exclude each other.")
            }
        }

        func run() throws {
            var request = BackupRequest(keep: keep, withoutStorage: withoutStorage, storage: storage)
            if let path {
                request.path = try StateFolder.absolute(path) + (path.hasSuffix("/") ? "/" : "")
            }
            let report = try take(request)
            let terminal = Terminal.output
            if output.json { return try terminal.json(report) }
            KeepingPage(terminal: terminal).backup(report).forEach { terminal.line($0) }
        }

        private func take(_ request: BackupRequest) throws -> BackupReport {
            if folder.state == nil, let client = running() { return try client.backup(request) }
            // Nobody has the files open: they are copied here.
            let state = try KeepingFiles(config: options.config, state: folder.state)
            let offline = try storage.map(state.offline(ofStorage:)) ?? state.offline
            return try state.doing {
                try offline.backup(
                    request, version: Version.text, gateway: state.gatewayID, now: HumanTime.now)
            }
        }

        /// The gateway that answers, if one does.
        private func running() -> GatewayClient? {
            guard let client = try? options.client(), (try? client.status()) != nil else { return nil }
            return client
        }
    }

    struct Restore: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Put a backup in the place of what is there. The gateway must not run.",
            discussion: """
                The backup is verified first, and what it replaces is kept beside it. Texts that were waiting to be sent \
                when the backup was taken may have been sent since: they are held, and a person decides with \
                `conductor messages retry`.
                """)

        @Argument(help: "The backup.")
        var file: String

        @Option(help: ArgumentHelp("Where the storage's file goes, if not where it was.", valueName: "file"))
        var messages: String?

        @Flag(help: "Verify the backup and say what would happen; change nothing.")
        var dryRun = false

        @OptionGroup var output: JSONOption
        @OptionGroup var folder: StateOption
        @OptionGroup var options: ClientOptions

        func run() throws {
            let state = try KeepingFiles(config: options.config, state: folder.state)
            if !dryRun {
                try StateFolder(state.folder).make()
                try state.checkUnused(also: messages)
            }
            let restore = GatewayCore.Restore(
                archive: try StateFolder.absolute(file), stateFolder: state.folder,
                messagesFile: try messages.map(StateFolder.absolute), isRehearsal: dryRun)
            let report = try state.doing { try restore.run(now: HumanTime.now) }
            let terminal = Terminal.output
            if output.json { return try terminal.json(report) }
            KeepingPage(terminal: terminal).restore(report, isRehearsal: dryRun).forEach { terminal.line($0) }
        }
    }

    struct Repair: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Save what can be read of damaged files. The gateway must not run.",
            discussion: """
                Every file is checked wholly. A damaged one is replaced by a new one with all rows that could be read, \
                and kept beside it. Exit code 1 when rows were lost.
                """)

        @Flag(help: "Only look.")
        var dryRun = false

        @OptionGroup var output: JSONOption
        @OptionGroup var folder: StateOption
        @OptionGroup var options: ClientOptions

        func run() throws {
            let state = try KeepingFiles(config: options.config, state: folder.state)
            let reports = try state.doing {
                try state.offline.repair(isRehearsal: dryRun, now: HumanTime.now)
            }
            guard !reports.isEmpty else {
                throw CommandFailure(
                    .failed,
                    "there is no file of a gateway in \(state.folder): name its state folder with --state, or its "
                        + "configuration with --config")
            }
            let terminal = Terminal.output
            if output.json {
                try terminal.json(reports)
            } else {
                KeepingPage(terminal: terminal).repair(reports, isRehearsal: dryRun).forEach { terminal.line($0) }
            }
            let isBad = reports.contains { dryRun ? $0.damage != nil : !$0.incomplete.isEmpty }
            if isBad { throw CommandFailure(.failed, "") }
        }
    }
}

/// `--state`, for work on files while no gateway runs.
struct StateOption: ParsableArguments {
    @Option(help: ArgumentHelp("The state folder, when no gateway runs.", valueName: "folder"))
    var state: String?
}
