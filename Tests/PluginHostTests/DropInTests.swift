import Settings
import Testing

@testable import PluginHost

struct DropInTests {
    @Test(arguments: [
        ("plugin: x\nenabeld: true\n", "d.yaml:2:1: enabeld: unknown key (did you mean \"enabled\"?)"),
        (
            "plugin: x\ncolour: red\n",
            "d.yaml:2:1: colour: unknown key (known: deadline_ms, enabled, exec, grants, isolation, plugin, settings)"
        ),
        ("enabled: true\n", "d.yaml:1:1: the key \"plugin\" is missing"),
        ("", "d.yaml:1:1: the key \"plugin\" is missing"),
        ("- a\n", "d.yaml:1:1: must be a mapping of keys to values, but is a list"),
        ("plugin: x\nenabled: yes\n", "d.yaml:2:10: enabled: must be true or false"),
        ("plugin: x\ndeadline_ms: 0\n", "d.yaml:2:14: deadline_ms: must be a whole number from 1 to 600000"),
        ("plugin: x\nisolation: fence\n", "d.yaml:2:12: isolation: \"fence\" is not one of inproc, process"),
        (
            "plugin: x\ngrants: [log, sned]\n",
            "d.yaml:2:15: grants[1]: there is nothing \"sned\" to grant (did you mean \"send\"?)"
        ),
        ("plugin: x\nsettings: [1]\n", "d.yaml:2:11: settings: must be a mapping of keys to values"),
        (
            "plugin: exec:bot\n",
            "d.yaml:1:9: plugin: write \"exec: [bot]\" in its place: the program, then its arguments"
        ),
        ("plugin: exec\n", "d.yaml:1:9: plugin: \"exec\" needs the program too, as exec: [python3, bot.py]"),
        ("plugin: x\nexec: [a]\n", "d.yaml:1:9: plugin: a drop-in has \"plugin\" or \"exec\", not both"),
        ("exec: []\n", "d.yaml:1:7: exec: must name a program and its arguments, as [python3, bot.py]"),
        ("exec: {command: [a], fromat: text}\n", "d.yaml:1:22: exec.fromat: unknown key (did you mean \"format\"?)"),
        ("exec: {command: [a], format: xml}\n", "d.yaml:1:30: exec.format: \"xml\" is not one of json, text"),
        ("plugin: x\nplugin: y\n", "d.yaml:1:1: this mapping has the key \"plugin\" twice"),
        ("plugin: \"x\n", "d.yaml:2:1: no YAML: while scanning a quoted scalar, found unexpected end of stream"),
    ])
    func whatIsWrongIsSaidWithItsPlace(yaml: String, sentence: String) {
        // E2: a key that nothing reads is an error.
        #expect {
            try DropIn.parse(try ConfigurationNode.parse(yaml, file: "d.yaml"), fileName: "d.yaml")
        } throws: { error in
            #expect("\(error)" == sentence)
            return true
        }
    }

    @Test(
        "a program is the plugin \"exec\", whose settings say what to run and where",
        arguments: [
            (
                "exec: [python3, bot.py, 8080]\n",
                #"{"command":["python3","bot.py","8080"],"folder":"/etc/p","options":"{}"}"#
            ),
            (
                "plugin: exec\nexec: {command: [sh, bot.sh], format: text}\nsettings: {a: \"x\\ny\", b: 1}\n",
                #"{"command":["sh","bot.sh"],"format":"text","folder":"/etc/p","#
                    + #""options":"{\"a\":\"x\\ny\",\"b\":1}"}"#
            ),
        ])
    func programs(yaml: String, settings: String) throws {
        let dropIn = try DropIn.parse(try ConfigurationNode.parse(yaml, file: "/etc/p/d.yaml"), fileName: "d.yaml")
        #expect(dropIn.plugin == "exec" && dropIn.settings?.json == settings)
    }

    @Test func whatIsNotSaidHasDefaults() throws {
        let dropIn = try DropIn.parse(try ConfigurationNode.parse("plugin: x", file: "d"), fileName: "10-x.yaml")
        #expect(dropIn.isEnabled && dropIn.name == "10-x" && dropIn.deadline == .seconds(10))
        #expect(dropIn.grants.words == ["clock", "kv", "log", "metrics", "storage_events"])
        #expect(!dropIn.grants.network && dropIn.grants.files == .init() && dropIn.grants.http.isEmpty)
    }

    @Test(arguments: [
        ("10-x.yaml", true), ("10-x.yml", true), (".10-x.yaml", false), ("10-x.yaml~", false),
        ("10-x.yaml.swp", false), ("10-x.yaml.tmp", false), ("10-x.yaml.part", false), ("10-x.yaml.disabled", false),
        ("10-x.yaml.dpkg-new", false), ("10-x.dpkg-old.yaml", false), ("README.md", false), ("x.so", false),
    ])
    func leavingsOfEditorsAreNoDropIns(name: String, isOne: Bool) {
        #expect(DropInFolder.isDropIn(name) == isOne)
    }
}
