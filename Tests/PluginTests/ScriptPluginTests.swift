import Foundation
import Glibc
import PluginKit
import PluginTestKit
import Synchronization
import Testing

@testable import ScriptPlugin

@Suite("Programs as plugins", .timeLimit(.minutes(2)))
struct ScriptPluginTests {
    private let rigs = Rigs()

    /// Keeps the folders of programs until the test is over.
    private final class Rigs: Sendable {
        private let all = Mutex<[ScriptRig]>([])

        func make(_ program: String, format: LineFormat = .json) throws -> ScriptPlugin {
            let rig = try ScriptRig(program, format: format)
            all.withLock { $0.append(rig) }
            return rig.plugin
        }
    }

    /// Answers with the text itself; `{…}` of the source is Python's.
    private static func python(_ body: String, serves: String = #"["responder"]"#) -> String {
        """
        #!/usr/bin/env python3
        import json, os, sys, time
        for line in sys.stdin:
            ask = json.loads(line)
            answer = {"id": ask["id"]}
            if ask["type"] == "hello":
                answer["serves"] = \(serves)
            else:
        \(body.split(separator: "\n").map { "        " + $0 }.joined(separator: "\n"))
            print(json.dumps(answer))

        """
    }

    private static let echo = python(
        "answer['reply'] = 're: ' + ask.get('text', '') if ask.get('text', '').strip() else ''")
    private static let plainEcho = """
        #!/bin/sh
        while IFS="$(printf '\\t')" read -r from text; do echo "re: $text"; done

        """

    @Test("keep the contract of responders", arguments: ResponderContract.rules)
    func contract(_ rule: ContractRule<ResponderSubject>) async throws {
        try await rule.check(ResponderSubject { try rigs.make(Self.echo) })
    }

    @Test("keep the contract of responders in plain text too", arguments: ResponderContract.rules)
    func plainContract(_ rule: ContractRule<ResponderSubject>) async throws {
        try await rule.check(ResponderSubject { try rigs.make(Self.plainEcho, format: .text) })
    }

