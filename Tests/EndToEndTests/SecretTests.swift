import Foundation
import Glibc
import Testing

extension EndToEnd {
    /// C1: secrets are in their files, and nowhere else.
    @Suite("Secrets") struct Secrets {
        @Test("C1: no piece of a secret is in outputs, logs, answers, files or processes, whatever goes wrong")
        func nowhere() async throws {
            try await withWorld(modems: 2, answering: false) { world in
                // A worker of root's gateway has an identity of its own, which must come to its program.
                chmod(world.folder, 0o711)
                var house = try SafeHouse(world)
                defer { house.server.end() }
                try await house.furnish()
                let start = now()

                try world.launchGateway(wrapper: ["/usr/bin/env", "CONDUCTOR_TEST_KEY=\(house.environmentKey)"])
                try await eventually("the gateway serves, with one modem and without the other", every: 50) {
                    guard world.gateway?.isRunning == true else { throw Failure(world.gatewayLog) }
                    guard let states = (try? await world.status())?.modems.map(\.state) else { return false }
                    return states.contains("ready") && states.contains("blocked")
                }
                let events = try ChildProcess(
                    "/usr/bin/curl",
                    ["-sSN", "--unix-socket", world.state + "/control.sock", "http://gateway/api/v1/events"],
                    output: world.folder + "/events.out")
                defer { events.end() }
                try await house.talk()
                house.lookAtProcesses()
                try await house.askTheGateway()
                try await house.tryTheProjects()
                house.lookAtProcesses()
                try await house.serveFromTheProject()
                try await house.convert()
                try await house.misconfigure()
                try await house.erase()
                house.lookAtProcesses()
                world.gateway?.signal(SIGTERM)
                try await eventually("the gateway ends") { world.gateway?.isRunning == false }
                try house.lookAtFiles()
                #expect(house.leaks.found(in: events.printed) == [], "the events")
                #expect(events.printed.contains("event: "))
                report("\(house.looks) outputs without \(house.planted) secrets, \(Int(now() - start)) ms")
            }
        }

        @Test("the search finds a secret in each of its forms, and a piece of it")
        func search() {
            var leaks = Leaks()
            leaks.plant("key", "abc/def+ghi\"jklmnopqrstuvwxyz")
            leaks.plant("pin", "73915264")
            for text in [
                "x abc/def+ghi\"jklmnopqrstuvwxyz", "…mnopqrstuvwx…", "YWJjL2RlZitnaGkiamtsbW5vcHFyc3R1dnd4eXo=",
                Data("user:abc/def+ghi\"jklmnopqrstuvwxyz".utf8).base64EncodedString(), #"def+ghi\"jklmno"#,
                "abc%2Fdef%2Bghi%22jkl", #"abc\/def+ghi\""#, "6A6B6C6D6E6F",
            ] {
                #expect(leaks.found(in: text) == ["key"], "\(text)")
            }
            #expect(leaks.found(in: "PIN 73915264.") == ["pin"])
            #expect(leaks.found(in: "abc/def+ghi, 7391526, jklmnopqrst") == [])
        }
    }
}

/// A world with a secret in every place where one can be.
private struct SafeHouse {
    let world: World
    var leaks = Leaks()
    private(set) var planted = 0
    private(set) var looks = 0
    let environmentKey = Leaks.key("sb_secret_")
    let server: ChildProcess
    private var project = ""

    init(_ world: World) throws {
        self.world = world
        let script = world.folder + "/server.py"
        try Gossip.server.write(toFile: script, atomically: true, encoding: .utf8)
        server = try ChildProcess("/usr/bin/python3", [script], output: world.folder + "/server.out")
        world.logLevel = "trace"
    }

    private mutating func plant(_ name: String, _ secret: String) -> String {
        leaks.plant(name, secret)
        planted += 1
        return secret
    }

    /// A file with a secret; its path.
    private mutating func file(_ name: String, _ secret: String, mode: mode_t = 0o600) throws -> String {
        let path = "\(world.folder)/\(name)"
        try (plant(name, secret) + "\n").write(toFile: path, atomically: true, encoding: .utf8)
        chmod(path, mode)
        return path
    }

