import Foundation
import Settings
import Testing

@testable import PluginHost

struct EnabledScalarTests {
    @Test(arguments: [
        ("plugin: x\nenabled: true\n", "plugin: x\nenabled: false\n"),
        ("# why\nenabled:   true   # note\nplugin: x", "# why\nenabled:   false   # note\nplugin: x"),
        ("plugin: x\r\nenabled: True\r\nsettings: {}\r\n", "plugin: x\r\nenabled: false\r\nsettings: {}\r\n"),
        ("plugin: x # the best\n# more\n", "plugin: x # the best\nenabled: false\n# more\n"),
        ("plugin: x\r\n", "plugin: x\r\nenabled: false\r\n"),
        ("plugin: x", "plugin: x\nenabled: false"),
        ("{plugin: x, enabled: true}\n", "{plugin: x, enabled: false}\n"),
        ("{plugin: x, settings: {enabled: true}}\n", "{enabled: false, plugin: x, settings: {enabled: true}}\n"),
        ("\u{FEFF}plugin: x\nenabled: true\n", "\u{FEFF}plugin: x\nenabled: false\n"),
        ("plugin: x\nenabled: \"true\"\n", "plugin: x\nenabled: false\n"),
        ("plugin: x\nenabled: 'yes' # no\n", "plugin: x\nenabled: false # no\n"),
        ("plugin: x\nenabled: yes\n", "plugin: x\nenabled: false\n"),
        ("plugin: x\nenabled:\nsettings: {}\n", "plugin: x\nenabled: false\nsettings: {}\n"),
        ("plugin: x\nenabled: # later\n", "plugin: x\nenabled: false # later\n"),
        ("plugin: x\nenabled: ~\n", "plugin: x\nenabled: false\n"),
        ("plugin: x\n\"enabled\": true\n", "plugin: x\n\"enabled\": false\n"),
        (
            "---\nplugin: x\nsettings:\n  enabled: true\n",
            "---\nplugin: x\nenabled: false\nsettings:\n  enabled: true\n"
        ),
        ("plugin:\n  x\nsettings: {}\n", "enabled: false\nplugin:\n  x\nsettings: {}\n"),
        ("# grüß\nplugin: \"é\"\nenabled: true # 😀\n", "# grüß\nplugin: \"é\"\nenabled: false # 😀\n"),
        ("  plugin: x\n  settings: {}\n", "  plugin: x\n  enabled: false\n  settings: {}\n"),
        ("settings: {a: 1}\nplugin: x\n", "settings: {a: 1}\nplugin: x\nenabled: false\n"),
    ])
    func oneScalarChangesAndNothingElse(before: String, after: String) throws {
        #expect(try EnabledScalar.set(false, in: before, file: "d.yaml") == after)
        let back = try EnabledScalar.set(true, in: after, file: "d.yaml")
        #expect(try DropIn.parse(try ConfigurationNode.parse(back, file: "d.yaml"), fileName: "d.yaml").isEnabled)
    }

    @Test(arguments: ["plugin: x\n", "plugin: x\nenabled: true # yes\n"])
    func whatIsSaidAlreadyIsLeftAlone(text: String) throws {
        #expect(try EnabledScalar.set(true, in: text, file: "d.yaml") == text)
    }

    @Test(arguments: ["", "- a\n", "plugin: [\n", "a: &on true\nenabled: *on\n"])
    func whatCannotBeChangedAloneIsRefused(text: String) {
        #expect(throws: ConfigurationError.self) { try EnabledScalar.set(false, in: text, file: "d.yaml") }
    }

    @Test func theFileKeepsModeLinksAndItsNeighbours() throws {
        let workshop = try Workshop()
        try workshop.write("20-real.yaml", "plugin: x # mine\n")
        chmod(workshop.dropIns + "/20-real.yaml", 0o640)
        symlink("20-real.yaml", workshop.dropIns + "/30-link.yaml")
        try DropInFile.find("link", in: workshop.dropIns).set(enabled: false)
        let text = try String(contentsOfFile: workshop.dropIns + "/20-real.yaml", encoding: .utf8)
        #expect(text == "plugin: x # mine\nenabled: false\n")
        let attributes = try FileManager.default.attributesOfItem(atPath: workshop.dropIns + "/20-real.yaml")
        #expect(attributes[.posixPermissions] as? Int == 0o640)
        #expect(DropInFolder.all(in: workshop.dropIns).filter { $0 != "." && $0 != ".." }.count == 2)
    }

    @Test func aDropInIsFoundWithOrWithoutNumberAndExtension() throws {
        let workshop = try Workshop()
        for name in ["10-sqlite.yaml", "50-auto-reply.yaml.disabled", "60-bot.yaml", "70-bot.yaml"] {
            try workshop.write(name, "plugin: x\n")
        }
        func find(_ name: String) throws -> String { try DropInFile.find(name, in: workshop.dropIns).fileName }
        for name in ["10-sqlite.yaml", "10-sqlite", "sqlite"] { #expect(try find(name) == "10-sqlite.yaml") }
        #expect(try find("auto-reply") == "50-auto-reply.yaml.disabled")
        #expect(throws: DropInFile.Failure(description: "\"bot\" may be 60-bot.yaml or 70-bot.yaml: say which")) {
            try find("bot")
        }
        #expect {
            try find("sqlit")
        } throws: { "\($0)".hasSuffix("(did you mean \"sqlite\"?)") }
        let disabled = try DropInFile.find("auto-reply", in: workshop.dropIns)
        try disabled.set(enabled: true)
        #expect(try find("auto-reply") == "50-auto-reply.yaml")
    }
}
