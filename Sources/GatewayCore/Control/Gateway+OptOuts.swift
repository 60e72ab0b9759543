internal import GRDB
internal import PluginKit

extension Gateway {
    public func optOuts(_ query: OptOutQuery) async throws(GatewayError) -> [OptOut] {
        guard (1...1_000).contains(query.limit) else {
            throw GatewayError(.invalid, "limit is \(query.limit): it may be 1 to 1000")
        }
        let phone = try query.phone.map { phone throws(GatewayError) in try number(phone) }
        do {
            return try journal.read { database in
                if let phone {
                    return try database.all(
                        "SELECT * FROM consent WHERE phone = ? ORDER BY at DESC, action = 'out' DESC LIMIT ?",
                        [phone, query.limit]
                    ).map(OptOut.init(row:))
                }
                return try database.all(
                    """
                    SELECT c.* FROM consent c WHERE c.phone > ?1 AND c.action = 'out' AND c.uid = (
                        SELECT l.uid FROM consent l WHERE l.phone = c.phone
                        ORDER BY l.at DESC, l.action = 'out' DESC, l.uid DESC LIMIT 1)
                    ORDER BY c.phone LIMIT ?2
                    """, [query.after ?? "", query.limit]
                ).map(OptOut.init(row:))
            }
        } catch {
            throw GatewayError(.unavailable, "the journal could not be read: \(error)")
        }
    }

    public func addOptOut(_ change: OptOutChange) async throws(GatewayError) -> OptOut {
        try await enter(.out, change)
    }

    public func removeOptOut(_ change: OptOutChange) async throws(GatewayError) -> OptOut {
        guard let reason = change.reason, reason.contains(where: { !$0.isWhitespace }) else {
            throw GatewayError(
                .invalid, "say why this person may be texted again (\"reason\"): it is written down beside your name")
        }
        return try await enter(.in, change)
    }

    /// Appends an event, unless the number stands as it shall already.
    private func enter(
        _ action: ConsentEvent.Action, _ change: OptOutChange
    ) async throws(GatewayError) -> OptOut {
        let phone = try number(change.number)
        let now = clock.now
        let entry = Consent.Change(
            phone: phone, action: action, source: change.source ?? "api", by: change.by, reason: change.reason)
        let done: (optOut: OptOut, event: ConsentEvent?)
        do {
            done = try await journal.writer.write { database in
                let known = try database.first(
                    "SELECT * FROM consent WHERE phone = ? ORDER BY at DESC, action = 'out' DESC LIMIT 1", [phone]
                ).map(OptOut.init(row:))
                if let known, known.action == action { return (known, nil) }
                if known == nil, action == .in {
                    throw GatewayError(.notFound, "this number never opted out: it may be texted")
                }
                let event = try Consent.change(entry, now: now, database)
                return (OptOut(event, by: entry.by, reason: entry.reason), event)
            }
        } catch let error as GatewayError {
            throw error
        } catch {
            throw GatewayError(.unavailable, "\(error)")
        }
        if let event = done.event {
            hub.emit("consent.changed", event.json(by: entry.by, reason: entry.reason))
            consentWasEntered()
        }
        return done.optOut
    }

    public func importOptOuts(_ list: OptOutImport) async throws(GatewayError) -> OptOutImportReport {
        guard list.entries.count <= 5_000 else {
            throw GatewayError(
                .invalid, "\(list.entries.count) entries at once: 5000 are the most, send the rest after")
        }
        guard (1...64).contains(list.list.utf8.count) else {
            throw GatewayError(.invalid, "\"list\" names the list with 1 to 64 bytes")
        }
        let now = clock.now
        let policy = options.policy
        do {
            let (report, events) = try await journal.writer.write { database in
                try OptOutList(list, policy: policy, now: now).take(database)
            }
            for event in events { hub.emit("consent.changed", event.json(by: list.by)) }
            if !events.isEmpty { consentWasEntered() }
            return report
        } catch {
            throw GatewayError(.unavailable, "\(error)")
        }
    }

    private func number(_ written: String) throws(GatewayError) -> String {
        guard let number = options.policy.number(written) else {
            throw GatewayError(.invalid, "this is not a number that a text can be sent to: write it as +16195550123")
        }
        return number.text
    }
}

/// One part of a list, taken into the journal in one transaction. Taking it again changes nothing.
private struct OptOutList: Sendable {
    private static let day: Int64 = 86_400_000

    let list: OptOutImport
    let policy: Policy
    let now: Timestamp
    private var report = OptOutImportReport()
    private var events: [ConsentEvent] = []

    init(_ list: OptOutImport, policy: Policy, now: Timestamp) {
        self.list = list
        self.policy = policy
        self.now = now
    }

    func take(_ database: Database) throws -> (OptOutImportReport, [ConsentEvent]) {
        var state = self
        state.report.entries = list.entries.count
        // A trial must see its own earlier lines, too: it is done, and taken back.
        try database.inSavepoint {
            for entry in list.entries { try state.take(entry, database) }
            return list.isTrial ? .rollback : .commit
        }
        return (state.report, list.isTrial ? [] : state.events)
    }

    private mutating func take(_ entry: OptOutImport.Entry, _ database: Database) throws {
        guard let phone = policy.number(entry.number)?.text else {
            return reject(entry, Self.reason(entry.number))
        }
        if let at = entry.at, at.milliseconds > now.milliseconds + Self.day {
            return reject(entry, "its date lies in the future")
        }
        let source = "import:" + (entry.source.flatMap { $0.isEmpty ? nil : $0 } ?? list.list)
        if let latest = try Consent.latest(phone, database) {
            if latest.action == .out {
                report.unchanged += 1
                return
            }
            let isOld: Bool
            if let at = entry.at {
                isOld = at < latest.at
            } else {
                // Without a date, only an event of this list tells that it was taken in before.
                isOld =
                    try database.first(
                        "SELECT 1 FROM consent WHERE phone = ? AND source = ? AND action = 'out'", [phone, source])
                    != nil
            }
            if isOld {
                report.unchanged += 1
                report.inAgain += 1
                return
            }
        }
        let at = entry.at.map { min($0, now) }
        events.append(
            try Consent.change(
                Consent.Change(phone: phone, action: .out, at: at, source: source, by: list.by), now: now, database))
        report.new += 1
    }

    private mutating func reject(_ entry: OptOutImport.Entry, _ reason: String) {
        report.rejected.append(.init(line: entry.line, reason: reason))
    }

    /// Why this is no number; without it.
    private static func reason(_ written: String) -> String {
        if !written.contains(where: \.isNumber) { return "there is no number" }
        if written.lowercased().contains("e+") {
            return "a spreadsheet has shortened the number: make the column text, and save it again"
        }
        let digits = written.count { $0.isNumber }
        if digits == 7 { return "the area code is missing" }
        return "this is not a number that a text can be sent to"
    }
}

extension OptOut {
    fileprivate init(row: Row) {
        self.init(ConsentEvent(row: row), by: row["entered_by"], reason: row["reason"])
    }

    fileprivate init(_ event: ConsentEvent, by: String?, reason: String?) {
        self.init(
            phone: event.phone, action: event.action, at: event.at, source: event.source, by: by, reason: reason,
            messageUID: event.messageUID)
    }
}
