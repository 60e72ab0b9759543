/// Programs that speak lines: nothing to build.
extension PluginTemplate {
    var pythonFiles: [File] {
        let responder = kind == .responder
        return [
            File(
                path: "plugins.d/@NAME@.py", text: responder ? Self.pythonResponder : Self.pythonNotifier,
                isProgram: true),
            File(
                path: "test.py", text: responder ? Self.pythonResponderTest : Self.pythonNotifierTest, isProgram: true),
            File(
                path: "plugins.d/60-@NAME@.yaml",
                text: responder ? Self.pythonResponderDropIn : Self.pythonNotifierDropIn),
            File(path: "Makefile", text: Self.scriptMakefile(program: "@NAME@.py", test: "python3 test.py")),
        ]
    }

    var shellFiles: [File] {
        let responder = kind == .responder
        return [
            File(
                path: "plugins.d/@NAME@.sh", text: responder ? Self.shellResponder : Self.shellNotifier,
                isProgram: true),
            File(path: "test.sh", text: responder ? Self.shellResponderTest : Self.shellNotifierTest, isProgram: true),
            File(
                path: "plugins.d/60-@NAME@.yaml",
                text: responder ? Self.shellResponderDropIn : Self.shellNotifierDropIn),
            File(path: "Makefile", text: Self.scriptMakefile(program: "@NAME@.sh", test: "sh test.sh")),
        ]
    }

    private static func scriptMakefile(program: String, test: String) -> String {
        """
        # The gateway that `make run` starts, and the folder that `make install` fills.
        CONDUCTOR ?= @CONDUCTOR@
        PLUGINS_D ?= /etc/conductor/plugins.d

        .PHONY: test run install clean

        test:
        \t\(test)

        run:
        \t$(CONDUCTOR) run --simulate 1 --state .state --plugins plugins.d

        install:
        \tinstall -m 0755 plugins.d/\(program) $(PLUGINS_D)/
        \t[ -e $(PLUGINS_D)/60-@NAME@.yaml ] || install -m 0644 plugins.d/60-@NAME@.yaml $(PLUGINS_D)/

        clean:
        \trm -rf .state __pycache__

        """
    }

    private static let pythonResponder = #"""
        #!/usr/bin/env python3
        """Answers texts that hold one of the words of its drop-in. One line of JSON in, one line of JSON out."""
        import json
        import sys

        settings = {}
        for line in sys.stdin:
            ask = json.loads(line)
            answer = {"id": ask["id"]}  # alone, it declines: the next responder is asked
            if ask["type"] == "hello":
                settings = ask["settings"]
            elif any(word in ask["text"].lower() for word in settings["words"]):
                answer["reply"] = settings["answer"]
            print(json.dumps(answer), flush=True)

        """#

    private static let pythonResponderDropIn = """
        # Answers texts that hold one of `words`. The program's folder is this one.
        exec: [python3, @NAME@.py]

        settings:
          words: [open, hours]
          answer: "We are open from 9 to 6."

        """

    private static let pythonResponderTest = #"""
        """Asks the program as the gateway does."""
        import json
        import subprocess
        import sys

        settings = {"words": ["open"], "answer": "We are open from 9 to 6."}
        asked = [
            {"type": "hello", "settings": settings},
            {"type": "respond", "text": "Are you OPEN today?"},
            {"type": "respond", "text": "Thank you! \U0001F600\n"},
            {"type": "respond", "text": ""},
        ]
        expected = [None, "We are open from 9 to 6.", None, None]
        lines = "".join(json.dumps({"id": number, **ask}) + "\n" for number, ask in enumerate(asked))
        program = [sys.executable, "plugins.d/@NAME@.py"]
        output = subprocess.run(program, input=lines, capture_output=True, text=True, check=True).stdout
        answers = [json.loads(line) for line in output.splitlines()]
        assert [answer["id"] for answer in answers] == list(range(len(asked))), answers
        assert [answer.get("reply") for answer in answers] == expected, answers
        print(f"{len(answers)} requests, all answered as expected")

        """#

    private static let pythonNotifier = #"""
        #!/usr/bin/env python3
        """Writes the kinds of what happens to a file. One line of JSON in, one line of JSON out."""
        import json
        import os
        import sys

