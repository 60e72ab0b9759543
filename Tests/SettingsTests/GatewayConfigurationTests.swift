import Foundation
import Testing

@testable import Settings

struct GatewayConfigurationTests {
    private func parse(_ yaml: String) throws -> GatewayConfiguration {
        try GatewayConfiguration.parse(try ConfigurationNode.parse(yaml, file: "/etc/c/c.yaml"))
    }

    @Test func aWholeFileIsRead() throws {
        let read = try parse(
            """
            gateway:
              id: shop-1
              state_dir: state
              plugins_dir: /srv/plugins.d
              default_country: US
            modems:
              - match: {imei: 490154203237518}
                pin_file: pin
              - match: {port: /dev/ttyS0}
            policy:
              max_age: 30m
              max_attempts: 3
              incomplete_after: 90s
              language: tr
              confirmations: {stop: "Bye", help: "?"}
            retention: {texts: 365d, journal: 14d, transcripts: forever}
            log: {level: debug, format: json}
            """)
        #expect(read.retention.texts == .time(.seconds(365 * 86_400)) && read.retention.transcripts == .forever)
        #expect(read.retention.journal == .seconds(14 * 86_400))
        #expect(read.id == "shop-1" && read.stateFolder == "/etc/c/state" && read.pluginsFolder == "/srv/plugins.d")
        #expect(read.modems[0].imei == "490154203237518" && read.modems[0].pinFile == "/etc/c/pin")
        #expect(read.modems[1].port == "/dev/ttyS0")
        #expect(read.policy.maxAge == .seconds(1800) && read.policy.maxAttempts == 3)
        #expect(read.policy.language == "tr" && read.policy.incompleteAfter == .seconds(90))
        #expect(read.policy.stopConfirmation == "Bye" && read.policy.helpText == "?")
        #expect(read.policy.startConfirmation == nil && read.policy.reportDeadline == nil)
        #expect(read.log == GatewayConfiguration.Log(level: "debug", format: "json"))
    }

    @Test(arguments: [
        ("gateway: {state_dri: x}", "1:11: gateway.state_dri: unknown key (did you mean \"state_dir\"?)"),
        ("modem: []", "1:1: modem: unknown key (did you mean \"modems\"?)"),
        ("modems:\n  - match: {}", "2:12: modems[0].match: one of imei, port, usb or sim is needed"),
        ("modems:\n  - pin_file: x", "2:5: modems[0]: the key \"match\" is missing"),
        ("modems:\n  - match: {imei: 12}", "2:19: modems[0].match.imei: must be 15 digits"),
        ("modems:\n  - match: {port: tty}", "2:19: modems[0].match.port: must be an absolute path"),
        ("policy: {max_age: 1}", "1:19: policy.max_age: must be a time span as 30s, 15m, 1h or 7d"),
        ("retention: {texts: 6d}", "1:20: retention.texts: must be at least 7d, or forever"),
        (
            "retention: {journal: forever}",
            "1:22: retention.journal: must have an end: the journal is kept small, texts stay in storage"
        ),
        ("retention: {transcripts: long}", "1:26: retention.transcripts: must be a time span as 30s, 15m, 1h or 7d"),
        ("policy: {max_attempts: many}", "1:24: policy.max_attempts: must be a whole number from 1 to 100"),
        (
            "policy: {language: klingon}",
            "1:20: policy.language: \"klingon\" is not one of none, auto, tr, es, pt, bn, gu, hi, kn, ml, or, pa, ta, te, ur"
        ),
        ("gateway: {discover: no}", "1:21: gateway.discover: must be true or false"),
        (
            "log: {level: loud}",
            "1:14: log.level: \"loud\" is not one of trace, debug, info, notice, warning, error, critical"
        ),
        (
            "gateway: {default_country: usa}",
            "1:28: gateway.default_country: must be a country's two capital letters, as US"
        ),
        ("gateway: [", "2:1: no YAML: while parsing a flow node, did not find expected node content"),
        (
            "gateway:\n\tid: x",
            "2:1: no YAML: while scanning for the next token, found character that cannot start any token"
        ),
    ])
    func whatIsWrongIsSaidWithItsPlace(yaml: String, sentence: String) {
        // E2: an unknown key is an error with the nearest known one.
        #expect {
            try parse(yaml)
        } throws: { error in
            #expect("\(error)" == "/etc/c/c.yaml:" + sentence)
            return true
        }
    }

    @Test func theFileIsSearchedInOrder() throws {
        let folder = NSTemporaryDirectory() + "conductor-settings-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for name in ["a", "b", "c"] {
            try "gateway: {id: \(name)}".write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
        }
        func id(_ path: String?, _ environment: [String: String], _ system: String) throws -> String? {
            try GatewayConfiguration.load(path: path, environment: environment, systemFile: system).id
        }
        let variable = ["CONDUCTOR_CONFIG": folder + "/b"]
        #expect(try id(folder + "/a", variable, folder + "/c") == "a")
        #expect(try id(nil, variable, folder + "/c") == "b")
        #expect(try id(nil, [:], folder + "/c") == "c")
        #expect(try id(nil, [:], folder + "/none") == nil)
        #expect(throws: ConfigurationError(file: folder + "/x", message: "cannot be read: No such file or directory")) {
            try id(folder + "/x", [:], folder + "/c")
        }
    }

    @Test func aSecretIsReadOnlyFromAFileThatIsClosedToOthers() throws {
        // C1: secrets come from files of mode 0600, and are never printed.
        let path = NSTemporaryDirectory() + "conductor-secret-\(UUID().uuidString)"
        defer { unlink(path) }
        try " 1234 \nmore".write(toFile: path, atomically: true, encoding: .utf8)
        chmod(path, 0o644)
        #expect {
            try SecretFile.read(path)
        } throws: { error in
            "\(error)" == "\(path): holds a secret, but its mode is 0644: run \"chmod 600 \(path)\""
        }
        chmod(path, 0o600)
        #expect(try SecretFile.read(path) == "1234")
    }
}

struct ConfigurationNodeTests {
    @Test(arguments: [
        ("a: yes", #"{"a":"yes"}"#), ("a: true", #"{"a":true}"#), ("a: +52", #"{"a":"+52"}"#),
        ("a: 0123", #"{"a":"0123"}"#),
        ("a: 12", #"{"a":12}"#), ("a: -1.5e3", #"{"a":-1.5e3}"#), ("a: .5", #"{"a":".5"}"#),
        ("a: '12'", #"{"a":"12"}"#),
        ("a: ~", #"{"a":null}"#), ("a:", #"{"a":null}"#), ("a: ''", #"{"a":""}"#), ("a: [1, x]", #"{"a":[1,"x"]}"#),
        ("a: \"q\\\"\\\\\\n\\x01é\"", #"{"a":"q\"\\\n\u0001é"}"#),
        ("x: &r {b: 1}\ny: *r", #"{"x":{"b":1},"y":{"b":1}}"#),
    ])
    func settingsBecomeJSONByTheCoreSchema(yaml: String, json: String) throws {
        #expect(try ConfigurationNode.parse(yaml, file: "f").json == json)
    }
}
