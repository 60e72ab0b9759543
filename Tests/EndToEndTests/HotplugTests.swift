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

/// A modem as it shows on USB.
private struct Layout: Sendable {
    var name: String
    var usb: String
    /// The interfaces that have a tty.
    var interfaces: [Int]
    /// The one that leads to the modem; the others never answer.
    var at: Int
    var driver = "ttyUSB"

    /// Four ports, of which one speaks AT: what a test bed can hold open is bounded.
    static let fm135 = Layout(name: "FM135", usb: "2cb7:0115", interfaces: [2, 3, 4, 5], at: 3)
    static let ec25 = Layout(name: "EC25", usb: "2c7c:0125", interfaces: [0, 1, 2, 3], at: 2)
    static let kinds = [
        ec25, Layout(name: "SIM7600", usb: "1e0e:9001", interfaces: [0, 1, 2, 3, 4], at: 2),
        Layout(name: "E3372", usb: "12d1:1506", interfaces: [0, 1, 2], at: 2),
        Layout(name: "SARA-U2", usb: "1546:1102", interfaces: [0, 2], at: 0, driver: "ttyACM"),
    ]
}

extension USBBus {
    /// Plugs a modem into a socket; its ports are announced in no order, and named from `number` on. Returns the path of
    /// the one that leads to it.
    func plug(_ layout: Layout, _ socket: Int, from number: Int, to end: String) async throws -> String {
        try await say("plug \(socket) \(layout.usb) SERIAL\(socket)")
        var path = ""
        for (place, interface) in layout.interfaces.enumerated().reversed() {
            let tty = "\(layout.driver)\(number + place)"
            let target = interface == layout.at ? end : "silent"
            // What our own rule for ModemManager sets on each port of a modem.
            try await say("port \(socket) \(interface) \(tty) \(target) ID_MM_PORT_IGNORE=1")
            if interface == layout.at { path = "/dev/\(tty)" }
        }
        return path
    }

    func pull(_ layout: Layout, _ socket: Int, from number: Int) async throws {
        for (place, interface) in layout.interfaces.enumerated() {
            try await say("pull \(socket) \(interface) \(layout.driver)\(number + place)")
        }
        try await say("unplug \(socket)")
    }
}

extension EndToEnd {
    @Suite("Hot-plug") struct Hotplug {
        /// A gateway that finds its modems on a bus of its own; nothing is plugged in.
        private func withBus(modems: Int, _ body: (World, USBBus) async throws -> Void) async throws {
            try await withWorld(modems: modems) { world in
                guard let bus = try await USBBus(in: world) else {
                    report("skipped: umockdev is not installed (apt-get install umockdev libumockdev-dev)")
                    return
                }
                defer { bus.end() }
                world.discovers = true
                try world.launchGateway(wrapper: ["/usr/bin/env", USBBus.preload, "UMOCKDEV_DIR=\(bus.folder)"])
                try await eventually("the gateway answers", every: 50) {
                    guard world.gateway?.isRunning == true else {
                        throw Failure("the gateway ended:\n\(world.gatewayLog.suffix(2_000))")
                    }
                    return (try? await world.status()) != nil
                }
                #expect(try await world.status().modems.isEmpty)
                try await body(world, bus)
            }
        }

