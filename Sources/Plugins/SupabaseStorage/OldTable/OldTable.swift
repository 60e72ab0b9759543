internal import CurlClient
internal import PluginKit
internal import Synchronization

/// Texts in a project without the migration: the old columns only, by changes that name what they saw. One gateway only.
///
/// What has no column lives in `message_hash` (see `Mark`) or in this gateway's memory; docs/supabase.md says what that
/// leaves out.
final class OldTable: MessageStore {
    /// How long a request may go on at the project after its answer was lost: its own limit is 60 seconds.
    static let longestRequest: Int64 = 65_000
    /// Requests at once.
    static let width = 8
    /// The key under which `OldTableContact` is kept.
    private static let contactKey = "old-table-contact"

    let rows: OldRows
    let host: Host
    let batch: Int
    let settleMilliseconds: Int64
    let state = Mutex(OldTableState())
    let puts = Turns()
    let exchanges = Turns()
    private let location: String

    /// - Parameters:
    ///   - batch: texts in one request.
    ///   - settleMilliseconds: after an insert whose answer was lost, how long its texts are not inserted again.
    init(project: Project, host: Host, batch: Int, settleMilliseconds: Int64 = longestRequest) {
        rows = OldRows(project: project)
        self.host = host
        self.batch = batch
        self.settleMilliseconds = settleMilliseconds
        location = project.location
    }

    // MARK: What has no place in the old table

    func recordConsent(_ events: [ConsentEvent], context: CallContext) async throws {
        throw PluginError(.unsupported, "the project has no place for consent: run `conductor storage migrate`")
    }

    func consent(_ query: ConsentQuery, context: CallContext) async throws -> ConsentPage {
        throw PluginError(.unsupported, "the project has no place for consent: run `conductor storage migrate`")
    }

    func customers(_ query: CustomerQuery, context: CallContext) async throws -> [Customer] {
        throw Self.noCustomers
    }

    func search(_ search: CustomerSearch, context: CallContext) async throws -> [Customer] {
        throw Self.noCustomers
    }

    func records(_ query: RecordQuery, context: CallContext) async throws -> [CustomerRecord] {
        throw Self.noRecords
    }

    func putRecords(_ batch: RecordBatch, context: CallContext) async throws -> RecordReply {
        throw Self.noRecords
    }

    func importRows(_ batch: ImportBatch, context: CallContext) async throws -> ImportReply {
        throw Self.noRecords
    }

    func endImport(_ end: ImportEnd, context: CallContext) async throws -> [ImportTableChange] {
        throw Self.noRecords
    }

    func list(_ query: ListQuery, context: CallContext) async throws -> ListPage {
        throw Self.noRecords
    }

    func changeCustomers(_ change: CustomerChange, context: CallContext) async throws -> CustomerDifferences {
        throw Self.noRecords
    }

    func refreshCustomers(context: CallContext) async throws -> Bool { false }

    private static let noRecords = PluginError(
        .unsupported,
        "the project has the old tables only, whose customers are neither read nor written as a whole: run "
            + "`conductor storage migrate`")

    private static let noCustomers = PluginError(
        .unsupported,
        "the project has the old tables only, in which nobody is found by number: run `conductor storage migrate`")

    // MARK: Looks

    func health(context: CallContext) async throws -> StorageHealth {
        let answer = try await rows.project.perform(
            .init(path: "messages", query: ["select=id", "limit=1"], prefer: "count=estimated"), context)
        // `0-0/190840`; no row has a negative address, so that this writes nothing and shows whether it could.
        let count = answer.header("Content-Range")?.split(separator: "/").last.flatMap { Int64($0) } ?? 0
        _ = try await rows.change(-1, hash: nil, context: context) { $0.member("status", "read") }
        return StorageHealth(
            location: location + " (old tables: this gateway only, consent kept here; `conductor storage migrate`)",
            rows: count, bytes: 0, identity: location)
    }

    func sizes(context: CallContext) async throws -> [StorageTable] {
        throw PluginError(
            .unsupported, "the project does not tell what its tables take: run `conductor storage migrate`")
    }

    func sight(context: CallContext) async throws -> Sight {
        let request = Project.Request(
            path: "messages",
            query: [
                "select=id,message_hash", Filter.equals("direction", "outbound").description,
                Filter.equals("status", "queued").description, "order=id.desc", "limit=\(Sight.limit)",
            ])
        let found = try await rows.project.rows(request, context)
        return Sight(
            waiting: Set(
                found.compactMap { Mark($0["message_hash"].text)?.isOnItsWay == true ? nil : $0["id"].integer }))
    }

    // MARK: First contact

    /// Rows from before this are held; nil holds none. Notes that a gateway looks now.
    func staleBefore(now: Timestamp, maxAge: Int64) async -> Timestamp? {
        guard maxAge > 0 else { return nil }
        var before = state.withLock(\.contact)
        if before == nil {
            // Without the grant `kv` every start counts as a first look.
            before = OldTableContact(saved: (try? await host.keyValue.text(for: Self.contactKey)) ?? nil)
        }
        let contact = OldTableContact.looked(before, now: now, maxAge: maxAge)
        let saved = before.map { max(0, now.milliseconds - $0.last.milliseconds) }
        // Written seldom: a crash then counts as a pause that is shorter than `maxAge`.
        if saved.map({ $0 >= min(maxAge / 4, 60_000) }) ?? true || before?.since != contact.since {
            state.withLock { $0.contact = contact }
            try? await host.keyValue.set(contact.saved, for: Self.contactKey)
        }
        return Timestamp(milliseconds: contact.since.milliseconds - maxAge)
    }

    /// The row as people see it: one that is too old for the last look is held.
    func message(_ row: OldRow) -> Message {
        let (look, notBefore) = state.withLock { ($0.lastLook, $0.notBefore[row.id]) }
        let isHeld = row.isQueued && row.isStale(before: look.staleBefore, maxAge: look.maxAge)
        return row.message(isHeld: isHeld, notBefore: notBefore)
    }

    // MARK: Many at once

    /// Does `work` for each, some at once, and returns what came of them in their order.
    ///
    /// - Throws: what the first of those that failed threw, when all have ended.
    static func each<Element: Sendable, Value: Sendable>(
        _ elements: [Element], _ work: @escaping @Sendable (Element) async throws -> Value
    ) async throws -> [Value] {
        try await withThrowingTaskGroup(of: (Int, Result<Value, any Error>).self) { group in
            var results: [Int: Result<Value, any Error>] = [:]
            var next = 0
            func begin() {
                guard next < elements.count else { return }
                let (index, element) = (next, elements[next])
                next += 1
                group.addTask {
                    do {
                        return (index, .success(try await work(element)))
                    } catch {
                        return (index, .failure(error))
                    }
                }
            }
            for _ in 0..<width { begin() }
            while let (index, result) = try await group.next() {
                results[index] = result
                begin()
            }
            return try elements.indices.compactMap { try results[$0]?.get() }
        }
    }
}
