import CRMImport
import GatewayCore
import ModemKit
import PluginKit
import Synchronization

/// A gateway that keeps texts in memory and says what the test wants.
final class FakeGateway: GatewayControl {
    struct State: Sendable {
        var messages: [Message] = []
        var requests: [SendRequest] = []
        var listeners: [AsyncStream<Event>.Continuation] = []
        var refusal: GatewayError?
        var optOuts: [OptOut] = []
        var customerChanges: [CustomerChange] = []
        var imports: [OptOutImport] = []
        /// Rows of the former system.
        var imported: Set<Int64> = []
        var bulk: [BulkRetry] = []
        var settlements: [Settlement] = []
        var born = 0
        var storageIsAway = false
        var ports: [PortReport] = []
        var resets: [String] = []
        var codes: [String?] = []
        var trace = TraceReport(
            imei: "356938035643809", port: "/dev/ttyUSB2", run: "r1", newest: 3,
            entries: [
                TraceReport.Entry(number: 1, at: time, kind: .note, data: "open: /dev/ttyUSB2"),
                TraceReport.Entry(number: 2, at: time, kind: .sent, data: "AT+CSQ\r"),
                TraceReport.Entry(number: 3, at: time, kind: .received, data: "\r\n+CSQ: 20,99\r\n"),
            ])
    }

    let state = Mutex(State())

    static let time = Timestamp(milliseconds: 1_790_000_000_000)

    static func inbound(_ number: Int64, _ content: String = "hello", phone: String = "+16195550100") -> Message {
        Message(
            uid: "in-\(number)", storageID: number, direction: .inbound, phone: phone, content: content,
            status: .unread, timestamp: time)
    }

    func emit(_ kind: String, json: String) {
        let listeners = state.withLock { $0.listeners }
        for listener in listeners { listener.yield(Event(id: "e-\(kind)", kind: kind, at: Self.time, json: json)) }
    }

    func fleet() async throws(GatewayError) -> FleetReport {
        FleetReport(gateways: [
            FleetReport.Member(
                gateway: "shop", journal: "j1", version: "1.0", seen: Self.time, modems: 2, sims: ["8901", "8902"],
                claimed: 3, sending: 1, isThis: true),
            FleetReport.Member(
                gateway: "depot", journal: "j2", version: "1.0", seen: Self.time, silentSince: Self.time, modems: 0,
                sims: [], sending: 1_200),
        ])
    }

    func optOuts(_ query: OptOutQuery) async throws(GatewayError) -> [OptOut] {
        state.withLock { state in
            Array(
                state.optOuts.filter { query.phone == nil ? $0.phone > query.after ?? "" : $0.phone == query.phone }
                    .prefix(query.limit))
        }
    }

    func addOptOut(_ change: OptOutChange) async throws(GatewayError) -> OptOut {
        let optOut = OptOut(
            phone: change.number, action: .out, at: Self.time, source: change.source ?? "?", by: change.by,
            reason: change.reason)
        state.withLock { $0.optOuts.append(optOut) }
        return optOut
    }

    func removeOptOut(_ change: OptOutChange) async throws(GatewayError) -> OptOut {
        OptOut(phone: change.number, action: .in, at: Self.time, source: change.source ?? "?", reason: change.reason)
    }

    func importOptOuts(_ list: OptOutImport) async throws(GatewayError) -> OptOutImportReport {
        state.withLock { $0.imports.append(list) }
        return OptOutImportReport(entries: list.entries.count, new: list.entries.count)
    }

    func metrics() async -> String { "# HELP fake A figure.\n# TYPE fake gauge\nfake 1\n" }