        @Test("E4: udev tells of a modem; it is found among its ports, lost, and known again under other names")
        func plugAndPull() async throws {
            try await withBus(modems: 1) { world, bus in
                let first = try await plug(bus, world, from: 0)
                #expect(try await world.status().modems.map(\.port) == ["/dev/ttyUSB2"])
                try await exchange(world, "first")

                try world.tell("unplug modem0")
                try await bus.pull(.ec25, 2, from: 0)
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

        @Test("EC25, SIM7600, E3372 and u-blox, plugged in together: each is found among its ports")
        func kinds() async throws {
            let kinds = Layout.kinds
            try await withBus(modems: kinds.count) { world, bus in
                var expected: Set<String> = []
                var number = 0
                for (index, layout) in kinds.enumerated() {
                    let end = try FileManager.default.destinationOfSymbolicLink(atPath: world.port(index))
                    expected.insert(try await bus.plug(layout, index + 2, from: number, to: end))
                    number += layout.interfaces.count
                }
                try await eventually("all are ready", every: 20) {
                    let modems = try await world.status().modems.filter { $0.state == "ready" }
                    return Set(modems.map(\.port)) == expected
                }
                try await bus.say("plug 9 12d1:1446 -")
                try await eventually("a stick that shows as a disc is told, with the cure", within: 30) {
                    try await world.status().alarms.contains { $0.message.contains("usb-modeswitch") }
                }
                try await bus.say("unplug 9")
                try await eventually("and is forgotten when it is gone") {
                    try await !world.status().alarms.contains { $0.message.contains("usb-modeswitch") }
                }
            }
        }

        @Test("E4: 24 modems with four ports each are plugged in at once, pulled, and plugged in under other names")
        func storm() async throws {
            let count = 24
            let layout = Layout.fm135
            try await withBus(modems: count) { world, bus in
                func plugAll(shifted: Int) async throws -> Double {
                    let start = now()
                    for modem in 0..<count {
                        let end = try FileManager.default.destinationOfSymbolicLink(atPath: world.port(modem))
                        // Another modem has each name than before.
                        let number = ((modem + shifted) % count) * layout.interfaces.count
                        _ = try await bus.plug(layout, modem + 2, from: number, to: end)
                    }
                    try await eventually("all are ready", within: 60, every: 20) {
                        guard world.gateway?.isRunning == true else {
                            throw Failure("the gateway ended:\n\(world.gatewayLog.suffix(2_000))")
                        }
                        return try await world.status().modems.count { $0.state == "ready" } == count
                    }
                    return now() - start
                }
                // Of ports: files and connections of storage are opened when they are needed first.
                func descriptors() async throws -> Int {
                    let process = try #require(try await world.status().processId)
                    let folder = "/proc/\(process)/fd"
                    return try FileManager.default.contentsOfDirectory(atPath: folder).count { name in
                        let place = try? FileManager.default.destinationOfSymbolicLink(atPath: folder + "/" + name)
                        return place?.contains("/pts/") == true || place?.contains("ttyUSB") == true
                    }
                }
                let idle = try await descriptors()
                let first = try await plugAll(shifted: 0)
                let before = try await world.status().modems
                #expect(try await descriptors() >= idle + count)
                // The events first: the test bed keeps something of each attempt to open what has hung up.
                for modem in 0..<count {
                    try await bus.pull(layout, modem + 2, from: modem * layout.interfaces.count)
                }
                try await eventually("all are gone", within: 60, every: 20) {
                    try await world.status().modems.allSatisfy { $0.state == "gone" }
                }
                try await eventually("no descriptor is left of them") { try await descriptors() <= idle }
                try world.tell("unplug all")
                try world.tell("replug all")
                try await eventually("all have ports again") { try world.ledger.count("plugged") == 2 * count }
                let second = try await plugAll(shifted: 5)
                let after = try await world.status().modems
                #expect(after.count == count, "no modem is known twice")
                #expect(Set(after.map(\.port)) == Set(before.map(\.port)), "the same names, on other modems")
                try await exchange(world, "after the storm", by: count - 1)
                report(
                    "\(count) modems with \(layout.interfaces.count * count) ports: all ready after \(Int(first)) ms, "
                        + "again after \(Int(second)) ms")
            }
        }

        /// Milliseconds from the event of its port until the modem is ready.
        private func plug(_ bus: USBBus, _ world: World, from number: Int) async throws -> Double {
            let end = try FileManager.default.destinationOfSymbolicLink(atPath: world.port(0))
            let start = now()
            _ = try await bus.plug(.ec25, 2, from: number, to: end)
            try await eventually("the modem is ready", every: 20) {
                guard world.gateway?.isRunning == true else {
                    throw Failure("the gateway ended:\n\(world.gatewayLog.suffix(2_000))")
                }
                return try await world.status().modems.map(\.state) == ["ready"]
            }
            return now() - start
        }

        /// A text comes and is answered.
        private func exchange(_ world: World, _ body: String, by modem: Int = 0) async throws {
            try world.text(modem, from: "+16195551000", body)
            let table = try Table(path: world.database)
            try await eventually("\(body) is stored and answered") {
                try table.count("content = 're: \(body)' AND delivery_status = 'delivered'") == 1
            }
            try table.close()
        }
    }
}
