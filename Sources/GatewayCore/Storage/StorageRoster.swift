internal import PluginHost
internal import PluginKit

/// Knows which storage serves, by its identity, and sees to it that the journal's marks are about that one.
actor StorageRoster {
    /// A storage for one piece of work: whatever takes its place meanwhile, all of the work goes to this one.
    struct Served: Sendable {
        var handle: StorageHandle
        /// Its id in the journal.
        var id: Int64
    }

    /// How long the plugin is believed to keep its texts in the same place: a file can be replaced under it.
    static let believedMilliseconds: Int64 = 30_000

    private let journal: Journal
    private let serving: @Sendable () -> ServingStorage?
    private let events: EventHub
    private let alarms: Alarms
    private let clock: any GatewayClock
    /// Nobody whose erasure waits for a storage is in it when it is taken; nil where nothing is changed in it.
    private let erasures: ErasureElsewhere?
    private var known: (serial: Int, id: Int64, until: Int64)?
    private var isPaused = false
    private var isBusy = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(
        journal: Journal, events: EventHub, alarms: Alarms, clock: any GatewayClock, erasures: ErasureElsewhere? = nil,
        serving: @escaping @Sendable () -> ServingStorage?
    ) {
        self.journal = journal
        self.events = events
        self.alarms = alarms
        self.clock = clock
        self.erasures = erasures
        self.serving = serving
    }

    /// Nobody gets a storage until `resume`: what is to be carried waits in the journal.
    func pause() { isPaused = true }

    /// Wake whoever carries afterwards.
    func resume() { isPaused = false }

    /// The storage that serves; nil while none does.
    ///
    /// - Throws: `PluginError` when it does not say who it is, or what the journal threw.
    func take() async throws -> Served? {
        if isBusy { await withCheckedContinuation { waiting.append($0) } }
        isBusy = true
        defer {
            isBusy = !waiting.isEmpty
            if isBusy { waiting.removeFirst().resume() }
        }
        while !isPaused, let storage = serving() {
            let now = clock.monotonicMilliseconds
            let believed = known.flatMap { $0.serial == storage.serial ? $0.id : nil }
            if let known, let believed, now < known.until { return Served(handle: storage.handle, id: believed) }
            do {
                let id = try await arrive(try await storage.handle.health())
                // One that cannot erase just now is used all the same: `Erasures` goes on, and its alarm stands.
                try? await erasures?.carryOut(in: storage.handle, id)
                known = (storage.serial, id, now + Self.believedMilliseconds)
            } catch is PluginError where believed != nil {
                // It is away; whoever asks it for more finds out.
                return believed.map { Served(handle: storage.handle, id: $0) }
            }
            // Another one may have taken its place meanwhile.
        }
        return nil
    }

    private func arrive(_ health: StorageHealth) async throws -> Int64 {
        let now = clock.now
        let (former, arrival) = try await journal.writer.write { database in
            (
                try StorageMarks.current(database),
                try StorageMarks.arrive(
                    health.identity ?? health.location, at: health.databaseFile ?? health.location, now: now, database)
            )
        }
        if former == arrival.id { return arrival.id }
        alarms.clear("storage.replaced")
        if arrival.isReplacement {
            alarms.raise(
                "storage.replaced",
                "\(health.location) is another one than before (\(health.rows) texts), and has got what the journal still "
                    + "has; what is older is in the former one: put that back, or copy it with its programs")
        }
        if former != nil {
            var json = EventJSON()
            json.add("location", health.location)
            events.emit("storage.changed", json.text)
        }
        return arrival.id
    }
}