    mutating func furnish() async throws {
        try await eventually("the server listens") { server.printed.hasSuffix("\n") }
        project = "http://127.0.0.1:" + server.printed.trimmingCharacters(in: .whitespacesAndNewlines)
        _ = plant("key in the environment", environmentKey)
        for modem in 0..<2 {
            let digits = String(Int.random(in: 10_000_000...99_999_999))
            world.modemSettings[modem] = "pin_file: \(try file("pin-\(modem)", digits))"
            // The second is not the card's.
            try world.tell("sim modem\(modem) pin \(modem == 0 ? digits : "1234")")
        }
        let key = Leaks.key() + "/+\\\"=" + Leaks.key()
        let program = plant("a program's key", key)
        let password = plant("a program's password", Leaks.key())
        try Gossip.program.write(toFile: world.plugins + "/gossip.py", atomically: true, encoding: .utf8)
        try world.drop(
            "60-program",
            """
            exec: [python3, gossip.py]
            settings:
              api_key: '\(program)'
              smtp: {host: mail.example.com, password: \(password)}
            """)
        try world.drop(
            "63-program", "exec: [python3, gossip.py]\nsettings: {mode: refuse, api_key: '\(program)'}\n")
        let library = try await Gossip.build(in: world.folder)
        for (name, words) in [("61-tells", "tells"), ("62-refuses", "refuse")] {
            // So long that an error, which has 491 octets, ends within the secret.
            let note = words + String(repeating: "-", count: 420 - words.count)
            let secret = plant(name, Leaks.key())
            try world.drop(name, "plugin: \(library)\nsettings: {note: \"\(note)\", webhook_token: \(secret)}\n")
        }
    }

    // MARK: What a person does

    /// Its output holds none of the secrets.
    @discardableResult
    private mutating func run(_ words: String..., saying expected: String = "") async throws -> String {
        let (status, output) = try await world.command(words)
        look(output, words.joined(separator: " "))
        #expect(expected.isEmpty || output.contains(expected), "\(words), \(status): \(output.suffix(2_000))")
        return output
    }

    private mutating func look(_ output: String, _ what: String) {
        looks += 1
        let found = leaks.found(in: output)
        #expect(found.isEmpty, "\(what): \(found)")
    }

    /// Every plugin is asked, dies, and is asked again.
    mutating func talk() async throws {
        try world.text(0, from: "+16195550177", "die now")
        try await eventually("a worker has crashed, and a program has died") {
            world.gatewayLog.contains("SIGABRT") && world.gatewayLog.contains("exited with status 1")
        }
        try await eventually("both are there again, and answer", every: 200) {
            try world.text(0, from: "+16195550177", "gossip")
            return world.gatewayLog.contains("no answer with") && world.gatewayLog.contains("it cannot answer with")
        }
    }

    mutating func askTheGateway() async throws {
        for words in [
            ["status"], ["plugins", "list"], ["storage", "status"], ["modems", "list"], ["config", "show"],
        ] {
            for more in [[], ["--json"]] {
                let own = words[0] == "config" ? [world.folder + "/conductor.yaml"] : []
                let (_, output) = try await world.command(words + own + more)
                look(output, (words + more).joined(separator: " "))
            }
        }
        for plugin in ["60-program", "61-tells", "62-refuses", "63-program"] {
            try await run("plugins", "logs", plugin)
            try await run("plugins", "check", "\(world.plugins)/\(plugin).yaml")
        }
        try await run("plugins", "logs", "61-tells", "--json", saying: "[secret]")
        try await run("plugins", "reload", "62-refuses", saying: "it does not like")
        try await run("doctor", "--all", "--config", world.folder + "/conductor.yaml")
        try await run("doctor", "--json", "--config", world.folder + "/conductor.yaml")
        var words = ["-sS", "--unix-socket", world.state + "/control.sock"]
        for path in [
            "metrics", "healthz", "readyz", "api/v1/status", "api/v1/plugins", "api/v1/modems", "api/v1/storage",
            "api/v1/messages", "api/v1/fleet", "api/v1/plugins/61-tells/logs", "api/v1/plugins/60-program/logs",
        ] {
            words.append("http://gateway/" + path)
        }
        let (_, answers) = try await ChildProcess.run("/usr/bin/curl", words, in: world.folder)
        #expect(answers.contains("conductor_") && answers.contains("gossip"), "\(answers.prefix(2_000))")
        look(answers, "the gateway's answers")
    }

