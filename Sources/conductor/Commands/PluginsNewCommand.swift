import ArgumentParser

extension PluginsCommand {
    struct New: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write a plugin of your own: a package that builds, has a test, and answers.",
            discussion: "Needs no running gateway and no network. What to type next is printed, and in its README.")

        @Argument(help: "Its name, as opening-hours: lower-case letters, digits and hyphens.")
        var name: String

        @Option(help: "What it does: responder (answers texts) or notifier (is told what happens).")
        var kind: PluginTemplate.Kind = .responder

        @Option(help: "What it is written in: swift, c, python or shell.")
        var language: PluginTemplate.Language = .swift

        @Option(help: ArgumentHelp("Where its folder is made; here, unless said.", valueName: "folder"))
        var directory: String = "."

        func run() throws {
            let template = try PluginTemplate(name: name, kind: kind, language: language)
            let parent = try StateFolder.absolute(directory)
            let package = NewPackage(folder: parent + "/" + template.name)
            try package.write(template)
            let terminal = Terminal.output
            terminal.line("\(terminal.style(package.folder, .bold)): a \(kind.rawValue) in \(language.words). Next:")
            terminal.line()
            let folder = directory == "." ? template.name : directory + "/" + template.name
            for (command, what) in [("cd \(folder)", "")] + template.steps {
                let padding = String(repeating: " ", count: max(1, 44 - command.count))
                terminal.line(
                    what.isEmpty ? "    \(command)" : "    \(command)\(padding)\(terminal.style("# " + what, .dim))")
            }
            terminal.line()
            terminal.line("README.md there says the rest.")
        }
    }
}

extension PluginTemplate.Kind: ExpressibleByArgument {}
extension PluginTemplate.Language: ExpressibleByArgument {}
