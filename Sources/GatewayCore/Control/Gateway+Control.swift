internal import GRDB
internal import Glibc
internal import ModemKit
internal import PluginHost
public import PluginKit
internal import SMSCodec

extension Gateway: GatewayControl {
    public func status() async -> GatewayStatus {
        var queue = await outbound.counts
        queue["unknown"] = (try? unknownTexts()) ?? 0
        return GatewayStatus(
            gateway: options.gateway, version: options.version, startedAt: startedAt, processID: getpid(),
            stateFolder: options.stateFolder, modems: fleet.modems,
            storage: await storageNow(),
            counts: counters.all, queue: queue, plugins: await plugins(), alarms: alarms.all,
            pluginsFolder: options.plugins.pluginsFolder, limits: await outbound.limitUse,
            budget: await outbound.budgetUse, timeZone: SendingRules(policy: options.policy).zoneName,
            observes: options.policy.observes)
    }

    public func send(_ request: SendRequest) async throws(GatewayError) -> QueuedText {
        let purpose = try Self.purpose(request.purpose)
        if let key = request.idempotencyKey {
            guard (1...255).contains(key.utf8.count), !key.hasPrefix("plugin:"), !key.hasNUL else {
                throw GatewayError(
                    .invalid,
                    "an idempotency key has 1 to 255 bytes, none of them zero, and does not begin with \"plugin:\"")
            }
        }
        let queued = try await queue(request, purpose: purpose)
        let warnings =
            options.policy.content.warns
            ? ContentLint.warnings(request.text, isPromotion: purpose == .promotion) : []
        return QueuedText(
            try await message(uid: queued.uid).message, isRepetition: !queued.isNew, warnings: warnings)
    }

    private static func purpose(_ word: String?) throws(GatewayError) -> OutgoingText.Purpose {
        guard let word else { return .conversation }
        guard let purpose = OutgoingText.Purpose(rawValue: word), !purpose.isOwn else {
            throw GatewayError(.invalid, "\"purpose\" is conversation, notice or promotion")
        }
        return purpose
    }

    /// Writes a text down to be sent; `isNew` is false when its idempotency key was known.
    func queue(
        _ request: SendRequest, purpose: OutgoingText.Purpose
    ) async throws(GatewayError) -> (uid: String, isNew: Bool) {
        guard request.text.contains(where: { !$0.isWhitespace }) else {
            throw GatewayError(.invalid, "the text is empty: give it some words")
        }
        guard !request.text.hasNUL else {
            throw GatewayError(.invalid, "the text holds the character U+0000, which ends texts: leave it out")
        }
        guard let number = options.policy.number(request.to) else {
            throw GatewayError(
                .invalid, "the recipient is not a number that a text can be sent to: write it as +16195550123")
        }
        // A repetition is answered whatever has changed since the text was taken: SIMs, consent, rules.
        if let known = try known(request, number) { return (known.uid, false) }
        try refuseWhileObserving()
        if purpose == .promotion { try refuse(promotion: request.text) }
        let tables = request.language.flatMap { ShiftTables(named: $0) }
        guard tables != nil || request.language == nil else {
            throw GatewayError(.invalid, "\"language\" is none, auto, or a language that has tables, as tr or hi")
        }
        do {
            _ = try Segmentation.split(request.text, reference: 0, tables: tables ?? options.policy.tables)
        } catch {
            throw GatewayError(.invalid, "\(error)")
        }
        let sim = try request.from.map { from throws(GatewayError) in try self.sim(named: from) }
        let now = clock.now
        let born: (text: OutgoingText, isNew: Bool)
        do {
            born = try await journal.writer.write { database in
                if let known = try OutgoingText.known(request, number, database) { return (known, false) }
                try Self.check(request, now: now)
                guard try Consent.isAllowed(number.text, database) else {
                    throw GatewayError(
                        .refused, "the person has said STOP: nothing is sent until they say START themselves")
                }
                // A plugin that answers by sending is an answerer like the others (B12).
                if purpose == .conversation, request.origin?.hasPrefix("plugin:") == true,
                    let rest = try LoopRest.active(number.text, now: now, database)
                {
                    throw GatewayError(.refused, rest.rule)
                }
                let text = try OutgoingText.insert(
                    OutgoingText.Birth(
                        uid: UID.make(at: now), storageID: nil, origin: request.origin ?? "api",
                        purpose: purpose, phone: number.text, content: request.text, sim: sim,
                        notBefore: request.at, answers: nil, idempotencyKey: request.idempotencyKey,
                        tables: tables, isFlash: request.flash ?? false),
                    now: now, database)
                return (text, true)
            }
        } catch let error as GatewayError {
            throw error
        } catch {
            throw GatewayError(.unavailable, "\(error)")
        }
        if born.isNew { await wasBorn(born.text) }
        return (born.text.uid, born.isNew)
    }

