import Foundation
import GRDB
import Glibc
import ModemKit
import PluginKit
import SMSCodec
import Testing

@testable import GatewayCore

/// What becomes of damaged files: texts first, and never a text twice.
@Suite struct DamageTests {
    static let rows = 400

    /// The folder of a journal with `rows` settled texts and one that waits, closed; its file has many pages.
    private static func journal() async throws -> String {
        let folder = NSTemporaryDirectory() + "conductor-damage-" + UUID().uuidString
        let workshop = try Workshop(folder: folder)
        try await workshop.journal.writer.write { database in
            for index in 0..<rows {
                let text = try OutgoingText.insert(
                    .init(
                        uid: UID.make(at: Timestamp(milliseconds: Int64(index))), origin: "test",
                        purpose: .conversation,
                        phone: "+16195550100", content: String(repeating: "words ", count: 20)),
                    now: Timestamp(milliseconds: Int64(index)), database)
                try database.run("UPDATE outbound SET state = 'accepted' WHERE uid = ?", [text.uid])
            }
        }
        try await workshop.send("waiting", to: "+16195550101")
        await workshop.close()
        // The workshop's end takes its folder away.
        let kept = folder + "-kept"
        try FileManager.default.copyItem(atPath: folder, toPath: kept)
        return kept
    }

    private static func change(_ path: String, _ body: (inout Data) -> Void) throws {
        var data = try Data(contentsOf: URL(fileURLWithPath: path))
        body(&data)
        try data.write(to: URL(fileURLWithPath: path))
    }

