internal import ModemKit

/// Which modem sends which text: the SIM that the person wrote to, then what `prefer_for` says, then health, then load.
/// Modems take texts as they get free, so that none waits for another and a slow one takes fewer.
extension OutboundPath {
    /// How long a text waits for the modem that it asks for before another one may send it.
    static let patienceMilliseconds: Int64 = 60_000

    /// The modems that have nothing to do, in the order in which they are asked whether they take a text.
    func idle() -> [ModemID] {
        let monotonic = clock.monotonicMilliseconds
        let idle = lanes.filter { !$0.value.isBusy && $0.value.restsUntil <= monotonic }
        guard idle.count > 1 else { return Array(idle.keys) }
        return idle.map { modem, lane in
            // One that is kept for certain numbers, mostly since others cost more there, is the last to take the rest.
            (modem, (lane.failures, lane.preferFor.isEmpty ? 0 : 1, load(of: lane.sim), modem.rawValue))
        }.sorted { $0.1 < $1.1 }.map(\.0)
    }

    /// Parts that the SIM has sent: today where that is limited, else in this run.
    private func load(of sim: String) -> Int {
        tally.isOn ? tally.use(of: sim, monotonic: clock.monotonicMilliseconds).day : loads[sim, default: 0]
    }

    func takeNext(for modem: ModemID) -> OutgoingText? {
        let monotonic = clock.monotonicMilliseconds
        guard !isDraining, !policy.observes, let lane = lanes[modem], lane.restsUntil <= monotonic else { return nil }
        return queue.next(
            for: lane.wishes, only: tally.onlyRecipients(lane.sim),
            owedOnly: !isFree(lane.sim) || lane.reservedUntil > monotonic, now: look()
        ) { mayReplace($0, waited: $1) }
    }

    /// Whether any modem may send what asks for another one, and has waited so long.
    private func mayReplace(_ wish: Wish, waited: Int64) -> Bool {
        let isLate = waited > Self.patienceMilliseconds
        switch wish {
        case .any: return true
        case .sim: return false
        case .writtenTo(let sim): return isLate && !hasFreeLane { $0.sim == sim }
        case .numbers(let beginning):
            let away = clock.monotonicMilliseconds - (preferredSeen[beginning] ?? startedAt)
            return (isLate || away > Self.patienceMilliseconds)
                && !hasFreeLane { $0.preferFor.contains(beginning) && $0.restsUntil != .max }
        }
    }

    private func hasFreeLane(_ isMeant: (Lane) -> Bool) -> Bool {
        lanes.values.contains { isMeant($0) && isFree($0.sim) && tally.onlyRecipients($0.sim) == nil }
    }

    /// A modem leaves; how long those that it was preferred for wait is counted from now.
    func miss(_ lane: Lane?) {
        for beginning in lane?.preferFor ?? [] { preferredSeen[beginning] = clock.monotonicMilliseconds }
    }

    /// Whether the text may leave from the lane without a wait for another.
    func suits(_ lane: Lane, _ text: OutgoingText) -> Bool {
        switch text.wish(queue.preferences) {
        case .any: true
        case .sim(let sim), .writtenTo(let sim): lane.sim == sim
        case .numbers(let beginning): lane.preferFor.contains(beginning)
        }
    }
}