    func status() async -> GatewayStatus {
        var modem = ModemSnapshot(id: ModemID("356938035643809"), port: "/dev/ttyUSB2", state: .ready)
        modem.model = "SIM7600G-H"
        modem.operator = "Example"
        modem.registration = "home"
        modem.signalDBm = -71
        modem.memories = [.init(name: "ME", used: 3, total: 255), .init(name: "SM", used: 19, total: 20)]
        return GatewayStatus(
            gateway: "office", version: "1.2.3", startedAt: Self.time, processID: 4711, stateFolder: "/state",
            modems: [modem],
            storage: .init(
                plugin: "sqlite", location: "SQLite /state/messages.db", reachable: true, problem: nil, lag: 12,
                rows: 12_345),
            counts: ["received": 3, "answered": 2, "failed": 1], queue: ["waiting": 4], plugins: await plugins(),
            alarms: [.init(kind: "journal.full", message: "the disk is full: free some space", since: Self.time)],
            timeZone: "Asia/Kolkata")
    }

    func send(_ request: SendRequest) async throws(GatewayError) -> QueuedText {
        let refusal = state.withLock { $0.refusal }
        if let refusal { throw refusal }
        let known = state.withLock { state in
            request.idempotencyKey.flatMap { key in
                state.requests.firstIndex { $0.idempotencyKey == key }.map { (state.requests[$0], state.messages[$0]) }
            }
        }
        if let known {
            guard known.0.text == request.text else { throw GatewayError(.refused, "the key is another text's") }
            return QueuedText(known.1, isRepetition: true)
        }
        let warnings = ContentLint.warnings(request.text, isPromotion: request.purpose == "promotion")
        return state.withLock { state in
            state.born += 1
            let message = Message(
                uid: "out-\(state.born)", direction: .outbound, phone: request.to, content: request.text,
                status: .queued, timestamp: Self.time, notBefore: request.at, origin: request.origin)
            state.requests.append(request)
            state.messages.append(message)
            return QueuedText(message, warnings: warnings)
        }
    }

    func retryFailed(_ request: BulkRetry) async throws(GatewayError) -> BulkRetryReport {
        state.withLock { state in
            state.bulk.append(request)
            let failed = state.messages.indices.filter { index in
                let kind = FailureClass(errorCode: state.messages[index].errorCode)
                return state.messages[index].status == .failed
                    && (request.failureClass.map { $0 == kind } ?? (kind != .policy))
            }
            if !request.dryRun { for index in failed { state.messages[index].status = .queued } }
            return BulkRetryReport(
                found: failed.count, byClass: failed.isEmpty ? [:] : ["temporary": failed.count],
                retried: request.dryRun ? 0 : failed.count)
        }
    }

    func cancel(uid: String) async throws(GatewayError) -> Message {
        var message = try await message(uid: uid).message
        guard message.status == .queued else { throw GatewayError(.refused, "the text has left already") }
        message.status = .failed
        message.errorCode = "cancelled"
        return message
    }

    func settle(uid: String, _ settlement: Settlement) async throws(GatewayError) -> Message {
        var message = try await message(uid: uid).message
        guard message.deliveryStatus == .unknown else { throw GatewayError(.refused, "this text's fate is known") }
        state.withLock { $0.settlements.append(settlement) }
        switch settlement.outcome {
        case .sent: message.status = .sent
        case .resend: message.status = .queued
        case .failed: message.status = .failed
        }
        return message
    }

    func customers(_ search: CustomerSearch) async throws(GatewayError) -> [Customer] {
        [Customer(id: "c", name: search.words, vipStatus: "VIP")]
    }

    func messages(_ query: MessageQuery) async throws(GatewayError) -> [Message] {
        state.withLock { state in
            let fitting = state.messages.filter { message in
                (query.direction.map { message.direction == $0 } ?? true)
                    && (query.status.map { message.status == $0 } ?? true)
                    && (query.search.map { message.content.contains($0) } ?? true)
                    && (query.deliveryStatus.map { message.deliveryStatus == $0 } ?? true)
                    && (query.phone.map { message.phone == $0 } ?? true)
                    && (query.cursor.map { (message.storageID ?? 0) < $0 } ?? true)
            }
            return Array(fitting.sorted { ($0.storageID ?? 0) > ($1.storageID ?? 0) }.prefix(Int(query.limit)))
        }
    }

