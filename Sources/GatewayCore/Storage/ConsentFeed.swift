internal import GRDB
internal import PluginHost
internal import PluginKit

/// Brings consent from storage into the journal: what another program or gateway wrote there binds here, before anything
/// of it is claimed.
actor ConsentFeed {
    private let journal: Journal
    private let policy: Policy
    private let events: EventHub
    private let alarms: Alarms
    private let clock: any GatewayClock
    /// All is read again after this time: the storage may have been replaced by another one, or by a backup.
    static let rereadMilliseconds: Int64 = 600_000

    /// How far this storage was read. From the beginning at every start: they are few, and what the journal has changes
    /// nothing.
    private var after: Int64 = 0
    private var rereadAt: Int64 = 0
    private var isSupported = true
    private var unreadable = 0

    init(
        journal: Journal, policy: Policy, events: EventHub, alarms: Alarms, clock: any GatewayClock
    ) {
        self.journal = journal
        self.policy = policy
        self.events = events
        self.alarms = alarms
        self.clock = clock
    }

    /// Another storage serves, perhaps.
    func reset() {
        after = 0
        isSupported = true
        unreadable = 0
    }

    /// Reads what is new.
    ///
    /// - Throws: `PluginError` of the storage, or what the journal threw.
    func refresh(from storage: StorageRoster.Served) async throws {
        let now = clock.monotonicMilliseconds
        if unreadable > 0 || now >= rereadAt {
            // Somebody may have corrected a row that was read before.
            rereadAt = now + Self.rereadMilliseconds
            after = 0
            unreadable = 0
        }
        while let page = try await nextPage(of: storage.handle) {
            let known = page.events.compactMap { event in
                policy.number(event.phone).map { number in
                    var event = event
                    event.phone = number.text
                    return event
                }
            }
            let new = try await journal.writer.write { database in
                let isStored = try StorageMarks.current(database) == storage.id
                return try known.filter { try Consent.add($0, isStored: isStored, database) }
            }
            for event in new { events.emit("consent.changed", event.json()) }
            after = page.next
            unreadable += page.events.count - known.count
        }
        if unreadable == 0 { return alarms.clear("consent.unreadable") }
        alarms.raise(
            "consent.unreadable",
            "\(unreadable) rows of storage's optouts name no telephone number and bind nobody: correct their phone_number, "
                + "as +16195550123")
    }

    /// What is behind the last page; nil when nothing is, or the storage only records.
    private func nextPage(of storage: StorageHandle) async throws -> ConsentPage? {
        guard isSupported else { return nil }
        do {
            let page = try await storage.consent(ConsentQuery(after: after))
            return page.events.isEmpty ? nil : page
        } catch {
            guard error.code == .unsupported else { throw error }
            isSupported = false
            return nil
        }
    }
}

extension ConsentEvent {
    /// As events show it.
    func json(by: String? = nil, reason: String? = nil) -> String {
        var json = EventJSON()
        json.add("uid", uid)
        json.add("phone", phone)
        json.add("action", action.rawValue)
        json.add("at", at.description)
        json.add("source", source)
        json.add("message_uid", messageUID)
        json.add("by", by)
        json.add("reason", reason)
        return json.text
    }
}
