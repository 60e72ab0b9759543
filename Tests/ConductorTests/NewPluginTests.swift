import Foundation
import Testing

@testable import conductor

@Suite("conductor plugins new")
struct NewPluginTests {
    private func folder() throws -> String {
        let path = FileManager.default.temporaryDirectory.appending(path: "new-plugin-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }

    @Test(
        "a name that cannot be one is refused in words",
        arguments: [
            ("", "is no name"), ("Hello", "is no name"), ("2fast", "is no name"), ("a b", "is no name"),
            ("-a", "is no name"), ("a-", "is no name"), ("a--b", "is no name"), ("../a", "is no name"),
            ("caf\u{e9}", "is no name"), (String(repeating: "a", count: 41), "is no name"),
            ("auto-reply", "is taken"), ("host", "try my-host"), ("sdk", "is taken"),
        ])
    func names(name: String, words: String) {
        let failure = #expect(throws: CommandFailure.self) {
            try PluginTemplate(name: name, kind: .responder, language: .swift)
        }
        #expect(failure?.status == .usage && failure?.message.contains(words) == true, "\(failure?.message ?? "")")
    }

    @Test(
        "nothing of the template is left open",
        arguments: PluginTemplate.Kind.allCases, PluginTemplate.Language.allCases)
    func templates(kind: PluginTemplate.Kind, language: PluginTemplate.Language) throws {
        let template = try PluginTemplate(name: "opening-hours", kind: kind, language: language)
        let files = template.files(conductor: "/opt/bin/conductor")
        #expect(Set(files.map(\.path)).count == files.count)
        for file in files {
            #expect(!file.text.contains(/@[A-Z]+@/) && !file.path.contains("@"), "\(file.path)")
            #expect(file.text.hasSuffix("\n") && !file.text.contains(" \n"), "\(file.path)")
        }
        for wanted in ["README.md", "Makefile", "plugins.d/10-sqlite.yaml", "plugins.d/60-opening-hours.yaml"] {
            #expect(files.contains { $0.path == wanted }, "\(wanted)")
        }
        let make = try #require(files.first { $0.path == "Makefile" }).text
        #expect(make.contains("CONDUCTOR ?= /opt/bin/conductor\n"))
        for step in template.steps where step.command.contains("make ") {
            let target = step.command.split(separator: " ").last ?? ""
            #expect(make.contains("\n\(target):"), "what is printed must exist: \(step.command)")
        }
    }

    @Test("a folder that is there already stays as it is")
    func existing() throws {
        let parent = try folder()
        defer { try? FileManager.default.removeItem(atPath: parent) }
        let template = try PluginTemplate(name: "hello", kind: .responder, language: .python)
        let package = NewPackage(folder: parent + "/hello")
        try package.write(template)
        let program = parent + "/hello/plugins.d/hello.py"
        try "mine".write(toFile: program, atomically: true, encoding: .utf8)
        let failure = #expect(throws: CommandFailure.self) { try package.write(template) }
        #expect(failure?.message.contains("is there already") == true)
        #expect(try String(contentsOfFile: program, encoding: .utf8) == "mine")
    }

    @Test("a folder that cannot be written is said, and nothing is left behind")
    func unwritable() throws {
        let template = try PluginTemplate(name: "hello", kind: .responder, language: .shell)
        let failure = #expect(throws: CommandFailure.self) {
            try NewPackage(folder: "/no/such/folder/hello").write(template)
        }
        #expect(failure?.message == "cannot write in /no/such/folder: No such file or directory")
    }

    @Test("the SDK is taken from where CONDUCTOR_SDK says, and one that is none is refused")
    func sdk() async throws {
        let parent = try folder()
        defer { try? FileManager.default.removeItem(atPath: parent) }
        let words = ["plugins", "new", "hello", "--language", "c", "--directory", parent]
        let none = await Program.finished(Program.conductor, words, environment: ["CONDUCTOR_SDK": "/nowhere"])
        #expect(none.status == 1 && none.errors.contains("CONDUCTOR_SDK names /nowhere"), "\(none.errors)")
        #expect(!FileManager.default.fileExists(atPath: parent + "/hello"))
        let found = await Program.finished(Program.conductor, words)
        #expect(found.status == 0, "\(found.errors)")
        #expect(FileManager.default.fileExists(atPath: parent + "/hello/include/conductor_plugin.h"))
        #expect(!FileManager.default.fileExists(atPath: parent + "/hello/include/conductor_sdk.h"))
    }
}