    func message(uid: String) async throws(GatewayError) -> MessageDetail {
        guard let message = state.withLock({ $0.messages.first { $0.uid == uid } }) else {
            throw GatewayError(.notFound, "there is no text with this id")
        }
        let part = MessageDetail.Part(
            number: 1, state: "accepted", reference: 7, pduHex: "0011", error: nil, at: Self.time, report: nil)
        return MessageDetail(message: message, parts: [part], story: ["It was queued."])
    }

    func markRead(uid: String) async throws(GatewayError) {
        _ = try await message(uid: uid)
        state.withLock { state in
            for index in state.messages.indices where state.messages[index].uid == uid {
                state.messages[index].status = .read
            }
        }
    }

    func retry(uid: String) async throws(GatewayError) -> Message {
        var message = try await message(uid: uid).message
        guard message.status == .failed else { throw GatewayError(.refused, "the text is not failed or held") }
        message.status = .queued
        return message
    }

    func modems() async -> [ModemSnapshot] { await status().modems }

    func ports() async throws(GatewayError) -> [PortReport] { state.withLock { $0.ports } }

    func reset(modem: String, step: String) async throws(GatewayError) {
        guard step != "power" else { throw GatewayError(.refused, "it cannot be reset by power") }
        state.withLock { $0.resets.append(step) }
    }

    func ussd(modem: String, code: String?) async throws(GatewayError) -> USSDAnswer {
        state.withLock { $0.codes.append(code) }
        return USSDAnswer(state: code == "*100#" ? .asks : .done, text: code.map { "said \($0)" } ?? "")
    }

    func trace(modem: String, after number: Int) async throws(GatewayError) -> TraceReport {
        guard modem == "356938035643809" else { throw GatewayError(.notFound, "there is no such modem") }
        return state.withLock { state in
            // Whoever asks for more gets one more.
            if number > 0 {
                state.trace.newest += 1
                state.trace.entries.append(
                    TraceReport.Entry(number: state.trace.newest, at: Self.time, kind: .received, data: "RING"))
            }
            var trace = state.trace
            trace.entries.removeAll { $0.number <= number }
            return trace
        }
    }

    func at(modem: String, command: String) async throws(GatewayError) -> [String] {
        guard modem == "356938035643809" else { throw GatewayError(.notFound, "there is no such modem") }
        return command == "AT" ? ["OK"] : ["ERROR"]
    }

    func resume(modem: String) async throws(GatewayError) -> LimitUse {
        guard modem == "356938035643809" else { throw GatewayError(.refused, "SIM \(modem) is not paused") }
        return LimitUse(
            sim: "8901260123456789012", minute: 1, perMinute: 15, day: 2, perDay: nil, recipients: 1,
            recipientsPerDay: 200, paused: nil)
    }

    func plugins() async -> [PluginReport] {
        [
            PluginReport(
                dropIn: "10-sqlite.yaml", plugin: "sqlite", version: "1.0.0", capabilities: ["storage"],
                state: "running", problem: nil, calls: 10, failures: 0, deadlines: 0, strayCompletions: 0)
        ]
    }

    func reloadPlugins(_ name: String?) async throws(GatewayError) -> PluginReload {
        guard name == nil || name == "sqlite" else { throw GatewayError(.notFound, "there is no such drop-in") }
        return PluginReload(
            changes: name.map { ["10-\($0).yaml: 1.0.0 was loaded anew and serves"] } ?? [], plugins: await plugins())
    }

    func pluginLog(_ name: String, after number: Int) async throws(GatewayError) -> [PluginLogLine] {
        (1...3).filter { $0 > number }.map {
            PluginLogLine(number: $0, at: Self.time, level: "notice", message: "\(name) line \($0)")
        }
    }

    func archivePage(_ request: ArchivePageRequest) async throws(GatewayError) -> ArchivePage {
        let rows = state.withLock { $0.messages.filter { $0.storageID ?? 0 > request.cursor ?? 0 } }
        let old = rows.prefix(2).filter { $0.timestamp < request.before }
        return ArchivePage(
            identity: "fake", location: "here", messages: old.filter { $0.status == .read },
            staying: old.count { $0.status != .read }, nextCursor: rows.count > 2 ? rows[1].storageID : nil)
    }

