import Foundation
import Glibc
import Testing

/// The USB bus of one process: udev says what CShims/CModemIO/tests/testbed.c is told to have it say.
private final class USBBus {
    /// For UMOCKDEV_DIR of the process that shall see it.
    let folder: String
    private let testbed: ChildProcess
    private var answers = 1

    /// Builds and starts the testbed; nil where umockdev is not installed.
    init?(in world: World) async throws {
        let source = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../CShims/CModemIO/tests/testbed.c").standardized.path()
        let program = world.folder + "/testbed"
        let build = "cc -std=c17 -D_GNU_SOURCE -o '\(program)' '\(source)' $(pkg-config --cflags --libs umockdev-1.0)"
        let (status, _) = try await ChildProcess.run("/bin/sh", ["-c", build], in: world.folder)
        guard status == 0 else { return nil }
        let child = try ChildProcess(
            "/usr/bin/env", [USBBus.preload, program], output: world.folder + "/testbed.out", speaks: true)
        try await eventually("the testbed is there") { child.printed.contains("\n") }
        testbed = child
        folder = String(child.printed.prefix { $0 != "\n" })
    }

    static let preload = "LD_PRELOAD=libumockdev-preload.so.0"

    func say(_ line: String) async throws {
        try testbed.say(line)
        answers += 1
        try await eventually("the bus has done \(line)") {
            testbed.printed.count { $0 == "\n" } >= answers
        }
    }

    func end() { testbed.end() }
}

extension EndToEnd {
    @Suite("Hot-plug") struct Hotplug {
        @Test("E4: udev tells of a modem; it is found among its ports, lost, and known again under other names")
        func plugAndPull() async throws {
            try await withWorld { world in
                guard let bus = try await USBBus(in: world) else {
                    report("skipped: umockdev is not installed (apt-get install umockdev libumockdev-dev)")
                    return
                }
                defer { bus.end() }
                world.discovers = true
                try world.launchGateway(
                    wrapper: ["/usr/bin/env", USBBus.preload, "UMOCKDEV_DIR=\(bus.folder)"])
                try await eventually("the gateway answers", every: 50) {
                    guard world.gateway?.isRunning == true else {
                        throw Failure("the gateway ended:\n\(world.gatewayLog.suffix(2_000))")
                    }
                    return (try? await world.status()) != nil
                }
                #expect(try await world.status().modems.isEmpty)

                let first = try await plug(bus, world, from: 0)
                #expect(try await world.status().modems.map(\.port) == ["/dev/ttyUSB2"])
                try await exchange(world, "first")

                try world.tell("unplug modem0")
                for number in 0...3 { try await bus.say("pull \(number) \(number)") }
                try await bus.say("unplug")
                try await eventually("it is gone", every: 20) {
                    try await world.status().modems.map(\.state) == ["gone"]
                }
                try world.tell("replug modem0")
                try await eventually("the modem has a port again") { try world.ledger.count("plugged") == 2 }
                let second = try await plug(bus, world, from: 1)
                #expect(try await world.status().modems.map(\.port) == ["/dev/ttyUSB3"], "one modem, by its IMEI")
                try await exchange(world, "second")
                report("from the port's event to ready: \(Int(first)) ms, after the replug \(Int(second)) ms")
            }
        }

        /// Four ports, of which the third speaks AT; milliseconds until the modem is ready.
        private func plug(_ bus: USBBus, _ world: World, from number: Int) async throws -> Double {
            let link = try FileManager.default.destinationOfSymbolicLink(atPath: world.port(0))
            try await bus.say("plug")
            for interface in [0, 3, 1] { try await bus.say("port \(interface) \(interface + number) silent") }
            let start = now()
            try await bus.say("port 2 \(2 + number) \(link)")
            try await eventually("the modem is ready", every: 20) {
                guard world.gateway?.isRunning == true else {
                    throw Failure("the gateway ended:\n\(world.gatewayLog.suffix(2_000))")
                }
                return try await world.status().modems.map(\.state) == ["ready"]
            }
            return now() - start
        }

        /// A text comes and is answered.
        private func exchange(_ world: World, _ body: String) async throws {
            try world.text(0, from: "+16195551000", body)
            let table = try Table(path: world.database)
            try await eventually("\(body) is stored and answered") {
                try table.count("content = 're: \(body)' AND delivery_status = 'delivered'") == 1
            }
            try table.close()
        }
    }
}
