internal import Logging
internal import ModemKit
internal import PluginKit
internal import Synchronization

/// Where modems and journal meet: the fleet's delegate.
///
/// It lives before the way out does, since the way out needs the fleet; what it learns of modems meanwhile is kept in
/// the stream.
final class FleetLink: FleetDelegate {
    let modems = AsyncStream.makeStream(of: ModemSnapshot.self, bufferingPolicy: .unbounded)
    private let inbound: InboundPath
    private let sims: SIMWatch
    private let alarms: Alarms
    private let events: EventHub
    private let onIntake: @Sendable (InboundPath.Intake) async -> Void
    private let states = Mutex<[ModemID: ModemSnapshot.State]>([:])

    init(
        inbound: InboundPath, sims: SIMWatch, alarms: Alarms, events: EventHub,
        onIntake: @escaping @Sendable (InboundPath.Intake) async -> Void
    ) {
        self.inbound = inbound
        self.sims = sims
        self.alarms = alarms
        self.events = events
        self.onIntake = onIntake
    }

    func commit(_ readings: [Reading]) async throws {
        await onIntake(try await inbound.receive(readings))
    }

    func deleted(_ slots: [DeletedSlot]) {
        inbound.deleted(slots)
    }

    func changed(_ modem: ModemSnapshot) {
        let before = states.withLock { states in
            defer { states[modem.id] = modem.state }
            return states[modem.id]
        }
        inbound.own.note(modem)
        sims.note(modem)
        modems.continuation.yield(modem)
        for (alarm, state) in [("modem.blocked", ModemSnapshot.State.blocked), ("modem.recovering", .recovering)] {
            if let problem = modem.problem, modem.state == state {
                alarms.raise(alarm, subject: modem.id.rawValue, "modem \(modem.id) on \(modem.port): \(problem)")
            } else if modem.state == .ready || modem.state == .gone {
                alarms.clear(alarm, subject: modem.id.rawValue)
            }
        }
        for memory in modem.memories where memory.total > 0 {
            let subject = modem.id.rawValue + memory.name
            if memory.used >= memory.total {
                alarms.raise(
                    "modem.full", subject: subject,
                    "the memory \(memory.name) of modem \(modem.id) is full (\(memory.total) slots): it takes no texts "
                        + "until some are read and deleted")
            } else {
                alarms.clear("modem.full", subject: subject)
            }
        }
        guard before != modem.state else { return }
        var json = EventJSON()
        json.add("imei", modem.id.rawValue)
        json.add("port", modem.port)
        json.add("state", modem.state.rawValue)
        json.add("model", modem.model)
        json.add("operator", modem.operator)
        json.add("problem", modem.problem)
        events.emit("modem.\(modem.state.rawValue)", json.text)
    }

    func called(_ modem: ModemID, sim: SIMID?, number: String?) {
        var json = EventJSON()
        json.add("imei", modem.rawValue)
        json.add("sim", sim?.rawValue)
        json.add("number", number)
        events.emit("call.missed", json.text)
    }

    func portProblem(_ path: String, _ problem: String?) {
        if let problem {
            alarms.raise("port", subject: path, "\(path): \(problem)")
        } else {
            alarms.clear("port", subject: path)
        }
    }
}
