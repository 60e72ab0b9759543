import Foundation
import PluginKit
import Testing

@testable import PluginHost

@Suite(.enabled(if: CFixture.compiler != nil, "no C compiler: fixtures cannot be built"), .timeLimit(.minutes(2)))
struct LoadingTests {
    @Test(arguments: [
        (["MAGIC=0x1234"], "it is no plugin: its magic number is 0x1234"),
        (
            ["MAJOR=2"],
            "it was built for plugin ABI 2.0, this host speaks 1.x (it is 1.1): rebuild the plugin against this host's "
                + "SDK"
        ),
        (["NEEDS=7"], "it needs a host of plugin ABI 1.7, this one is 1.1: update the gateway"),
        (["ENTRY_NULL"], "it refuses to be loaded (its entry returned NULL)"),
        (["NO_ENTRY"], "it is no plugin: it exports no conductor_plugin_entry"),
        (["NO_EXTENSIONS"], "its descriptor lacks something that is required"),
        (["SIZE=40"], "its descriptor is too small: 40 bytes, 104 are needed"),
    ])
    func aLibraryThatDoesNotFitIsRefusedInWords(macros: [String], sentence: String) async throws {
        let workshop = try Workshop()
        let path = try CFixture.build("odd", macros, in: workshop.folder)
        let check = await PluginHost.check(path, workerPath: Workshop.workerPath)
        #expect(check.problem == "\(path): \(sentence)")
    }

