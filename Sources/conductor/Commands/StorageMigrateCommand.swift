import ArgumentParser

/// `conductor storage migrate`.
struct StorageMigrateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate", abstract: "Write the SQL that brings a Supabase project up to date.",
        discussion: """
            The gateway has no key that may change tables: a person runs this, in the project's SQL editor or with \
            `psql -v ON_ERROR_STOP=1 -f FILE`. The additive steps only add, may be run again at any time, and work on \
            tables with rows in them. The SQLite file needs none of this: it is brought up to date when it is opened.
            """)

    /// What is written.
    enum Step: String, ExpressibleByArgument, CaseIterable {
        case additive
        case report
        case lockDown = "lock-down"
        case rollback

        /// How the names of its files begin.
        var prefixes: [String] {
            switch self {
            case .additive: ["00", "01"]
            case .report: ["100-"]
            case .lockDown: ["101-"]
            case .rollback: ["102-"]
            }
        }

        var meaning: String {
            switch self {
            case .additive: "adds columns, functions and rights; changes nothing that other programs know"
            case .report: "says who would lose access, and keeps what a rollback needs; changes no right"
            case .lockDown: "row level security with least rights; run `--step report` before it"
            case .rollback: "undoes the lock-down"
            }
        }
    }

    @Argument(help: "A file that is not there yet; without it, or as `-`, standard output.")
    var file: String?

    @Option(
        help: ArgumentHelp(
            "One of: \(Step.allCases.map { "\($0.rawValue) (\($0.meaning))" }.joined(separator: "; ")).",
            valueName: "step"))
    var step = Step.additive

    func run() throws {
        let folder = try SQLFolder.find()
        let names = try folder.files().filter { name in step.prefixes.contains { name.hasPrefix($0) } }
        guard !names.isEmpty else {
            throw CommandFailure(.failed, "\(folder.path) has no SQL for the step \(step.rawValue): install anew")
        }
        var text = ""
        for name in names { text += "-- ---- \(name)\n" + (try folder.text(of: name)) + "\n" }
        guard let file, file != "-" else { return Terminal.output.write(text) }
        try NewFile(path: file, text: text).write()
        Terminal.errors.line(
            "\(file): \(names.count) files; \(step.meaning). Paste it into the project's SQL editor, or run "
                + "psql -v ON_ERROR_STOP=1 -f \(file)")
    }
}
