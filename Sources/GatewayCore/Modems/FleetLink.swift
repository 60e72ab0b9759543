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
        for memory in modem.memories where memory.total > 0 { look(at: memory, of: modem.id) }
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

    private func look(at memory: ModemSnapshot.MemoryUse, of modem: ModemID) {
        func alarm(_ kind: String, _ words: String?) {
            let subject = modem.rawValue + memory.name
            guard let words else { return alarms.clear(kind, subject: subject) }
            alarms.raise(kind, subject: subject, "the memory \(memory.name) of modem \(modem) \(words)")
        }
        let (condition, stuck) = (memory.condition, memory.undeletable)
        alarm(
            "modem.full",
            condition == .full
                ? "is full (\(memory.total) slots): it takes no texts until some are read and deleted" : nil)
        alarm(
            "modem.nearly_full",
            condition == .nearlyFull
                ? "has room for \(memory.total - memory.others - stuck) of \(memory.total) texts at a time: the other slots hold "
                    + "drafts and sent texts, which are left alone; delete those with the SIM in a telephone" : nil)
        alarm(
            "modem.undeletable",
            stuck > 0
                ? "does not let \(stuck) texts be deleted. They are kept here, and taken once; but it fills up: try "
                    + "`conductor modems reset \(modem) --step restart`" : nil)
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