        settings = {}
        for line in sys.stdin:
            ask = json.loads(line)
            answer = {"id": ask["id"]}
            if ask["type"] == "hello":
                settings = ask["settings"]
                answer["serves"] = ["notifier"]
            elif ask["type"] == "notify":
                with open(os.path.expanduser(settings["file"]), "a") as file:
                    print(ask["event"]["at"], ask["event"]["kind"], file=file)
            print(json.dumps(answer), flush=True)

        """#

    private static let pythonNotifierDropIn = """
        # Writes the kinds of what happens to a file. The program's folder is this one.
        exec: [python3, @NAME@.py]

        settings:
          # ~ is its own folder: the only one it can write to.
          file: "~/@NAME@.log"

        """

    private static let pythonNotifierTest = #"""
        """Tells the program as the gateway does."""
        import json
        import os
        import subprocess
        import sys
        import tempfile

        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "log")
            event = {"id": "e1", "kind": "message.received", "at": "2026-01-01T00:00:00.000Z", "data": {}}
            asked = [{"type": "hello", "settings": {"file": path}}, {"type": "notify", "event": event}]
            lines = "".join(json.dumps({"id": number, **ask}) + "\n" for number, ask in enumerate(asked))
            program = [sys.executable, "plugins.d/@NAME@.py"]
            output = subprocess.run(program, input=lines, capture_output=True, text=True, check=True).stdout
            answers = [json.loads(line) for line in output.splitlines()]
            assert answers == [{"id": 0, "serves": ["notifier"]}, {"id": 1}], answers
            assert open(path).read() == "2026-01-01T00:00:00.000Z message.received\n"
        print("one event, written as expected")

        """#

    private static let shellResponder = #"""
        #!/bin/sh
        # Answers texts that hold one of its words. A line is NUMBER<TAB>TEXT; its answer is one line, and an empty one
        # leaves the text to the next responder.
        tab=$(printf '\t')
        while IFS=$tab read -r number text; do
            case $text in
                *[Oo][Pp][Ee][Nn]* | *[Hh]ours*) echo "We are open from 9 to 6." ;;
                *[Nn]umber*) echo "You wrote from $number." ;;
                *) echo ;;
            esac
        done

        """#

    private static let shellResponderDropIn = """
        # Answers texts that hold one of the words in the program, whose folder is this one.
        exec: {command: [sh, @NAME@.sh], format: text}

        """

    private static let shellResponderTest = #"""
        #!/bin/sh
        # Asks the program as the gateway does.
        answers=$(printf '+15005550100\tAre you OPEN today?\n+15005550100\tThank you!\n+15005550100\t\n' |
            sh plugins.d/@NAME@.sh && echo end)
        expected="We are open from 9 to 6.


        end"
        if [ "$answers" != "$expected" ]; then
            printf 'expected:\n%s\nbut it said:\n%s\n' "$expected" "$answers" >&2
            exit 1
        fi
        echo "3 texts, all answered as expected"

        """#

    private static let shellNotifier = #"""
        #!/bin/sh
        # Writes the kinds of what happens to a file. A line is a JSON object that begins with its "id"; the answer says it
        # again.
        while read -r line; do
            id=${line#*:} id=${id%%,*}
            case $line in
                *'"type":"hello"'*) echo "{\"id\":$id,\"serves\":[\"notifier\"]}" ;;
                *)
                    kind=${line#*\"kind\":\"} kind=${kind%%\"*}
                    echo "$kind" >>"${LOG:-$HOME/@NAME@.log}"
                    echo "{\"id\":$id}"
                    ;;
            esac
        done

        """#

    private static let shellNotifierDropIn = """
        # Writes the kinds of what happens to @NAME@.log in its own folder ($HOME). What it is run in is the folder of this file.
        exec: [sh, @NAME@.sh]

        """

    private static let shellNotifierTest = #"""
        #!/bin/sh
        # Tells the program as the gateway does.
        LOG=$(mktemp)
        export LOG
        answers=$(printf '%s\n' '{"id":1,"type":"hello","settings":{}}' \
            '{"id":2,"type":"notify","event":{"id":"e1","kind":"alarm","data":{}}}' | sh plugins.d/@NAME@.sh)
        written=$(cat "$LOG")
        rm -f "$LOG"
        expected='{"id":1,"serves":["notifier"]}
        {"id":2}'
        if [ "$answers" != "$expected" ] || [ "$written" != alarm ]; then
            printf 'it said:\n%s\nand wrote:\n%s\n' "$answers" "$written" >&2
            exit 1
        fi
        echo "one event, written as expected"

        """#
}
