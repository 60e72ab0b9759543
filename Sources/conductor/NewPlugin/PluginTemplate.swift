/// A plugin that somebody is about to write: its name, and the files it begins with.
struct PluginTemplate: Sendable {
    enum Kind: String, Sendable, CaseIterable {
        case responder, notifier
    }

    enum Language: String, Sendable, CaseIterable {
        case swift, c, python, shell

        var words: String {
            switch self {
            case .swift: "Swift"
            case .c: "C"
            case .python: "Python"
            case .shell: "shell"
            }
        }
    }

    /// A file of the package.
    struct File: Sendable {
        var path: String
        var text: String
        var isProgram = false
    }

    let name: String
    let kind: Kind
    let language: Language

    init(name: String, kind: Kind, language: Language) throws(CommandFailure) {
        let isPlain = name.utf8.allSatisfy {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                || $0 == UInt8(ascii: "-")
        }
        guard isPlain, let first = name.utf8.first, first >= UInt8(ascii: "a"), !name.hasSuffix("-"),
            !name.contains("--"), name.utf8.count <= 40
        else {
            throw CommandFailure(
                .usage,
                "\"\(name)\" is no name for a plugin: up to 40 lower-case letters, digits and hyphens, the first a letter, "
                    + "as opening-hours")
        }
        guard !Self.taken.contains(name) else {
            throw CommandFailure(
                .usage, "\"\(name)\" is taken: the gateway, Swift or C uses that word; try my-\(name)")
        }
        (self.name, self.kind, self.language) = (name, kind, language)
    }

    /// Bundled plugins, and words that would clash in the code that is written.
    private static let taken: Set<String> = [
        "sqlite", "supabase", "auto-reply", "log", "exec", "crm-lookup", "webhook", "email", "conductor", "sdk", "try",
        "test", "plugin", "host", "settings", "event", "decision", "responder", "notifier", "storage", "message",
        "timestamp", "execution", "plugin-kit", "plugin-test-kit", "plugin-info", "plugin-error", "call-context",
        "inbound-text", "testing", "swift", "foundation", "string", "int", "array", "task", "result", "error", "main",
    ]

    /// `OpeningHours` of `opening-hours`.
    var typeName: String {
        name.split(separator: "-").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }

    /// Everything but the SDK.
    func files(conductor: String) -> [File] {
        let own =
            switch language {
            case .swift: swiftFiles
            case .c: cFiles
            case .python: pythonFiles
            case .shell: shellFiles
            }
        return (own + commonFiles).map { file in
            var file = file
            file.text = filled(file.text, conductor: conductor)
            file.path = filled(file.path, conductor: conductor)
            return file
        }
    }

    /// What to type, after `cd`.
    var steps: [(command: String, what: String)] {
        let test = language == .swift ? "its tests; builds first, about half a minute" : "its test"
        var steps = [("make test", test)]
        if language == .swift, kind == .responder {
            steps.append(("swift run try \"Are you open?\"", "ask it by hand"))
        }
        steps.append(("make run", "a gateway with a simulated modem: a text comes, and it answers"))
        if kind == .notifier { steps[steps.count - 1].1 = "a gateway with a simulated modem: it is told what happens" }
        steps.append(("sudo make install", "into the gateway of this machine"))
        return steps
    }

    private func filled(_ text: String, conductor: String) -> String {
        [("@NAME@", name), ("@TYPE@", typeName), ("@CONDUCTOR@", conductor)].reduce(text) { text, pair in
            text.split(separator: pair.0, omittingEmptySubsequences: false).joined(separator: pair.1)
        }
    }

    private var commonFiles: [File] {
        [
            File(path: "README.md", text: readme),
            File(path: ".gitignore", text: ".build/\n.state/\n__pycache__/\nplugins.d/*.so\nplugins.d/*.part\ntest\n"),
            File(
                path: "plugins.d/10-sqlite.yaml",
                text:
                    "# Where `make run` keeps its texts. Not installed.\nplugin: sqlite\nsettings: {path: messages.db}\n"
            ),
        ]
    }

    private var readme: String {
        let steps = self.steps.map { "    \($0.command)" }.joined(separator: "\n")
        return """
            # @NAME@

            A \(kind.rawValue) for the SMS gateway Conductor, in \(language.words), written by `conductor plugins new`.

            \(steps)

            * `make run` starts a gateway of its own in `.state`, with one simulated modem and the drop-ins of `plugins.d`. It
              touches no real text. `rm -r .state` begins anew.
            * `make install` copies the plugin and `plugins.d/60-@NAME@.yaml` to `/etc/conductor/plugins.d`
              (`PLUGINS_D=…` for another folder). A drop-in that is there stays as it is.
            \(language == .swift || language == .c
                ? "* `conductor plugins check plugins.d/@NAME@.so` says what was built, and whether a gateway would load it."
                : "* What the program writes to standard error is in the gateway's log. Standard output is for answers only.")

            Where things are:

            \(map)

            """
    }

    private var map: String {
        switch language {
        case .swift:
            """
            | | |
            |---|---|
            | `Sources/@TYPE@/@TYPE@.swift` | the plugin |
            | `Tests/@TYPE@Tests` | its tests, and the contract that every \(kind.rawValue) keeps |
            | `plugins.d/60-@NAME@.yaml` | its drop-in: what it may be told |
            | `sdk` | PluginKit, as this gateway has it; replace it when the gateway is updated |

            Without make: `swift test`, then `swift build -c release --product @NAME@ -Xlinker -s`, and the library is
            `.build/release/lib@NAME@.so`.
            """
        case .c:
            """
            | | |
            |---|---|
            | `@NAME@.c` | the plugin |
            | `test.c` | a host in one file, which asks it |
            | `plugins.d/60-@NAME@.yaml` | its drop-in: what it may be told |
            | `include/conductor_plugin.h` | the contract: every function says its thread, who owns what, and how it fails |
            """
        case .python, .shell:
            """
            | | |
            |---|---|
            | `plugins.d/@NAME@.\(language == .python ? "py" : "sh")` | the plugin |
            | `plugins.d/60-@NAME@.yaml` | its drop-in: what is run, and what it may be told |
            | `test.\(language == .python ? "py" : "sh")` | its test |

            The lines it reads and writes are described in plugins.d/README.md of the gateway, section "Programs".
            """
        }
    }
}
