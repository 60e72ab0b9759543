import Logging
import ModemKit
import Synchronization

/// The gateway's side of a fleet, for tests: remembers all, and refuses when told to.
final class Recorder: FleetDelegate {
    struct Refused: Error {}

    struct State: Sendable {
        var commits: [[Reading]] = []
        var deleted: [DeletedSlot] = []
        var snapshots: [ModemSnapshot] = []
        var problems: [String: String] = [:]
        var calls: [String?] = []
        var refusals = 0
        var refuses = false

        var readings: [Reading] { commits.flatMap { $0 } }
        var state: ModemSnapshot.State? { snapshots.last?.state }
    }

    let board = Board(State())

    func commit(_ readings: [Reading]) async throws {
        let refused = board.update { state in
            if state.refuses {
                state.refusals += 1
            } else {
                state.commits.append(readings)
            }
            return state.refuses
        }
        if refused { throw Refused() }
    }

    func deleted(_ slots: [DeletedSlot]) { board.update { $0.deleted += slots } }
    func changed(_ modem: ModemSnapshot) { board.update { $0.snapshots.append(modem) } }
    func called(_ modem: ModemID, sim: SIMID?, number: String?) { board.update { $0.calls.append(number) } }
    func portProblem(_ path: String, _ problem: String?) { board.update { $0.problems[path] = problem } }
}

/// A fleet with one scripted modem on a configured port.
struct Rig {
    let modem: ScriptedModem
    let recorder = Recorder()
    let fleet: Fleet

    static var timings: ModemTimings {
        var timings = ModemTimings()
        timings.absent = .milliseconds(200)
        timings.probe = .milliseconds(300)
        timings.command = .milliseconds(400)
        timings.listing = .milliseconds(400)
        timings.prompt = .milliseconds(400)
        timings.submission = .milliseconds(500)
        timings.afterReference = .milliseconds(200)
        timings.resynchronise = .milliseconds(300)
        timings.settle = .milliseconds(5)
        timings.retry = .milliseconds(50)
        timings.missing = .milliseconds(20)
        timings.unusable = .milliseconds(200)
        timings.simBusy = .milliseconds(500)
        timings.stop = .milliseconds(500)
        timings.modeSwitch = .milliseconds(200)
        return timings
    }

    init(
        _ modem: ScriptedModem = ScriptedModem(), plugged: Bool = true, pin: String? = nil,
        timings: ModemTimings = Rig.timings
    ) throws {
        self.modem = modem
        if plugged { modem.plug() }
        var logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        logger.logLevel = .critical
        let match = ModemMatch(port: modem.path, pin: { pin })
        fleet = Fleet(
            configuration: FleetConfiguration(useUdev: false, modems: [match], timings: timings), delegate: recorder,
            logger: logger)
        try fleet.start()
    }

    func ready() async -> Bool { await recorder.board.wait { $0.state == .ready } }

    var id: ModemID { ModemID(modem.board.value.imei) }

    func send(
        _ tpdu: [UInt8] = [0x11, 0, 1], moreFollow: Bool = false,
        permit: @escaping @Sendable () async throws -> Void = {}
    ) async -> SubmissionOutcome {
        await fleet.submit(Submission(tpdu: tpdu, moreFollow: moreFollow), to: id, permit: permit)
    }
}
