import Synchronization

extension Modem {
    /// The trace has how the modem stood, between what was said.
    func noteState() {
        guard snapshot.state != tracedState else { return }
        tracedState = snapshot.state
        trace.note("the modem is \(snapshot.state.rawValue)" + (snapshot.problem.map { ": \($0)" } ?? ""))
    }

    /// What is kept of the traffic with it, after the entry `number`. [loop]
    func traced(after number: Int) -> ModemTrace {
        ModemTrace(
            modem: id, port: snapshot.port, run: trace.run, newest: trace.newest, entries: trace.entries(after: number))
    }
}

extension FleetCore {
    /// What was said on a port at the last try with it, where it leads to no modem.
    func trace(ofPort path: String, after number: Int) -> ModemTrace? {
        guard let candidate = known.first(where: { $0.path == path }), let ring = candidate.probed else { return nil }
        return ModemTrace(
            modem: nil, port: path, run: ring.run, newest: ring.newest, entries: ring.entries(after: number))
    }
}

extension Fleet {
    /// The traffic with a modem as it is kept, with numbers, texts and codes masked: its last bring-up and the newest,
    /// entries above `number` only. Nil where no such modem was met since the start. Any thread.
    public func trace(_ modem: ModemID, after number: Int = 0) async -> ModemTrace? {
        await self.modem(modem)?.traced(after: number)
    }

    /// What was said on a port at the last try with it; nil where it is not known, or was never opened. Any thread.
    public func trace(ofPort path: String, after number: Int = 0) async -> ModemTrace? {
        guard let core = core.withLock({ $0 }) else { return nil }
        return await core.trace(ofPort: path, after: number)
    }
}
