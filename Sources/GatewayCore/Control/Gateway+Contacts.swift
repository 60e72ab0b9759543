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

    public func contact(_ number: String) async throws(GatewayError) -> ContactRecord {
        let phone = try person(number)
        do {
            let fields = try await console.contact(phone)
            var record = ContactRecord(phone: phone, at: clock.now, fields: fields)
            let storage = host.standingStorage
            record.texts = try await texts(of: phone, storage)
            do throws(PluginError) {
                let stored = try await storage.contact(phone)
                record.consent = stored.consent
                record.other = stored.other
            } catch {
                // Such a storage has the texts; consent is the journal's.
                guard error.code == .unsupported else { throw error }
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
        let copies = ErasedCopies(
            stateFolder: options.stateFolder, messagesFile: file, policy: options.policy, key: journal.erasedKey,
            version: options.version)
        let now = clock.now
        return try await withCheckedThrowingContinuation { continuation in
            // Blocks for long: not on a thread that others wait for.
            DispatchQueue.global(qos: .utility).async {
                continuation.resume(with: Result { try copies.erase(phone, countsOnly: countsOnly, now: now) })
            }
        }
    }

    private func person(_ number: String) throws(GatewayError) -> String {
        guard let phone = options.policy.number(number) else {
            throw GatewayError(.invalid, "this is not a telephone number: write it as +16195550123")
        }
        return phone.text
    }

    /// All of them, oldest first, page by page.
    private func texts(of phone: String, _ storage: StorageHandle) async throws(PluginError) -> [Message] {
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