    @Test(
        "B1: a journal with a destroyed page is salvaged at the start, and what may be older than the world is held",
        arguments: [1, 2, 3, 10, 20, -1])
    func page(_ page: Int) async throws {
        let folder = try await Self.journal()
        var pages = 0
        try Self.change(folder + "/journal.db") { data in
            pages = data.count / 4_096
            let at = (page < 0 ? pages + page : page - 1) * 4_096
            data.replaceSubrange(at..<at + 4_096, with: Data(repeating: 0xA5, count: 4_096))
        }
        #expect(pages > 30)
        let workshop = try Workshop(folder: folder)
        let finding = workshop.journal.finding
        // A page that nothing uses, or an index's, may be lost without a row.
        if let finding {
            #expect(finding.alarm == "journal.damaged")
            #expect(Files.names(in: folder).contains { $0.hasPrefix("journal.db.damaged-") })
        }
        #expect(finding != nil || DatabaseFile(path: folder + "/journal.db").damage(fully: false) == nil)
        #expect(
            try workshop.count("SELECT count(*) FROM outbound WHERE state IN ('waiting', 'sending')")
                == (finding == nil ? 1 : 0))
        if page > 3 {
            // One page of texts holds some twenty of them.
            #expect(try workshop.count("SELECT count(*) FROM outbound") > Self.rows - 60)
        }
        // It works.
        _ = try await workshop.inbound.receive([Workshop.reading(try Workshop.deliver("after")[0])])
        #expect(try workshop.count("SELECT count(*) FROM inbound WHERE content = 'after'") == 1)
        await workshop.close()
    }

    /// As with a journal that is too large to be looked at before the start.
    private static let none = FirstLook(octets: 0, milliseconds: 0)

    @Test(
        "B1: a journal beyond the limit is salvaged, too, at the latest by the start after the one that met the damage",
        arguments: Array(1...24) + [-1])
    func beyond(_ page: Int) async throws {
        let folder = try await Self.journal()
        try Self.change(folder + "/journal.db") { data in
            let at = (page < 0 ? data.count / 4_096 + page : page - 1) * 4_096
            data.replaceSubrange(at..<at + 4_096, with: Data(repeating: 0xA5, count: 4_096))
        }
        let wasDamaged = DatabaseFile(path: folder + "/journal.db").damage(fully: false) != nil
        let first = try Workshop(folder: folder, policy: Policy(), look: Self.none)
        if first.journal.finding == nil {
            // What a start reads of texts that wait can be read. The look in the background finds the rest.
            #expect(try first.journal.read { try OutgoingText.open($0) }.count == 1)
            #expect(try first.inbound.undecided(limit: 10).isEmpty)
        } else {
            #expect(wasDamaged && first.journal.finding?.alarm == "journal.damaged")
        }
        let inspection = Inspection(
            journal: first.journal, journalFile: folder + "/journal.db", alarms: first.alarms, clock: first.clock,
            storage: { nil }, heldRows: { 0 })
        let looking = Task { await inspection.run() }
        let mustTell = wasDamaged && first.journal.finding == nil
        if mustTell {
            #expect(try await first.eventually { first.alarms.all.contains { $0.kind == "journal.damaged" } })
            let message = first.alarms.all.first { $0.kind == "journal.damaged" }?.message
            #expect(message?.contains("start the gateway again") == true)
            #expect(message?.contains("`conductor storage repair`") == true)
            #expect(try await first.eventually { Suspicion.stands(in: folder) })
        }
        looking.cancel()
        await looking.value
        let kept = folder + "-again"
        await first.close()
        try FileManager.default.copyItem(atPath: folder, toPath: kept)
        let second = try Workshop(folder: kept, policy: Policy(), look: Self.none)
        #expect((second.journal.finding != nil) == mustTell)
        #expect(!Suspicion.stands(in: kept))
        #expect(DatabaseFile(path: kept + "/journal.db").damage(fully: false) == nil)
        try await second.startSending()
        await second.close()
    }

    @Test("A journal of many megabytes is looked at as long as a start may take, and no longer")
    func large() async throws {
        let folder = NSTemporaryDirectory() + "conductor-damage-" + UUID().uuidString
        let workshop = try Workshop(folder: folder)
        try await workshop.journal.writer.write { database in
            for index in 0..<6_000 {
                try database.run(
                    "INSERT INTO reading (modem, sim, pdu, read_at, deleted) VALUES ('m', 's', ?, ?, 1)",
                    [Data(repeating: UInt8(index & 255), count: 2_000), index])
            }
        }
        let path = folder + "/journal.db"
        _ = try await workshop.journal.writer.maintain { try $0.checkpoint(.truncate) }
        #expect(try #require(Files.size(path)) > FirstLook().octets)
        let file = DatabaseFile(path: path)
        // Whatever the moment at which the time is over, a whole file is never taken for a damaged one.
        for milliseconds in [1, 2, 3, 5, 8, 13, 21, 34] {
            if case .damaged(let words) = FirstLook(octets: 0, milliseconds: milliseconds).finding(
                in: file, isSuspect: false)
            {
                Issue.record("\(words)")
            }
        }
        let patient = FirstLook(milliseconds: 60_000)
        #expect(patient.finding(in: file, isSuspect: false) == .whole)
        workshop.journal.close()
        try Self.change(path) { data in
            data.replaceSubrange(9_000_000..<9_008_192, with: Data(repeating: 0xA5, count: 8_192))
        }
        let mended = try Workshop(folder: folder, look: patient)
        #expect(mended.journal.finding?.alarm == "journal.damaged")
        #expect(try mended.count("SELECT count(*) FROM reading") > 5_900)
        mended.journal.close()
        _ = workshop
    }

    @Test("B1: parts whose text a repair could not save count for the limits, and stop no start")
    func partsAlone() async throws {
        let folder = NSTemporaryDirectory() + "conductor-damage-" + UUID().uuidString
        var policy = Policy()
        policy.limits.sim.perDay = 3
        let workshop = try Workshop(folder: folder, policy: policy)
        try await workshop.startSending()
        let text = try await workshop.send("words", to: "+16195550123")
        #expect(try await workshop.eventually { try workshop.state(of: text.uid) == "accepted" })
        // As a destroyed page of `outbound` leaves it.
        try await workshop.journal.writer.write { try $0.run("DELETE FROM outbound") }
        await workshop.close()
        let later = try Workshop(folder: folder, policy: policy)
        try await later.startSending()
        #expect(await later.outbound.limitUse.first?.day == 1)
        let report = Workshop.report(1, for: "+16195550123", status: 0)
        #expect(try await later.inbound.receive([Workshop.reading(report)]).reported.isEmpty)
        await later.close()
    }

    @Test("Texts without an error's code are cancelled and settled in words")
    func withoutCode() async throws {
        let shop = try Workshop()
        let (failed, unknown) = (
            try await shop.send("one", to: "+16195550101"), try await shop.send("two", to: "+16195550102")
        )
        let now = shop.clock.now
        let (cancelled, settled) = try await shop.journal.writer.write { database in
            try database.run("UPDATE outbound SET state = 'failed', error_code = NULL WHERE uid = ?", [failed.uid])
            try database.run(
                "UPDATE outbound SET state = 'unknown', parts = 1, error_code = NULL WHERE uid = ?", [unknown.uid])
            try database.run(
                """
                INSERT INTO part (uid, number, pdu, phone, modem, sim, state, intent_at, clock)
                    VALUES (?, 1, x'00', '+16195550102', 'm', ?, 'unknown', ?, 9)
                """, [unknown.uid, Workshop.sim.rawValue, now.milliseconds])
            // A report without a time, after the clock was set.
            let report = StatusReport(
                reference: 9, recipient: Address(number: "+16195550102"), submitted: nil, discharged: nil,
                status: ReportStatus(rawValue: 0))
            _ = try DeliveryReports.arrived(
                report, phone: "+16195550102", sim: Workshop.sim.rawValue, now: now, database)
            return (
                try OutgoingText.cancel(failed.uid, now: now, database),
                try OutgoingText.settle(unknown.uid, wasSent: true, by: nil, now: now, database)
            )
        }
        guard case .settled = cancelled else {
            Issue.record("\(cancelled)")
            return
        }
        #expect(settled?.text.state == .accepted)
        await shop.close()
    }

    @Test("A journal whose first hundred octets are destroyed loses no row")
    func header() async throws {
        let folder = try await Self.journal()
        try Self.change(folder + "/journal.db") { $0.replaceSubrange(0..<100, with: Data(repeating: 0, count: 100)) }
        let workshop = try Workshop(folder: folder)
        #expect(workshop.journal.finding?.alarm == "journal.damaged")
        #expect(try workshop.count("SELECT count(*) FROM outbound") == Self.rows + 1)
        await workshop.close()
    }

    @Test("Any octet of the journal may be flipped: the gateway starts, or says why in words", arguments: 0..<24)
    func flipped(_ seed: Int) async throws {
        let folder = try await Self.journal()
        var random = SplitMix(state: UInt64(seed) &* 7_919)
        try Self.change(folder + "/journal.db") { data in
            for _ in 0..<8 {
                let at = Int(random.next() % UInt64(data.count))
                data[at] ^= UInt8(truncatingIfNeeded: random.next() | 1)
            }
        }
        do {
            let workshop = try Workshop(folder: folder)
            if workshop.journal.finding != nil {
                #expect(try workshop.count("SELECT count(*) FROM outbound WHERE state = 'waiting'") == 0)
            }
            await workshop.close()
        } catch let error as JournalError {
            #expect(error.description.contains("journal"))
        }
    }

    enum Loss: String, CaseIterable { case cut, empty, gone, other }

    @Test(
        "B1: a journal that is cut off, empty, gone or another file is never taken for a new one",
        arguments: Loss.allCases)
    func lost(_ loss: Loss) async throws {
        let folder = try await Self.journal()
        let old = try #require(Files.text(folder + "/journal.id")?.split(separator: "\n").first.map(String.init))
        let path = folder + "/journal.db"
        switch loss {
        case .cut: try Self.change(path) { $0 = $0.prefix($0.count / 2 / 4_096 * 4_096 + 100) }
        case .empty: try Files.write([], to: path)
        case .gone: Files.remove(path)
        case .other: try Files.write(Array(repeating: 0x20, count: 50_000), to: path)
        }
        let workshop = try Workshop(folder: folder)
        #expect(
            workshop.journal.finding?.alarm == (loss == .empty || loss == .gone ? "journal.lost" : "journal.damaged"))
        // Rows that the old one began in storage are asked for by its name.
        #expect(workshop.journal.formerIDs.contains(old))
        #expect(workshop.journal.id != old)
        #expect(try workshop.count("SELECT count(*) FROM outbound WHERE state = 'waiting'") == 0)
        await workshop.close()
    }

    @Test("B1: a journal that lost its log is older than what was sent: nothing of it is sent by itself")
    func logGone() async throws {
        let folder = try await Self.journal()
        let workshop = try Workshop(folder: folder)
        #expect(workshop.journal.finding == nil)
        let crashed = folder + "-crashed"
        // As a crash leaves it, without the log.
        try FileManager.default.createDirectory(atPath: crashed, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: folder + "/journal.db", toPath: crashed + "/journal.db")
        let later = try Workshop(folder: crashed)
        #expect(later.journal.finding?.alarm == "journal.lost")
        #expect(try later.count("SELECT count(*) FROM outbound WHERE state = 'waiting'") == 0)
        #expect(try later.count("SELECT count(*) FROM outbound WHERE error_code = 'restored'") == 1)
        await later.close()
        await workshop.close()
    }

    @Test("A journal that was closed, or left by a crash with its log, is as it was: nothing is held")
    func whole() async throws {
        let folder = try await Self.journal()
        let workshop = try Workshop(folder: folder)
        let crashed = folder + "-crashed"
        try FileManager.default.createDirectory(atPath: crashed, withIntermediateDirectories: true)
        for name in ["journal.db", "journal.db-wal", "journal.id"] {
            try FileManager.default.copyItem(atPath: "\(folder)/\(name)", toPath: "\(crashed)/\(name)")
        }
        let later = try Workshop(folder: crashed)
        #expect(later.journal.finding == nil)
        #expect(later.journal.id == workshop.journal.id)
        #expect(try later.count("SELECT count(*) FROM outbound WHERE state = 'waiting'") == 1)
        await later.close()
        await workshop.close()
    }

    @Test(
        "A damaged console.db does not stop texts: what can be read is kept, and where nothing can, there is a sentence"
    )
    func console() async throws {
        let folder = NSTemporaryDirectory() + "conductor-damage-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let store = try ConsoleStore(folder: folder)
        for index in 0..<300 {
            try await store.set(
                KeyValueEntry(key: "key \(index)", value: Array(repeating: 65, count: 300), expiresAt: nil),
                plugin: "bot",
                now: Timestamp(milliseconds: 0))
        }
        store.close()
        try Self.change(folder + "/console.db") { data in
            let at = 12 * 4_096
            data.replaceSubrange(at..<at + 4_096, with: Data(repeating: 0xA5, count: 4_096))
        }
        let mended = try ConsoleStore(folder: folder, now: Timestamp(milliseconds: 1))
        #expect(mended.problem?.contains("console.db was damaged") == true)
        let keys = try await mended.keys(
            KeyValueQuery(prefix: "", after: nil, limit: 1_000), plugin: "bot", now: Timestamp(milliseconds: 0))
        #expect(keys.count > 200 && keys.count < 300)
        mended.close()
        // A folder is no file: what is noted is kept in memory.
        for name in Files.names(in: folder) { Files.remove("\(folder)/\(name)") }
        try FileManager.default.createDirectory(atPath: folder + "/console.db", withIntermediateDirectories: true)
        let inMemory = try ConsoleStore(folder: folder, now: Timestamp(milliseconds: 1))
        #expect(inMemory.problem?.contains("texts go on") == true)
        _ = try await inMemory.contact("+16195550100")
        inMemory.close()
    }

    @Test("storage repair says how many rows of each table were saved, holds what is queued and keeps the damaged file")
    func repair() async throws {
        let folder = try await Self.journal()
        let path = folder + "/messages.db"
        let queue = try DatabaseQueue(path: path)
        try await queue.write { database in
            try database.execute(
                sql: """
                    CREATE TABLE messages (id INTEGER PRIMARY KEY AUTOINCREMENT, uid TEXT, content TEXT, status TEXT,
                        direction TEXT, delivery_status TEXT, owner TEXT, claimed_by TEXT, claim_until TEXT,
                        error_code TEXT, error_message TEXT, updated_at TEXT,
                        shout TEXT GENERATED ALWAYS AS (upper(content)) VIRTUAL);
                    CREATE UNIQUE INDEX messages_uid ON messages(uid) WHERE uid IS NOT NULL;
                    """)
            for index in 0..<1_000 {
                try database.execute(
                    sql: "INSERT INTO messages (uid, content, status, direction) VALUES (?, ?, ?, 'outbound')",
                    arguments: ["u\(index)", String(repeating: "abc ", count: 30), index < 990 ? "sent" : "queued"])
            }
        }
        try queue.close()
        try Self.change(path) { data in
            for page in [9, 15] {
                data.replaceSubrange(page * 4_096..<(page + 1) * 4_096, with: Data(repeating: 0x5A, count: 4_096))
            }
        }
        let state = OfflineState(folder: folder, messagesFile: path)
        let now = Timestamp(milliseconds: 1_795_000_000_000)
        let looked = try state.repair(isRehearsal: true, now: now)
        #expect(looked.map(\.name) == ["journal.db", "messages.db"])
        #expect(looked.map { $0.damage != nil } == [false, true])
        let report = try #require(try state.repair(isRehearsal: false, now: now).last)
        let saved = try #require(report.saved["messages"])
        #expect(saved > 900 && saved < 1_000)
        #expect(report.incomplete == ["messages"])
        #expect(report.held == 10)
        #expect(Files.exists(try #require(report.kept)))
        #expect(DatabaseFile(path: path).damage(fully: true) == nil)
        let mended = try DatabaseQueue(path: path)
        #expect(
            try await mended.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM messages WHERE shout LIKE 'ABC%'") }
                == Int(saved))
        #expect(try await mended.read { try Int.fetchOne($0, sql: "SELECT seq FROM sqlite_sequence") } == 1_000)
        #expect(try state.repair(isRehearsal: false, now: now).allSatisfy { $0.damage == nil })
    }

    @Test(
        "A state folder that cannot be written is named in words",
        .enabled(if: geteuid() != 0, "root may write everywhere"))
    func readOnly() async throws {
        let folder = try await Self.journal()
        chmod(folder, 0o500)
        chmod(folder + "/journal.db", 0o400)
        let error = #expect(throws: JournalError.self) { try Workshop(folder: folder) }
        #expect(error?.description.contains("journal") == true)
        chmod(folder, 0o700)
    }
}

/// Repeatable chance (SplitMix64).
private struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