    func removeArchived(_ removal: ArchiveRemoval) async throws(GatewayError) -> ArchiveRemovalReport {
        let refusal = state.withLock { $0.refusal }
        if let refusal { throw refusal }
        return state.withLock { state in
            let before = state.messages.count
            state.messages.removeAll { removal.storageIDs.contains($0.storageID ?? 0) && $0.content != "busy" }
            let removed = before - state.messages.count
            return ArchiveRemovalReport(removed: removed, kept: removal.storageIDs.count - removed)
        }
    }

    func importTexts(_ part: TextImport) async throws(GatewayError) -> TextImportReport {
        let refusal = state.withLock { $0.refusal }
        if let refusal { throw refusal }
        var report = TextImportReport(read: part.rows.count)
        state.withLock { state in
            for row in part.rows {
                if row.content == nil {
                    report.rejected.append(.init(row: row.row, reason: "it has no text"))
                } else if state.imported.insert(row.row).inserted {
                    report.new += 1
                } else {
                    report.known += 1
                }
            }
            if part.dryRun == true { state.imported = [] }
        }
        return report
    }

    func list(_ query: ListQuery) async throws(GatewayError) -> ListPage {
        do {
            _ = try query.checked()
        } catch {
            throw GatewayError(.invalid, error.message)
        }
        return ListPage(
            rows: [CustomerRecord(["name": .text(query.filters["search"] ?? "Ana"), "total": .number("12.50")])],
            next: query.after == nil ? "t1" : nil)
    }

    func customer(_ query: CustomerQuery) async throws(GatewayError) -> CustomerCard {
        guard query.phone.hasSuffix("6195550100") else { return CustomerCard(customers: []) }
        let tea = PurchaseItem(
            quantity: 2, unitPriceMicros: 5_000_000, totalPriceMicros: 9_990_000, discountMicros: 10_000,
            product: Product(sku: "T1", name: "Tea", category: "Drinks", thcContent: "21 %"))
        let purchase = Purchase(
            number: 1_003, date: "2026-05-03", totalMicros: 9_990_000, location: "Main St", items: [tea])
        let zoe = Customer(
            id: "c1", name: "Zoë", phone: "+16195550100", visitCount: 16, lifetimeValueMicros: 1_234_500_000,
            vipStatus: "VIP", purchases: Array([purchase].prefix(Int(query.purchases))))
        return CustomerCard(customers: [zoe], isOptedOut: true, isConversationOpen: true)
    }

    func changeCustomers(_ change: CustomerChange) async throws(GatewayError) -> CustomerDifferences {
        if !change.isPreview { state.withLock { $0.customerChanges.append(change) } }
        switch change.what {
        case .merge(let into, let others):
            guard into != "nobody" else { throw GatewayError(.invalid, "customers: nobody has the id nobody") }
            return CustomerDifferences(
                [CustomerDifference(customer: into, name: "Zoë", column: "transactions", before: "1", after: "3")]
                    + others.map { CustomerDifference(customer: $0, name: "Zoe", column: "id", before: $0, after: nil) }
            )
        case .recount(let after, _, let lowers):
            return CustomerDifferences(
                [
                    CustomerDifference(
                        customer: after ?? "c1", name: "Zoë", column: "visit_count", before: "20", after: "1",
                        stays: !lowers)
                ], next: after == nil ? "c2" : nil)
        case .rules(let rules):
            return CustomerDifferences(
                CustomerRule.allCases.map { rule in
                    CustomerDifference(column: rule.rawValue, before: "1", after: rules[rule] ?? "1")
                })
        }
    }

    func beginImport(_ start: ImportStart) async throws(GatewayError) -> ImportReport {
        throw GatewayError(.unavailable, "no plugin that serves here keeps customers")
    }

    func appendImport(_ number: Int, _ bytes: [UInt8], at offset: Int) async throws(GatewayError) -> ImportReport {
        throw GatewayError(.notFound, "there is no import \(number)")
    }

    func checkImport(_ number: Int, _ wish: ImportWish?) async throws(GatewayError) -> ImportCheck {
        throw GatewayError(.notFound, "there is no import \(number)")
    }

