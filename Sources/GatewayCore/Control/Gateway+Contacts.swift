internal import Dispatch
internal import Foundation
internal import GRDB
internal import PluginHost
internal import PluginKit
internal import SMSCodec
internal import Synchronization

extension Gateway {
    /// How long plugins may take to hear that a person is to be forgotten.
    private static let tellingMilliseconds: Int64 = 30_000
    /// How long a switch waits for an erasure.
    private static let holdMilliseconds: Int64 = 60_000

    public func contact(_ number: String) async throws(GatewayError) -> ContactRecord {
        let phone = try person(number)
        do {
            let fields = try await console.contact(phone)
            var record = ContactRecord(phone: phone, at: clock.now, fields: fields)
            let storage = host.standingStorage
            let served = try await Self.person(phone, storage)
            record.texts = served.texts
            record.consent = served.stored?.consent ?? []
            record.other = served.stored?.other
            let look = StorageLook(
                dropIn: host.storageFile, location: served.health.databaseFile ?? served.health.location, serves: true,
                texts: Int64(served.texts.count))
            record.storages = [look]
            // Who only observes opens no further file: that may change it.
            if !options.policy.observes {
                let visits = try await LeftStorages(journal: journal, host: host).visit { storage throws(PluginError) in
                    try await Self.person(phone, storage.handle)
                }
                record.add(visits, besides: served)
            }
            try journal.read { try record.add(journalOf: phone, $0) }
            record.values = try await console.values(naming: phone).map(ContactRecord.Value.init)
            return record
        } catch let error as GatewayError {
            throw error
        } catch let error as PluginError {
            throw GatewayError(.unavailable, "what is kept of this person cannot be read: \(error.message)")
        } catch {
            throw GatewayError(.unavailable, "the journal could not be read: \(error)")
        }
    }

    public func eraseContact(_ number: String, dryRun: Bool) async throws(GatewayError) -> ErasureReport {
        let phone = try person(number)
        if !dryRun { try refuseWhileObserving() }
        guard let erasures else { throw GatewayError(.unavailable, "the gateway is starting or stopping") }
        return dryRun ? try await erasures.count(phone) : try await erasures.erase(phone)
    }

    /// Keeps the storages from being switched, or lets go; false while they are.
    func holdStorages(_ isHeld: Bool) -> Bool {
        storageWork.withLock { work in
            guard work != .switching else { return false }
            work = isHeld ? .erasing : nil
            return true
        }
    }

    /// Waits for an erasure that is just being done.
    func holdForSwitch() async throws(GatewayError) {
        let deadline = clock.monotonicMilliseconds + Self.holdMilliseconds
        while true {
            let holder = storageWork.withLock { work -> StorageWork? in
                defer { if work == nil { work = .switching } }
                return work
            }
            guard let holder else { return }
            if holder == .switching {
                throw GatewayError(.refused, "storage is being switched: wait for its end")
            }
            guard clock.monotonicMilliseconds < deadline, (try? await clock.sleep(milliseconds: 50)) != nil else {
                throw GatewayError(.refused, "somebody is being erased from the storages: switch afterwards")
            }
        }
    }

    /// Erases the person in backups and in what was set aside. A backup that is being taken may hold the person still.
    func eraseCopies(of phone: String, countsOnly: Bool) async throws -> ErasedCopies.Counts {
        let isFree = isBackingUp.withLock { isRunning in
            if isRunning { return false }
            isRunning = !countsOnly
            return true
        }
        guard isFree || countsOnly else { throw PluginError(.unavailable, "a backup is being taken") }
        defer { if !countsOnly { isBackingUp.withLock { $0 = false } } }
        let file = try await host.storage?.health().databaseFile
        let others = try journal.read(KnownStorage.files)
        let copies = ErasedCopies(
            stateFolder: options.stateFolder, messagesFiles: [file].compactMap { $0 } + others, policy: options.policy,
            key: journal.erasedKey, version: options.version)
        let now = clock.now
        var counts: ErasedCopies.Counts = try await withCheckedThrowingContinuation { continuation in
            // Blocks for long: not on a thread that others wait for.
            DispatchQueue.global(qos: .utility).async {
                continuation.resume(with: Result { try copies.erase(phone, countsOnly: countsOnly, now: now) })
            }
        }
        let files = try await customerImports.forget(phone, countsOnly: countsOnly)
        if countsOnly { counts.cleaned += files.count } else { counts.deleted += files }
        return counts
    }

    private func person(_ number: String) throws(GatewayError) -> String {
        guard let phone = options.policy.number(number) else {
            throw GatewayError(.invalid, "this is not a telephone number: write it as +16195550123")
        }
        return phone.text
    }

    /// What one storage has of a person.
    private static func person(_ phone: String, _ storage: StorageHandle) async throws(PluginError) -> StoredPerson {
        var person = StoredPerson(health: try await storage.health(), texts: try await texts(of: phone, storage))
        do throws(PluginError) {
            person.stored = try await storage.contact(phone)
        } catch {
            // Such a storage has the texts; consent is the journal's.
            guard error.code == .unsupported else { throw error }
        }
        return person
    }

    /// All of them, oldest first, page by page.
    private static func texts(of phone: String, _ storage: StorageHandle) async throws(PluginError) -> [Message] {
        var texts: [Message] = []
        var query = MessageQuery(phone: phone, oldestFirst: true, limit: 1_000)
        while true {
            let page = try await storage.messages(query)
            texts += page
            guard page.count == Int(query.limit), let last = page.last?.storageID else { return texts }
            query.cursor = last
        }
    }

    /// Notifiers are told, by the event `contact.erased`, after all they were told before. Responders begin anew: what
    /// they had in mind is gone with their instance.
    func havePluginsForget(_ phone: String, _ notifiers: NotifierFeeds) async throws {
        var json = EventJSON()
        json.add("phone", phone)
        let now = clock.now
        let failures = await notifiers.tell(
            Event(id: UID.make(at: now), kind: "contact.erased", at: now, json: json.text),
            within: Self.tellingMilliseconds, clock: clock)
        guard failures.isEmpty else { throw PluginError(.unavailable, failures.joined(separator: "; ")) }
        let search = NumberSearch(phone)
        for report in host.reports where report.state == .running && report.capabilities.contains("responder") {
            _ = await host.reload(again: report.dropIn)
        }
        if !search.isShort { host.logs.forget { search.occurs(in: $0.utf8) } }
    }
}