    /// Storages that cannot serve, each for a reason of its own.
    mutating func tryTheProjects() async throws {
        let words = "settings.key_file: what it names holds more than a key"
        for (kind, words) in [
            ("refused", "may not do this"), ("page", "is away"), ("elsewhere", "42501"),
            ("code", "does not know the key"), ("fine", "migration"), ("nowhere", "project"),
            ("open", "may not do this"), ("folder", "is a folder"), ("garbage", words),
            ("inline", "does not belong into a drop-in"), ("misplaced", "does not belong into a drop-in"),
            ("environment", "may not do this"), ("url", "it has a user"), ("name", "there is no plugin"),
        ] {
            let secret = Leaks.key("sb_secret_")
            var place = "key_file: \(world.folder)/\(kind).key"
            var url = "\(project)/\(kind)"
            var plugin = "supabase"
            switch kind {
            case "folder": place = "key_file: \(world.folder)"
            case "inline": place = "key: \(plant(kind, secret))"
            case "misplaced": place = "key_file: \(plant(kind, Leaks.token()))"
            case "environment": place = "key_env: CONDUCTOR_TEST_KEY"
            case "garbage": _ = try file("\(kind).key", secret + " " + Leaks.key())
            default: _ = try file("\(kind).key", secret, mode: kind == "open" ? 0o644 : 0o600)
            }
            if kind == "nowhere" { url = "https://conductor.invalid" }
            if kind == "url" { url = "https://user:\(plant("a password in the URL", Leaks.key()))@example.com" }
            if kind == "name" { plugin = plant("key in the plugin's place", Leaks.key("sb_secret_")) }
            let token = ["refused", "code"].contains(kind) ? try file("\(kind).token", Leaks.token()) : nil
            try world.drop(
                "20-\(kind)",
                """
                plugin: \(plugin)
                enabled: false
                settings:
                  url: \(url)
                  \(place)
                  \(token.map { "gateway_token_file: \($0)" } ?? "batch: 500")
                  connect_timeout_ms: 2000
                  timeout_ms: 2000
                """)
            try await run("storage", "switch", kind, "--dry-run", saying: words)
            if kind == "refused" { try await run("storage", "switch", kind, "--dry-run", "--json", saying: words) }
            if kind == "name" { try await run("plugins", "check", "\(world.plugins)/20-name.yaml", saying: words) }
        }
        // As the gateway tells of all of them.
        try await run("plugins", "list", "--json", saying: "20-name")
        let open = "others may read the secret \(world.folder)/open.key"
        #expect(world.gatewayLog.contains(open))
        let (_, found) = try await world.command("doctor")
        look(found, "doctor")
        #expect(found.contains(open) && found.contains("20-misplaced.yaml: a secret stands at key_file"), "\(found)")
    }

    /// The gateway works with the project that knows no key.
    mutating func serveFromTheProject() async throws {
        let anon = try file("anon.key", Leaks.token())
        let dropIn = "\(world.plugins)/20-refused.yaml"
        let text = try String(contentsOfFile: dropIn, encoding: .utf8)
        try (text + "\n  anon_key_file: \(anon)\n").write(toFile: dropIn, atomically: true, encoding: .utf8)
        try await run("plugins", "disable", "sqlite")
        try await run("plugins", "enable", "refused")
        try await eventually("the storage is away", every: 50) {
            try await world.status().storage.problem?.contains("may not do this") == true
        }
        try world.text(0, from: "+16195550178", "into the journal")
        for words in [["status"], ["status", "--json"], ["storage", "status"], ["doctor", "--all"]] {
            let (_, output) = try await world.command(words)
            look(output, words.joined(separator: " "))
        }
        try await run("plugins", "logs", "refused")
        try await run("plugins", "disable", "refused")
        try await run("plugins", "enable", "sqlite")
        try await eventually("the first storage serves again", every: 50) { try await world.status().storage.reachable }
    }