    @Test func aFileThatIsNoLibraryIsRefusedInWords() async throws {
        let workshop = try Workshop()
        let good = try CFixture.build("good", in: workshop.folder)
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: good)))
        func problem(_ name: String, _ bytes: [UInt8]) async throws -> String? {
            let path = "\(workshop.folder)/\(name)"
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            let check = await PluginHost.check(path, workerPath: Workshop.workerPath)
            return check.problem.map { String($0.dropFirst(path.count + 2)) }
        }
        #expect(try await problem("text", Array("hello, world".utf8)) == "it is a text file, no shared library")
        #expect(try await problem("short", Array(bytes[..<40])) == "it is cut off: 40 bytes are no whole library")
        let half = bytes.count / 2
        #expect(
            try await problem("cut", Array(bytes[..<half]))
                == "it is cut off: \(half) bytes are there, \(bytes.count) are needed")
        var other = bytes
        other[18] = 40
        #expect(try await problem("arm", other)?.hasPrefix("it was built for arm; this host runs on ") == true)
        var program = bytes
        program[16] = 2
        #expect(try await problem("program", program) == "it is a program, not a shared library")
        #expect(try await problem("good", bytes) == nil)
        #expect(
            await PluginHost.check("/nowhere/x.so").problem
                == "/nowhere/x.so: it cannot be read: No such file or directory")
    }

    @Test func aSwiftPluginOfAnotherToolchainRunsApartOnly() async throws {
        let workshop = try Workshop()
        try workshop.add("10-other", ["TOOLCHAIN=\"swift, clang 1.0\""])
        try workshop.add("20-other", ["TOOLCHAIN=\"swift, clang 1.0\""], more: "isolation: process\n")
        let host = await workshop.started()
        let problem = try #require(host.reports[0].problem)
        #expect(problem.contains("another Swift toolchain (swift, clang 1.0) than this host (swift, clang "))
        #expect(host.reports[1].problem == nil)
        #expect(try await host.responders[0].respond(to: text("x")).text == "20-other: x")
        await host.stop()
    }

    @Test(arguments: [
        ("int absent(void);", "absent()", "undefined symbol: absent"),
        ("", "0", "it refuses to be loaded (its entry returned NULL)"),
    ])
    func whatTheLoaderSaysIsHandedOn(declaration: String, value: String, sentence: String) async throws {
        let workshop = try Workshop()
        let source = """
            \(declaration)
            __attribute__((visibility("default"))) const void *conductor_plugin_entry(void) { return (void *)(long)\(value); }
            """
        let path = try CFixture.compile(source, "odd", [], in: workshop.folder)
        let problem = try #require(await PluginHost.check(path, workerPath: Workshop.workerPath).problem)
        #expect(problem.hasPrefix("\(path): ") && problem.contains(sentence), "\(problem)")
    }

    @Test func aLibraryThatNeedsAnAbsentOneIsRefusedWithItsName() async throws {
        let workshop = try Workshop()
        let part = try CFixture.compile(
            "__attribute__((visibility(\"default\"))) int part(void) { return 0; }", "libpart", [], in: workshop.folder)
        let source = """
            int part(void);
            __attribute__((visibility("default"))) const void *conductor_plugin_entry(void) { return (void *)(long)part(); }
            """
        let path = try CFixture.compile(source, "needy", [], linking: [part], in: workshop.folder)
        try FileManager.default.removeItem(atPath: part)
        let problem = try #require(await PluginHost.check(path, workerPath: Workshop.workerPath).problem)
        #expect(problem.hasPrefix("\(path): it needs libpart.so, which this machine does not have: install"))
    }

    @Test func everyAbsentLibraryIsNamed() async throws {
        let workshop = try Workshop()
        let parts = try ["libone", "libtwo"].map { name in
            try CFixture.compile(
                "__attribute__((visibility(\"default\"))) int \(name)(void) { return 0; }", name, [],
                in: workshop.folder)
        }
        let path = try CFixture.compile(
            "int libone(void), libtwo(void); __attribute__((visibility(\"default\"))) const void "
                + "*conductor_plugin_entry(void) { return (void *)(long)(libone() + libtwo()); }", "needy", [],
            linking: parts, in: workshop.folder)
        for part in parts { try FileManager.default.removeItem(atPath: part) }
        let problem = try #require(await PluginHost.check(path, workerPath: Workshop.workerPath).problem)
        #expect(problem.contains("it needs libone.so, libtwo.so, which this machine does not have"), "\(problem)")
    }

    @Test(
        "what is no library is named for what it is",
        arguments: [
            ("bot.py", "print(1)\n", "this drop-in beside it, 50-bot.yaml: exec: [python3, bot.py]"),
            ("bot.sh", "echo\n", "this drop-in beside it, 50-bot.yaml: exec: [sh, bot.sh]"),
            ("bot", "#!/usr/bin/awk -f\n", "this drop-in beside it, 50-bot.yaml: exec: [./bot]"),
            ("notes.txt", "hello", "it is a text file, no shared library"), ("x.so", "", "it is empty"),
            ("x.a", "!<arch>\nx", "it is an archive of object files (.a), not a shared library"),
            ("x.dll", "MZ\u{90}", "it is a library or program of Windows; this host needs one of Linux (ELF)"),
        ])
    func otherFiles(name: String, content: String, sentence: String) async throws {
        let workshop = try Workshop()
        let path = workshop.folder + "/" + name
        try Data(content.utf8).write(to: URL(fileURLWithPath: path))
        let problem = try #require(await PluginHost.check(path, workerPath: Workshop.workerPath).problem)
        #expect(problem.hasPrefix(path + ": it is ") && problem.contains(sentence), "\(problem)")
    }

    @Test func aFileThatIsCutAnywhereNamesNoLibraries() throws {
        let workshop = try Workshop()
        let bytes = [UInt8](
            try Data(contentsOf: URL(fileURLWithPath: try CFixture.build("whole", in: workshop.folder))))
        #expect(ElfNeeds(bytes).names.contains { $0.hasPrefix("libc.so") })
        for length in stride(from: 0, to: 2048, by: 7) { #expect(ElfNeeds(Array(bytes[..<length])).names.count <= 4) }
        for offset in 0..<512 {
            var wrong = bytes
            wrong[offset] = 0xFF
            // Must not trap.
            _ = ElfNeeds(wrong).names
        }
    }

    @Test func checkTellsWhatAFileIs() async throws {
        let workshop = try Workshop()
        let check = await PluginHost.check(try CFixture.build("fine", in: workshop.folder))
        #expect(check.isLoadable)
        #expect(check.id == "fine" && check.version == "1.2.3" && check.abi == "1.0" && check.toolchain == nil)
        #expect(check.capabilities == ["conductor.responder/1"])
    }

    @Test func theLoaderOpensACopyNamedByItsContent() async throws {
        let workshop = try Workshop()
        try workshop.add("10-good")
        let first = await workshop.started()
        let copies = try FileManager.default.contentsOfDirectory(atPath: workshop.folder + "/copies")
            .filter { $0 != "libraries" }
        #expect(copies.count == 1 && copies[0].count == 67)
        // Replaced in place while it runs: the running plugin does not notice.
        try Data("garbage".utf8).write(to: URL(fileURLWithPath: workshop.folder + "/10-good.so"))
        #expect(try await first.responders[0].respond(to: text("hi")).text == "10-good: hi")
        await first.stop()
        #expect(first.reports[0].state == .stopped)
        await #expect(throws: PluginError.self) { try await first.responders.first?.respond(to: text("")) ?? raise() }
    }

    private func raise() throws -> Decision { throw PluginError(.unavailable, "no responder") }

    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func sha256IsThatOfTheStandard(text: String, hex: String) {
        #expect(SHA256.hex(Array(text.utf8)) == hex)
    }
}