    func runImport(_ number: Int, _ run: ImportRun) async throws(GatewayError) -> ImportReport {
        throw GatewayError(.notFound, "there is no import \(number)")
    }

    func allImports() async -> [ImportReport] { [] }

    func importReport(_ number: Int) async throws(GatewayError) -> ImportReport {
        throw GatewayError(.notFound, "there is no import \(number)")
    }

    func importRejects(_ number: Int, from offset: Int, most: Int) async throws(GatewayError) -> [UInt8] {
        throw GatewayError(.notFound, "there is no import \(number)")
    }

    func removeImport(_ number: Int) async throws(GatewayError) {
        throw GatewayError(.notFound, "there is no import \(number)")
    }

    func undoImport(_ number: Int, dryRun: Bool) async throws(GatewayError) -> ImportUndoReport {
        throw GatewayError(.notFound, "there is no import \(number)")
    }

    func storageReport() async -> StorageReport {
        StorageReport(
            storage: .init(
                plugin: "supabase", location: "Supabase abc", reachable: true, problem: nil, lag: 12, rows: 12_345,
                dropIn: "20-supabase", elsewhere: [.init(location: "/state/messages.db", outcomes: 3)],
                bytes: 425_000_000, quotaBytes: 500_000_000),
            tables: [
                StorageTable(name: "messages", rows: 12_345, bytes: 5 << 20), StorageTable(name: "optouts", rows: 7),
            ])
    }

    func switchStorage(_ request: StorageSwitchRequest) async throws(GatewayError) -> StorageSwitchReport {
        throw GatewayError(.refused, "\(request.name) serves already")
    }

    func forgetStorage(_ request: StorageForgetRequest) async throws(GatewayError) -> StorageForgetReport {
        guard request.location == "/old.db" else { throw GatewayError(.notFound, "known are: /old.db") }
        return StorageForgetReport(location: request.location, erasures: 2)
    }

    func backup(_ request: BackupRequest) async throws(GatewayError) -> BackupReport {
        guard request.keep != 0 else { throw GatewayError(.invalid, "\"keep\" is 0: it must be 1 or more") }
        return BackupReport(
            path: request.path ?? "/state/backups/conductor-fake.tar", bytes: 4_096,
            manifest: BackupManifest(
                conductor: "0", gateway: "fake", takenAt: Timestamp(milliseconds: 0), stateFolder: "/state",
                storage: "sqlite", storageNote: nil,
                files: [
                    .init(name: "messages.db", path: "/state/messages.db", bytes: 1, sha256: "0", rows: ["messages": 7])
                ]), removed: [], milliseconds: 3)
    }

    func contact(_ number: String) async throws(GatewayError) -> ContactRecord {
        guard number.contains(where: \.isNumber) else { throw GatewayError(.invalid, "this is not a telephone number") }
        let texts = state.withLock { $0.messages.filter { $0.phone == number } }
        return ContactRecord(
            phone: number, at: Self.time, isOptedOut: true, contact: .init(name: "Zoë", notes: "likes tea"),
            consent: [ConsentEvent(uid: "c", phone: number, action: .out, at: Self.time, source: "sms")], texts: texts,
            values: [.init(plugin: "bot", key: "seen:\(number)", text: "1", base64: nil)])
    }

    func eraseContact(_ number: String, dryRun: Bool) async throws(GatewayError) -> ErasureReport {
        if let refusal = state.withLock({ $0.refusal }) { throw refusal }
        var report = ErasureReport(isDryRun: dryRun, staysOptedOut: true)
        state.withLock { state in
            report.texts = Int64(state.messages.filter { $0.phone == number }.count)
            if !dryRun { state.messages.removeAll { $0.phone == number } }
            report.isFinished = !state.storageIsAway
        }
        if !report.isFinished { report.waitsFor = "storage is away" }
        return report
    }

    func events() -> AsyncStream<Event> {
        let (stream, continuation) = AsyncStream<Event>.makeStream(bufferingPolicy: .bufferingNewest(1000))
        state.withLock { $0.listeners.append(continuation) }
        return stream
    }
}