    @Test("keep the contract of notifiers", arguments: NotifierContract.rules)
    func notifies(_ rule: ContractRule<NotifierSubject>) async throws {
        let program = Self.python("pass", serves: #"["notifier"]"#)
        try await rule.check(NotifierSubject { try rigs.make(program) })
    }

    @Test("a program is told its settings, works in its folder, and gets the events it asks for")
    func hello() async throws {
        let program = """
            #!/bin/sh
            read -r hello; echo "$hello" > hello; pwd > folder; echo "$CONDUCTOR_PLUGIN" > name
            echo '{"id":1,"serves":["notifier"]}'
            read -r event; echo "$event" > event; echo '{"id":2}'
            cat > /dev/null

            """
        try await ScriptRig.with(program, options: #"{"greeting":"hi"}"#) { rig in
            let event = Event(id: "e1", kind: "alarm", at: Timestamp(milliseconds: 0), json: #"{"a":1}"#)
            try await rig.plugin.notify(event, context: .init())
            #expect(await rig.read("hello").hasSuffix(#""name":"60-bot","settings":{"greeting":"hi"}}"#))
            #expect(await rig.read("event").contains(#""event":{"id":"e1","kind":"alarm""#))
            #expect(await rig.read("folder") == realpath(rig.folder.path))
            #expect(await rig.read("name") == "60-bot")
            let decision = try await rig.ask("hello")
            #expect(decision == .decline(reason: "the program answers no texts"))
        }
    }

    private func realpath(_ path: String) -> String {
        guard let real = Glibc.realpath(path, nil) else { return path }
        defer { free(real) }
        return String(cString: real)
    }

    @Test("answers may come in any order")
    func anyOrder() async throws {
        let program = """
            #!/usr/bin/env python3
            import json, sys
            asked = []
            for line in sys.stdin:
                ask = json.loads(line)
                if ask["type"] == "hello":
                    print('{"id":%d}' % ask["id"])
                    continue
                asked.append(ask)
                if len(asked) == 3:
                    for ask in reversed(asked): print(json.dumps({"id": ask["id"], "reply": ask["text"]}))

            """
        try await ScriptRig.with(program) { rig in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for word in ["a", "b", "c"] {
                    group.addTask { try await rig.expect(word, word) }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test(
        "a program that dies fails its calls with the reason, and the next text is served",
        arguments: [
            ("os.kill(os.getpid(), 9)", "bot was ended by signal 9 (Killed)"),
            ("sys.exit(3)", "bot exited with status 3"),
            ("os.abort()", "bot was ended by signal 6 (Aborted)"),
        ])
    func dies(how: String, words: String) async throws {
        let program = Self.python("if ask['text'] == 'die': \(how)\nanswer['reply'] = 'alive'")
        try await ScriptRig.with(program, { $0.firstPause = 1_000_000 }) { rig in
            for _ in 0..<2 {
                try await rig.expect("hello", "alive")
                let error = await #expect(throws: PluginError.self) { try await rig.ask("die") }
                #expect(error?.code == .unavailable && error?.message == words)
            }
            try await rig.expect("hello", "alive")
            #expect(await rig.logs("warning: \(words); it is started again in 0.001 s"))
        }
    }

    @Test(
        "a program that cannot be started is said in words",
        arguments: [
            (["no-such-program"], "", #"there is no program "no-such-program" on PATH"#),
            (["bot"], "#!/bin/sh\n", #"there is no program "bot" on PATH; write ./bot for the file in "#),
            (["./bot"], "#!/no/such/interpreter\n", "./bot cannot be started: No such file or directory"),
            (["./bot"], "#!/bin/sh\necho 'no paper' >&2; exit 4\n", "bot exited with status 4: no paper"),
            (
                ["./bot"], "#!/bin/sh\nread -r l; echo '{\"id\":1,\"error\":\"no key\"}'; cat\n",
                "bot refused to start: no key"
            ),
            (["."], "", ". cannot be started: Permission denied"),
        ])
    func cannotStart(command: [String], program: String, words: String) async throws {
        let rig = try ScriptRig(program, command: command)
        let error = await #expect(throws: PluginError.self) { try await rig.plugin.start() }
        #expect(error?.code == .unavailable && error?.message.hasPrefix(words) == true, "\(error?.message ?? "")")
        await rig.plugin.stop()
    }

    @Test("a start that is given up ends the program, and so does dropping the plugin")
    func abandoned() async throws {
        // Says nothing to `hello`, and does not end with its input.
        let program = "#!/bin/sh\necho $$ > pid\nexec sleep 1000\n"
        let rig = try ScriptRig(program) { $0.farewell = 20_000_000 }
        let start = Task { try await rig.plugin.start() }
        let pid = try #require(pid_t(await rig.read("pid")))
        start.cancel()
        let result = await start.result
        #expect(throws: PluginError(.cancelled, "cancelled")) { try result.get() }
        #expect(kill(pid, 0) != 0 && errno == ESRCH)

        var dropped: ScriptRig? = try ScriptRig("#!/bin/sh\necho $$ > pid\nexec sleep 1000\n", format: .text) {
            ($0.farewell, $0.proof) = (20_000_000, 0)
        }
        try await dropped?.plugin.start()
        let other = try #require(pid_t(await dropped?.read("pid") ?? ""))
        dropped = nil
        #expect(await soon { kill(other, 0) != 0 })
    }

    @Test("lines that are no answer are counted and told, and harm nobody")
    func garbage() async throws {
        let program = Self.python(
            """
            print('progress: 50 %')
            print('{"id": 99999}')
            print('x' * 3000)
            sys.stderr.write('a complaint\\n')
            answer['reply'] = 'fine'
            """)
        try await ScriptRig.with(program, { $0.line = 2000 }) { rig in
            try await rig.expect("hello", "fine")
            #expect(await rig.logs("bot wrote a line that is no JSON object with an \"id\" from a request (1 so far)"))
            #expect(await rig.logs("bot wrote an answer whose \"id\" is of no open request (2 so far)"))
            #expect(await rig.logs("info: a complaint"))
            try await rig.expect("hello", "fine")
            #expect(await rig.logs("bot wrote a line that is no JSON object with an \"id\" from a request (4 so far)"))
            #expect(!rig.lines.contains { $0.contains("progress") }, "C5: it may be a person's text")
            let error = await #expect(throws: PluginError.self) {
                try await rig.ask(String(repeating: "y", count: 2000))
            }
            #expect(error?.code == .invalid)
        }
    }

    @Test("stopping ends the program and all that it has started, and leaves no zombie and no descriptor")
    func stopping() async throws {
        let program = """
            #!/bin/sh
            trap '' TERM
            sleep 1000 & echo "$$ $!" > pids
            while read -r line; do echo "re: $line"; done
            sleep 1000

            """
        let before = descriptors()
        for _ in 0..<3 {
            let rig = try ScriptRig(program, format: .text) { $0.farewell = 20_000_000 }
            try await rig.plugin.start()
            let pids = await rig.read("pids").split(separator: " ").compactMap { pid_t($0) }
            #expect(pids.count == 2 && pids.allSatisfy { kill($0, 0) == 0 })
            let answer = try await rig.ask("hello").text
            #expect(answer.hasPrefix("re: "))
            await rig.plugin.stop()
            #expect(kill(pids[0], 0) != 0 && errno == ESRCH, "the program is gone, and not a zombie")
            #expect(await soon { kill(pids[1], 0) != 0 || isZombie(pids[1]) }, "what it has started too")
        }
        #expect(await soon { descriptors() <= before })
    }

    @Test("a program gets none of our descriptors")
    func inheritsNothing() async throws {
        // Not marked close-on-exec: what other libraries leave open.
        let open = (0..<5).map { _ in dup(2) }
        defer { open.forEach { _ = close($0) } }
        let program = "#!/bin/sh\nls /proc/self/fd | wc -l > count\nwhile read -r l; do echo x; done\n"
        try await ScriptRig.with(program, format: .text) { rig in
            // 0, 1, 2, and the folder that `ls` reads.
            #expect(await rig.read("count") == "4")
        }
    }

    @Test("a program that reads nothing holds up nobody, and is started again")
    func deaf() async throws {
        let program = """
            #!/bin/sh
            if [ -e born ]; then while read -r line; do echo "now I listen"; done; fi
            echo > born
            exec sleep 1000

            """
        try await ScriptRig.with(
            program, format: .text,
            {
                $0.calls = 20
                $0.silence = 50_000_000
                $0.firstPause = 1_000_000
            }
        ) { rig in
            let text = String(repeating: "a", count: 100_000)
            let calls = (0..<20).map { number in Task { try await rig.ask(text, uid: "\(number)") } }
            #expect(await soon { rig.plugin.waiting == 20 })
            let refusal = await #expect(throws: PluginError.self) { try await rig.ask("one more") }
            #expect(refusal?.message == "bot does not keep up: 20 calls wait for it")
            calls[0].cancel()
            let cancelled = await calls[0].result
            #expect(throws: PluginError(.cancelled, "cancelled")) { try cancelled.get() }
            // The others are told when it is ended for its silence.
            for call in calls.dropFirst() {
                let error = await #expect(throws: PluginError.self) { try await call.value }
                #expect(error?.message.contains("gave no answer for") == true)
            }
            try await rig.expect("hello", "now I listen")
        }
    }

    @Test("a late answer is nobody else's")
    func late() async throws {
        let program = """
            #!/bin/sh
            while IFS="$(printf '\\t')" read -r from text; do
                case $text in slow) while [ ! -e go ]; do sleep 0.01; done ;; esac
                echo "re: $text"
            done

            """
        try await ScriptRig.with(program, format: .text) { rig in
            let slow = Task { try await rig.ask("slow") }
            #expect(await soon { rig.plugin.waiting == 1 })
            slow.cancel()
            _ = await slow.result
            let next = Task { try await rig.ask("next") }
            try "".write(toFile: rig.folder.file("go"), atomically: true, encoding: .utf8)
            let answer = try await next.value.text
            #expect(answer == "re: next")
        }
    }

    @Test("an unknown setting is refused, and so is a program without a name")
    func settings() {
        for json in [#"{"command":["a"],"colour":1}"#, #"{"command":[]}"#, "{}", #"{"command":[""]}"#] {
            #expect(throws: PluginError.self) { try ScriptPlugin(host: Host(), settings: Settings(json: json)) }
        }
    }

    private func descriptors() -> Int {
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 0
    }
}

/// What nobody has waited for yet.
private func isZombie(_ pid: pid_t) -> Bool {
    (try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8))?.contains(") Z ") == true
}