    public func messages(_ query: MessageQuery) async throws(GatewayError) -> [Message] {
        guard (1...1_000).contains(query.limit) else {
            throw GatewayError(.invalid, "limit is \(query.limit): it may be 1 to 1000")
        }
        // A list that began in the journal goes on there.
        guard let storage = host.storage, query.cursor ?? 0 >= 0 else { return try recent(query) }
        do {
            var query = query
            // SQL knows fewer spellings than we do.
            query.phone = query.phone.map { options.policy.number($0)?.text ?? $0 }
            return try await page(query, of: storage)
        } catch  where error.code == .unsupported {
            // What the journal has is not the answer to what storage does not understand.
            throw GatewayError(.invalid, error.message)
        } catch {
            return try recent(query)
        }
    }

    public func markRead(uid: String) async throws(GatewayError) {
        _ = try await change(uid, .markRead, refusal: "only an unread text that came in can be marked read")
    }

    public func retry(uid: String) async throws(GatewayError) -> Message {
        try refuseWhileObserving()
        let known: (isOfTable: Bool, state: OutgoingText.State)?
        do {
            known = try journal.read { database in
                // A row of a storage that does not serve now is the journal's to send again.
                let current = try StorageMarks.current(database)
                return try OutgoingText.find(uid, database).map {
                    ($0.storageID != nil && $0.storage == current, $0.state)
                }
            }
        } catch {
            throw GatewayError(.unavailable, "the journal could not be read: \(error)")
        }
        if known == nil, try await release(imported: uid) { return try await message(uid: uid).message }
        guard let known, !known.isOfTable || known.state == .unknown else {
            return try await change(
                uid, .requeue, refusal: "only a failed or held text can be sent again, this one is neither")
        }
        let now = clock.now
        let text: OutgoingText?
        do {
            text = try await journal.writer.write { database in
                try OutgoingText.requeue(uid, from: [.failed, .undelivered, .unknown], now: now, database)
            }
        } catch {
            throw GatewayError(.unavailable, "\(error)")
        }
        guard let text else {
            throw GatewayError(.refused, Self.cannotRetry(known.state))
        }
        alarms.clear("message.unknown", subject: uid)
        await outbound.again(text)
        return try await message(uid: uid).message
    }

    private static func cannotRetry(_ state: OutgoingText.State) -> String {
        switch state {
        case .failed, .undelivered, .unknown:
            "a part of this text is with the modem at this moment: try again in a minute, when its outcome is known"
        default: "only a failed, undelivered or unknown text can be sent again; this one is \(state)"
        }
    }

    public func plugins() async -> [PluginReport] {
        host.reports.map { state in
            PluginReport(
                dropIn: state.dropIn, plugin: state.plugin, version: state.version, capabilities: state.capabilities,
                state: state.state.rawValue, problem: state.problem, calls: state.calls, failures: state.failures,
                deadlines: state.deadlines, strayCompletions: state.strayCompletions, generations: state.generations,
                isolation: state.isolation?.rawValue, restarts: state.restarts, processID: state.processID,
                memoryBytes: state.memoryBytes, lastError: state.lastError, warnings: state.warnings,
                p50Microseconds: state.medianLatency.map(Self.microseconds),
                p99Microseconds: state.highLatency.map(Self.microseconds))
        }
    }

