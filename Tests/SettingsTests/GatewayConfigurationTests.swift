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
                smsc: "+12063130004"
                prefer_for: ["+52", "+1664"]
            policy:
              max_age: 30m
              max_attempts: 3
              incomplete_after: 90s
              language: tr
              confirmations: {stop: "Bye", help: "?"}
              loop_guard: {enabled: true, answers: 3, within: 5m, same_text: 2, texts: 20, rest: 2h}
              external_bots:
                words: [order]
                numbers: [+16195550123]
                sims: ["8901260123456789012"]
              on_unknown: {notice: resend}
              content: {warn: false, refuse_promotions: [url-shortener, no-opt-out]}
              dead_letters: {alarm: 0, within: 2h}
            retention: {texts: 365d, journal: 14d, transcripts: forever}
            canary: {every: 6h}
            log: {level: debug, format: json}
            """)
        #expect(read.canary == .init(every: .seconds(21_600), within: .seconds(600)))
        #expect(try parse("canary: off").canary == nil)
        #expect(read.modems.map(\.smsc) == [nil, "+12063130004"])
        #expect(read.modems.map(\.preferFor) == [[], ["+52", "+1664"]])
        #expect(read.retention.texts == .time(.seconds(365 * 86_400)) && read.retention.transcripts == .forever)
        #expect(read.retention.journal == .seconds(14 * 86_400))
        #expect(read.id == "shop-1" && read.stateFolder == "/etc/c/state" && read.pluginsFolder == "/srv/plugins.d")
        #expect(read.modems[0].imei == "490154203237518" && read.modems[0].pinFile == "/etc/c/pin")
        #expect(read.modems[1].port == "/dev/ttyS0")
        #expect(read.policy.maxAge == .seconds(1800) && read.policy.maxAttempts == 3)
        #expect(read.policy.language == "tr" && read.policy.incompleteAfter == .seconds(90))
        #expect(read.policy.stopConfirmation == "Bye" && read.policy.helpText == "?")
        #expect(read.policy.startConfirmation == nil && read.policy.reportDeadline == nil)
        #expect(read.policy.loopGuard.answers == 3 && read.policy.loopGuard.within == .seconds(300))
        #expect(read.policy.loopGuard.rest == .seconds(7_200) && read.policy.loopGuard.sameText == 2)
        #expect(read.policy.externalBots?.numbers == ["+16195550123"] && read.policy.externalBots?.words == ["order"])
        #expect(read.policy.externalBots?.all == false)
        #expect(read.policy.onUnknown.notice == "resend" && read.policy.onUnknown.conversation == nil)
        #expect(read.policy.content.refusePromotions == ["url-shortener", "no-opt-out"])
        #expect(read.policy.content.warn == false)
        #expect(read.policy.deadLetters.alarm == 0 && read.policy.deadLetters.within == .seconds(7_200))
        #expect(read.log == GatewayConfiguration.Log(level: "debug", format: "json"))
    }

    @Test func whenAndHowMuchIsSentIsRead() throws {
        let read = try parse(
            """
            gateway: {time_zone: America/New_York}
            policy:
              windows:
                zone: shop
                conversation: always
                notice: "22:00-06:00"
                promotion: [mon-fri 9:00-17:30, "sat,sun 10:00-24:00", fri-mon 01:00-02:00]
                after_contact: 30m
              limits:
                per_sim: {per_minute: 20, per_day: off}
                per_plugin: off
              budget: {per_day: 500, alarm_at: 90}
              delivered_share: off
              max_wait: off
            """)
        let sending = read.policy.sending
        #expect(read.timeZone == "America/New_York" && sending.windows.zone == "shop")
        #expect(sending.windows.conversation == .always && sending.windows.afterContact == .seconds(1_800))
        #expect(sending.windows.notice == .hours([.init(days: Set(0...6), start: 1_320, end: 360)]))
        #expect(
            sending.windows.promotion
                == .hours([
                    .init(days: [1, 2, 3, 4, 5], start: 540, end: 1_050), .init(days: [0, 6], start: 600, end: 1_440),
                    .init(days: [5, 6, 0, 1], start: 60, end: 120),
                ]))
        #expect(sending.limits.simMinute == .most(20) && sending.limits.simDay == .off)
        #expect(sending.limits.simRecipients == nil && sending.limits.recipientDay == nil)
        #expect(sending.limits.pluginMinute == .off && sending.limits.pluginDay == .off)
        #expect(sending.budget == .most(500) && sending.budgetAlarm == 90)
        #expect(sending.deliveredShare.least == .off && sending.maxWait == .off)
        #expect(try parse("policy: {limits: off}").policy.sending.limits.simMinute == .off)
        #expect(try parse("policy: {max_age: 1h}").policy.sending == SendingPolicy())
    }

    @Test(arguments: [
        (
            "gateway: {time_zone: Amerika/New_York}",
            "1:22: gateway.time_zone: \"Amerika/New_York\" is no time zone: write one of the IANA data base, as "
                + "America/New_York (did you mean \"America/New_York\"?)"
        ),
        (
            "policy: {limits: on}", "1:18: policy.limits: must be off, or limits by their keys"
        ),
        (
            "policy: {limits: {per_sim: {per_minute: 0}}}",
            "1:41: policy.limits.per_sim.per_minute: must be a whole number from 1 to 1000000, or off"
        ),
        (
            "policy: {limits: {per_sim: {per_hour: 9}}}",
            "1:29: policy.limits.per_sim.per_hour: unknown key (known: per_day, per_minute, recipients_per_day)"
        ),
        (
            "policy: {windows: {notice: 9-17}}",
            "1:28: policy.windows.notice: \"9-17\" is no window: write always, 08:00-21:00 or mon-fri 09:00-17:30"
        ),
        (
            "policy: {windows: {notice: '24:00-25:00'}}",
            "1:28: policy.windows.notice: \"24:00-25:00\" is no window: write always, 08:00-21:00 or "
                + "mon-fri 09:00-17:30"
        ),
        (
            "policy: {windows: {notice: []}}",
            "1:28: policy.windows.notice: never opens: write always, or hours"
        ),
        ("policy: {max_wait: 5m}", "1:20: policy.max_wait: must be 1h or more, or off"),
        ("gateway: {state_dri: x}", "1:11: gateway.state_dri: unknown key (did you mean \"state_dir\"?)"),
        ("modem: []", "1:1: modem: unknown key (did you mean \"modems\"?)"),
        ("modems:\n  - match: {}", "2:12: modems[0].match: one of imei, port, usb or sim is needed"),
        ("modems:\n  - pin_file: x", "2:5: modems[0]: the key \"match\" is missing"),
        (
            "modems:\n  - {match: {port: /dev/ttyS0}, smsc: 12063130004}",
            "2:39: modems[0].smsc: must be the service centre's number with +, as \"+12063130004\""
        ),
        (
            "modems:\n  - {match: {port: /dev/ttyS0}, prefer_for: [52]}",
            "2:46: modems[0].prefer_for[0]: must be what numbers begin with, with + and in quotes, as \"+52\""
        ),
        ("modems:\n  - match: {imei: 12}", "2:19: modems[0].match.imei: must be 15 digits"),
        ("modems:\n  - match: {port: tty}", "2:19: modems[0].match.port: must be an absolute path"),
        ("policy: {max_age: 1}", "1:19: policy.max_age: must be a time span as 30s, 15m, 1h or 7d"),
        ("canary: {every: 5m}", "1:17: canary.every: must be within 10m and 30d: each check costs a text of each SIM"),
        ("canary: {every: 1h, within: 1h}", "1:29: canary.within: must be within 1m and 1d, and less than every"),
        ("canary: {within: 5m}", "1:9: canary: the key \"every\" is missing"),
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
        ("policy: {loop_guard: {within: 1s}}", "1:31: policy.loop_guard.within: must be within 10s and 1d"),
        (
            "policy: {external_bots: {all: false}}",
            "1:25: policy.external_bots: says which texts other programs answer: all, numbers, sims or words"
        ),
        (
            "policy: {on_unknown: retry}",
            "1:22: policy.on_unknown: \"retry\" is not one of wait_report_then_ask, resend"
        ),
        (
            "policy: {on_unknown: {otp: resend}}",
            "1:23: policy.on_unknown.otp: unknown key (known: conversation, notice, promotion)"
        ),
        (
            "policy: {dead_letters: {alarm: -1}}",
            "1:32: policy.dead_letters.alarm: must be a whole number from 0 to 100000"
        ),
        ("policy: {lease: 100ms}", "1:17: policy.lease: must be within 1s and 10m"),
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

    @Test func aPINInThePlaceOfItsFileIsRefusedAndNotRepeated() throws {
        // C1.
        let yaml = "modems:\n  - {match: {port: /dev/ttyS0}, pin_file: 73915}\n"
        #expect {
            try GatewayConfiguration.parse(try ConfigurationNode.parse(yaml, file: "c"))
        } throws: { error in
            let sentence = "c:2:43: modems[0].pin_file: names the file that holds the PIN, and is not the PIN itself"
            return "\(error)".hasPrefix(sentence) && !"\(error)".contains("73915")
        }
    }

    @Test func aLineThatIsNoTextIsToldByItsPlaceAndNotRepeated() throws {
        // C1: a key may stand on it.
        for (yaml, place) in [
            ("a: 1\nkey: top\u{1}secret\n", "c:2:9"), ("a: 1\r\nb: é\r\nkey: \"top secret\u{7}\"", "c:3:17"),
        ] {
            #expect {
                try ConfigurationNode.parse(yaml, file: "c")
            } throws: { error in
                "\(error)" == "\(place): no YAML: control characters are not allowed"
            }
        }
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