    /// The old system had its key in its file.
    mutating func convert() async throws {
        let key = plant("the old system's key", Leaks.token())
        let old = world.folder + "/config.json"
        for (name, end) in [("right", ""), ("cut", "\u{1}"), ("open", "\"")] {
            let project = #""use_supabase": true, "supabase_url": "https://a.supabase.co""#
            try (#"{"database": {\#(project), "supabase_key": "\#(key)"# + end + "\"}}\n").write(
                toFile: old, atomically: true, encoding: .utf8)
            let into = "\(world.folder)/converted-\(name)"
            if name == "right" { try await run("config", "convert", old, "--into", into, "--dry-run") }
            try await run("config", "convert", old, "--into", into, saying: name == "right" ? "0600" : "no YAML")
        }
        let folder = world.folder + "/converted-right"
        #expect(try leaks.found(inFolder: folder) == ["supabase.key: the old system's key"])
        var status = stat()
        #expect(stat(folder + "/supabase.key", &status) == 0 && status.st_mode & 0o777 == 0o600)
    }

    /// Secrets in wrong places of conductor.yaml.
    mutating func misconfigure() async throws {
        let pin = plant("a PIN in the place of its file", String(Int.random(in: 10_000_000...99_999_999)))
        let key = plant("a key in conductor.yaml", Leaks.key("sb_secret_"))
        for (text, words) in [
            ("modems: [{match: {port: /dev/ttyX}, pin_file: \(pin)}]", "and is not the PIN itself"),
            ("modems: [{match: {port: /dev/ttyX}, pin_file: /etc/\(key)}]", ""), ("\(key): 1", "unknown key"),
            ("gateway: {id: x, token: \"\(key)\u{1}\"}", "no YAML"), ("gateway: {time_zone: \(key)}", "no time zone"),
            ("log: {level: \(key)}", "is not one of"), ("gateway: \"\(key)", "no YAML"),
        ] {
            let path = world.folder + "/wrong.yaml"
            try (text + "\n").write(toFile: path, atomically: true, encoding: .utf8)
            try await run("config", "check", path, saying: words)
            guard text.contains("\u{1}") else { continue }
            try await run("config", "show", path, saying: words)
            try await run("run", "--config", path, "--state", world.folder + "/other", saying: words)
        }
    }

    /// The key by which erased people are known.
    mutating func erase() async throws {
        try world.text(0, from: "+16195550179", "STOP")
        try await eventually("it is known", every: 50) {
            try await world.command("optout", "list").output.contains("+16195550179")
        }
        try await run("contacts", "erase", "+16195550179", "--yes")
        let key = try #require(FileManager.default.contents(atPath: world.state + "/erased.key"))
        leaks.plant("erased.key", Array(key))
        planted += 1
        try await run("contacts", "show", "+16195550179", "--json")
    }

    // MARK: What is left of it

    mutating func lookAtProcesses() {
        looks += 1
        guard let pid = world.gateway?.pid else { return }
        // Whoever names a variable has put it there, and nobody but its owner and root reads it.
        let own = "environ of conductor: key in the environment"
        let found = leaks.found(inProcess: pid)
        #expect(found == [own], "\(found)")
        #expect(Leaks.children(of: pid).count >= 2)
    }

    mutating func lookAtFiles() throws {
        look(world.gatewayLog, "the gateway's log")
        #expect(world.gatewayLog.contains("[secret]") && world.gatewayLog.contains(" debug "))
        let found = try leaks.found(inFolder: world.state)
        #expect(found == ["erased.key: erased.key"], "\(found)")
    }
}