    private static func microseconds(_ time: Duration) -> Int64 {
        time.components.seconds * 1_000_000 + time.components.attoseconds / 1_000_000_000_000
    }

    public func reloadPlugins(_ name: String?) async throws(GatewayError) -> PluginReload {
        let changes: [String]
        if let name {
            changes = await host.reload(again: try dropIn(name))
        } else {
            changes = await host.reload()
        }
        return PluginReload(changes: changes, plugins: await plugins())
    }

    public func pluginLog(_ name: String, after number: Int) async throws(GatewayError) -> [PluginLogLine] {
        let file = try dropIn(name)
        let stem = file.lastIndex(of: ".").map { String(file[..<$0]) } ?? file
        return host.logs.lines(of: stem, after: number).map {
            PluginLogLine(number: $0.number, at: $0.at, level: "\($0.level)", message: $0.message)
        }
    }

    private func dropIn(_ name: String) throws(GatewayError) -> String {
        do {
            return try host.dropIn(named: name)
        } catch {
            throw GatewayError(.notFound, error.description)
        }
    }

    public func events() -> AsyncStream<Event> {
        hub.listen(backlog: EventHub.readerBacklog)
    }

    // MARK: Behind them

    /// IMEI, ICCID, IMSI or own number of a SIM that is there.
    private func sim(named name: String) throws(GatewayError) -> String {
        let known = fleet.modems
        let number = options.policy.number(name)?.text
        for modem in known {
            guard let sim = modem.sim?.rawValue else { continue }
            let own = modem.number.flatMap { options.policy.number($0)?.text }
            if name == modem.id.rawValue || name == sim || name == modem.imsi || (number != nil && number == own) {
                return sim
            }
        }
        let names = known.compactMap { $0.number ?? $0.sim?.rawValue }.joined(separator: ", ")
        throw GatewayError(
            .notFound, names.isEmpty ? "there is no SIM to send from" : "there is no such SIM; there is: \(names)")
    }

    /// What the journal has, while storage cannot be asked.
    func recent(_ query: MessageQuery) throws(GatewayError) -> [Message] {
        do {
            return try journal.read { try JournalMessages.find(query, policy: options.policy, $0) }
        } catch {
            throw GatewayError(.unavailable, "neither storage nor the journal can be read: \(error)")
        }
    }

    private func unknownTexts() throws -> Int {
        let (open, all) = (OutgoingText.openIndex, OutgoingText.isOpen)
        let sql = "SELECT count(*) AS n FROM \(open) WHERE \(all) AND state = 'unknown'"
        return try journal.read { try $0.first(sql)?["n"] ?? 0 }
    }

    func change(
        _ uid: String, _ kind: MessageChange.Kind, refusal: String
    ) async throws(GatewayError) -> Message {
        try refuseWhileObserving()
        guard let storage = host.servingStorage?.handle else {
            throw GatewayError(.unavailable, host.storageProblem ?? "no storage serves")
        }
        do {
            guard let id = try await Self.find(uid, in: storage)?.storageID else {
                throw GatewayError(.notFound, "storage has no text with this id")
            }
            guard try await storage.change(MessageChange(storageID: id, kind: kind)) else {
                throw GatewayError(.refused, refusal)
            }
            await storageWasChanged()
            guard let message = try await Self.find(uid, in: storage) else {
                throw GatewayError(.notFound, "storage has no text with this id")
            }
            return message
        } catch let error as GatewayError {
            throw error
        } catch {
            throw GatewayError(.unavailable, "storage: \(error)")
        }
    }
}
