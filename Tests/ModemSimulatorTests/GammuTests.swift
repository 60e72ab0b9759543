import Glibc
import ModemSimulator
import Testing

/// A foreign program's view: gammu finds what it expects of a modem.
@Suite(.enabled(if: Gammu.isInstalled, "gammu is not installed: `make test` installs it"))
struct GammuTests {
    @Test func `gammu identifies the modem, reads, sends and deletes`() throws {
        let bench = try Bench()
        bench.simulator.text(from: "+16195550123", "Grüße, hours?")
        bench.simulator.text(from: "+16195550124", String(repeating: "long text ", count: 20))
        try bench.event(.stored, 3)
        let identity = try Gammu.run("identify", bench)
        #expect(identity.contains("352099001700000"))
        #expect(identity.contains("310260000000000"))
        let texts = try Gammu.run("geteachsms", bench)
        #expect(texts.contains("Grüße, hours?"))
        #expect(texts.contains(String(repeating: "long text ", count: 20)))
        #expect(texts.contains("3 SMS parts in 2 SMS sequences"))
        let sent = try Gammu.run("sendsms TEXT +16195550125 -report -text Welcome", bench)
        #expect(sent.contains("OK, message reference=0"))
        let submitted = try bench.event(.submitted)
        #expect(submitted.to == "+16195550125")
        #expect(submitted.text == "Welcome")
        _ = try Gammu.run("deletesms 0 100000", bench)
        #expect(try bench.event(.deleted).id == 1)
    }
}

private enum Gammu {
    static let isInstalled = access("/usr/bin/gammu", X_OK) == 0

    static func run(_ command: String, _ bench: Bench) throws -> String {
        let settings = bench.folder + "/gammurc"
        let file = fopen(settings, "w")
        fputs("[gammu]\ndevice = \(bench.simulator.links[0])\nconnection = at\n", file)
        fclose(file)
        defer { unlink(settings) }
        // A pipe to a shell: the program, its settings and its output in one call.
        let pipe = try #require(popen("LC_ALL=C.UTF-8 timeout 30 gammu -c \(settings) \(command) 2>&1", "r"))
        defer { pclose(pipe) }
        var output: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = fread(&chunk, 1, chunk.count, pipe)
            if count == 0 { break }
            output += chunk[..<count]
        }
        return String(decoding: output, as: UTF8.self)
    }
}
