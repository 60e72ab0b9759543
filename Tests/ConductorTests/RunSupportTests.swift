import Glibc
import Testing

@testable import conductor

@Suite struct RunSupportTests {
    /// A bound datagram socket, as systemd has one.
    private func listener(_ path: String) -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { bytes in
            bytes.copyBytes(from: path.utf8)
            if path.hasPrefix("@") { bytes[0] = 0 }
        }
        let length = socklen_t(2 + path.utf8.count)
        _ = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        return descriptor
    }

    @Test("systemd is told by one datagram, by path and in the abstract name space", arguments: [true, false])
    func notify(_ isAbstract: Bool) {
        let path = isAbstract ? "@conductor-test-\(getpid())" : Scratch.folder() + "/notify"
        let descriptor = listener(path)
        defer { close(descriptor) }
        let notifier = SystemdNotifier(socket: path, watchdogMicroseconds: "2000000", watchdogProcess: nil)
        #expect(notifier.send("READY=1"))
        var buffer = [UInt8](repeating: 0, count: 64)
        let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        #expect(String(decoding: buffer.prefix(max(count, 0)), as: UTF8.self) == "READY=1")
        #expect(notifier.watchdogInterval == .seconds(1))
    }

    @Test("without systemd nothing is told, and the watchdog of another process is not fed")
    func noSystemd() {
        #expect(!SystemdNotifier(socket: nil, watchdogMicroseconds: nil, watchdogProcess: nil).send("READY=1"))
        let other = SystemdNotifier(socket: "/nowhere", watchdogMicroseconds: "1000", watchdogProcess: "1")
        #expect(other.watchdogInterval == nil)
        #expect(!other.send("READY=1"))
    }

    @Test("decision 8: a folder is throw-away when it is empty or marked, and not when it holds anything else")
    func throwaway() throws {
        let folder = try StateFolder(Scratch.folder())
        #expect(folder.isThrowaway)
        let file = try #require(fopen(folder.path + "/journal.db", "w"))
        fclose(file)
        #expect(!folder.isThrowaway)
        try folder.setMark()
        #expect(folder.isThrowaway)
    }

    @Test("decision 8: run refuses simulated modems on real data, and real modems on simulated data")
    func refusals() throws {
        let folder = Scratch.folder()
        let file = try #require(fopen(folder + "/messages.db", "w"))
        fclose(file)
        let real = Program.run(Program.conductor, ["run", "--simulate", "1", "--state", folder])
        #expect(real.status == 1)
        #expect(real.errors.contains("throw-away"))
        try StateFolder(folder).setMark()
        let simulated = Program.run(Program.conductor, ["run", "--state", folder])
        #expect(simulated.status == 1)
        #expect(simulated.errors.contains("simulated"))
    }

    @Test("the state folder is made, 0750, with what is above it")
    func stateFolder() throws {
        let folder = try StateFolder(Scratch.folder() + "/a/b")
        try folder.make()
        #expect(Scratch.mode(folder.path) == "750")
    }

    @Test("a wrong configuration ends with 1, naming file and line")
    func wrongConfiguration() throws {
        let path = Scratch.folder() + "/conductor.yaml"
        let file = try #require(fopen(path, "w"))
        fputs("gateway:\n  stat_dir: /x\n", file)
        fclose(file)
        let check = Program.run(Program.conductor, ["config", "check", path])
        #expect(check.status == 1)
        #expect(check.errors.contains("\(path):2"))
        #expect(check.errors.contains("state_dir"))
    }

    @Test("what config show prints is a configuration that says the same")
    func showIsConfiguration() throws {
        let folder = Scratch.folder()
        let path = folder + "/conductor.yaml"
        let file = try #require(fopen(path, "w"))
        fputs(
            "gateway:\n  id: office\n  power_command: /usr/local/sbin/usb-power\nmodems:\n  - match: {imei: \"356938035643809\"}\n    pin_file: pin\n"
                + "    smsc: \"+12063130004\"\n    prefer_for: [\"+52\"]\npolicy:\n  max_age: 30m\n  confirmations: {stop: 'say \"bye\"'}\n"
                + "  loop_guard: {answers: 3, within: 5m}\n  external_bots: {words: [order], numbers: [(619) 555-0123]}\n"
                + "  on_unknown: resend\n  content: {refuse_promotions: [all-caps, no-opt-out]}\n"
                + "  dead_letters: {alarm: 3, within: 90m}\ncanary: {every: 6h, within: 15m}\n",
            file)
        fclose(file)
        let first = Program.run(Program.conductor, ["config", "show", path])
        #expect(first.status == 0)
        let again = folder + "/again.yaml"
        let copy = try #require(fopen(again, "w"))
        fputs(first.output, copy)
        fclose(copy)
        let second = Program.run(Program.conductor, ["config", "show", again])
        #expect(second.status == 0)
        #expect(second.output.split(separator: "\n").dropFirst() == first.output.split(separator: "\n").dropFirst())
        #expect(first.output.contains("office"))
        for line in ["    notice: resend", "    refuse_promotions: [all-caps, no-opt-out]", "    within: 5400s"] {
            #expect(first.output.contains(line))
        }
    }
}
