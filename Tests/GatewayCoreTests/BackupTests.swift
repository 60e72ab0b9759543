import Foundation
import GRDB
import PluginKit
import Testing

@testable import GatewayCore

/// Backups and what a restore of an older moment means for texts.
@Suite struct BackupTests {
    /// A state folder with a journal that holds texts in every state, and a table like the plugin's.
    private static func world() async throws -> (Workshop, String) {
        let workshop = try Workshop()
        let messages = workshop.folder + "/messages.db"
        let queue = try DatabaseQueue(path: messages)
        try await queue.write { database in
            try database.execute(
                sql: """
                    CREATE TABLE messages (id INTEGER PRIMARY KEY AUTOINCREMENT, uid TEXT, phone_number TEXT, content TEXT,
                        status TEXT, direction TEXT, delivery_status TEXT, owner TEXT, claimed_by TEXT, claim_until TEXT,
                        not_before TEXT, error_code TEXT, error_message TEXT, updated_at TEXT);
                    CREATE TABLE optouts (uid TEXT, phone_number TEXT, action TEXT, timestamp TEXT, source TEXT,
                        message_uid TEXT);
                    INSERT INTO messages (content, status, direction) VALUES ('plain', 'queued', 'outbound');
                    INSERT INTO messages (content, status, direction, not_before)
                        VALUES ('later', 'queued', 'outbound', '2099-01-01T00:00:00.000Z');
                    INSERT INTO messages (content, status, direction, claimed_by)
                        VALUES ('claimed', 'queued', 'outbound', 'g/j');
                    INSERT INTO messages (content, status, direction, owner, delivery_status)
                        VALUES ('begun', 'queued', 'outbound', 'g/j', 'sending');
                    INSERT INTO messages (content, status, direction, owner, delivery_status)
                        VALUES ('ours', 'queued', 'outbound', '@journal', 'sending');
                    INSERT INTO messages (content, status, direction) VALUES ('done', 'sent', 'outbound');
                    INSERT INTO messages (content, status, direction) VALUES ('new', 'unread', 'inbound');
                    """)
        }
        try queue.close()
        for (index, state) in ["waiting", "sending", "unknown", "accepted", "failed"].enumerated() {
            let text = try await workshop.send("text \(state)", to: "+1619555010\(index)")
            try await workshop.journal.writer.write { database in
                try database.run(
                    "UPDATE outbound SET state = ?, ask_at = ? WHERE uid = ?",
                    [state, state == "unknown" ? 1 : nil, text.uid])
                if state == "sending" {
                    try database.run(
                        """
                        INSERT INTO part (uid, number, pdu, phone, modem, sim, state, intent_at)
                        VALUES (?, 1, x'00', '', '', '', 'intent', 0)
                        """, [text.uid])
                }
            }
        }
        _ = try await workshop.inbound.receive([Workshop.reading(try Workshop.deliver("hello")[0])])
        return (workshop, messages)
    }

    private static func backup(_ workshop: Workshop, _ messages: String, _ request: BackupRequest) throws
        -> BackupReport
    {
        let journal = workshop.journal
        let backup = Backup(
            version: "test", gateway: "shop 1", stateFolder: workshop.folder,
            sources: [
                .init(name: Backup.journal, path: workshop.folder + "/journal.db"),
                .init(name: Backup.messages, path: messages),
            ], storage: "sqlite")
        return try backup.take(request, now: workshop.clock.now) { body in try journal.writer.pause(body) }
    }

    @Test("A backup is one file that only its owner reads, with counts and checksums, and opens with tar")
    func form() async throws {
        let (workshop, messages) = try await Self.world()
        let report = try Self.backup(workshop, messages, BackupRequest())
        #expect(report.path.hasPrefix(workshop.folder + "/backups/conductor-shop_1-"))
        let attributes = try FileManager.default.attributesOfItem(atPath: report.path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        let outbound = report.manifest.files.first { $0.name == "journal.db" }?.rows["outbound"]
        #expect(outbound == 5)
        #expect(report.manifest.files.first { $0.name == "messages.db" }?.rows["messages"] == 7)
        #expect(Files.names(in: workshop.folder + "/backups") == [Files.name(of: report.path)])
        let tar = Process()
        tar.executableURL = URL(fileURLWithPath: "/usr/bin/tar")
        tar.arguments = ["-tf", report.path]
        let pipe = Pipe()
        tar.standardOutput = pipe
        try tar.run()
        let names = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        tar.waitUntilExit()
        #expect(names == "manifest.json\njournal.db\nmessages.db\n")
    }

    @Test("B1: after a restore nothing that was waiting is sent by itself; a person releases it, at its own time")
    func heart() async throws {
        let (workshop, messages) = try await Self.world()
        let archive = try Self.backup(workshop, messages, BackupRequest(path: workshop.folder + "/one.tar")).path
        let before = workshop.journal.id
        await workshop.close()
        let fresh = NSTemporaryDirectory() + "conductor-test-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: fresh, withIntermediateDirectories: true)
        let report = try Restore(archive: archive, stateFolder: fresh).run(now: workshop.clock.now)
        // Of the journal: waiting, sending, unknown. Of the table: plain, later, claimed, begun.
        #expect(report.held == 7)
        #expect(report.unanswered == 1)
        #expect(report.unread == 1)

        let later = try Workshop(folder: fresh)
        #expect(later.journal.id != before)
        #expect(later.journal.formerIDs == [before])
        #expect(try later.count("SELECT count(*) FROM outbound WHERE state IN ('waiting', 'sending')") == 0)
        #expect(try later.count("SELECT count(*) FROM outbound WHERE state = 'unknown' AND ask_at IS NULL") == 3)
        #expect(try later.count("SELECT count(*) FROM outbound WHERE state = 'accepted'") == 1)
        #expect(try later.count("SELECT count(*) FROM part WHERE state = 'intent'") == 0)
        #expect(try later.inbound.undecided(limit: 10).isEmpty)
        try await later.startSending()
        #expect(await later.outbound.counts["waiting"] == 0)
        #expect(later.radio.written.isEmpty)

        let table = try DatabaseQueue(path: fresh + "/messages.db")
        let held = try await table.read {
            try String.fetchAll($0, sql: "SELECT content FROM messages WHERE delivery_status = 'held' ORDER BY id")
        }
        #expect(held == ["plain", "later", "claimed", "begun"])
        let kept = try await table.read {
            try Int.fetchOne($0, sql: "SELECT count(*) FROM messages WHERE not_before LIKE '2099%'")
        }
        #expect(kept == 1)
        await later.close()
    }

    @Test("A text that a person releases keeps a time that lies ahead")
    func released() async throws {
        let workshop = try Workshop()
        let text = try await workshop.send("for later", to: "+16195550100")
        let due = workshop.clock.now.milliseconds + 3_600_000
        let released = try await workshop.journal.writer.write { database in
            try database.run("UPDATE outbound SET not_before = ? WHERE uid = ?", [due, text.uid])
            _ = try HeldTexts.hold(journal: database, since: nil, now: Timestamp(milliseconds: 5))
            return try OutgoingText.requeue(text.uid, from: [.unknown], now: Timestamp(milliseconds: 6), database)
        }
        #expect(released?.state == .waiting)
        #expect(released?.notBefore == Timestamp(milliseconds: due))
        await workshop.close()
    }

    @Test(
        "A3: what was given to the network before a restore is stored and not answered; what came after it is answered")
    func arrivals() async throws {
        let (workshop, messages) = try await Self.world()
        let archive = try Self.backup(workshop, messages, BackupRequest(path: workshop.folder + "/one.tar")).path
        await workshop.close()
        let fresh = NSTemporaryDirectory() + "conductor-test-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: fresh, withIntermediateDirectories: true)
        // The TPDUs of these tests are from 1,795,000,000.
        _ = try Restore(archive: archive, stateFolder: fresh).run(now: Timestamp(milliseconds: 1_795_000_001_000))
        let later = try Workshop(folder: fresh)
        let old = try Workshop.deliver("from before", from: "+16195550199")[0]
        _ = try await later.inbound.receive([Workshop.reading(old, slot: 3)])
        #expect(try later.count("SELECT count(*) FROM inbound WHERE content = 'from before' AND visible = 1") == 1)
        #expect(try later.inbound.undecided(limit: 10).isEmpty)
        try await later.journal.writer.write {
            try $0.run("UPDATE meta SET value = '1794999999000' WHERE key = 'held_until'")
        }
        let new = try Workshop.deliver("from after", from: "+16195550198")[0]
        _ = try await later.inbound.receive([Workshop.reading(new, slot: 4)])
        #expect(try later.inbound.undecided(limit: 10).map(\.content) == ["from after"])
        await later.close()
    }

    @Test("B10: a STOP that is newer than the backup outlives the restore")
    func consent() async throws {
        let (workshop, messages) = try await Self.world()
        let archive = try Self.backup(workshop, messages, BackupRequest(path: workshop.folder + "/one.tar")).path
        try await workshop.journal.writer.write { database in
            try database.execute(
                sql:
                    "INSERT INTO consent (uid, phone, action, at, source) VALUES ('stop-1', '+16195550111', 'out', 5, 'sms')"
            )
        }
        let table = try DatabaseQueue(path: messages)
        try await table.write {
            try $0.execute(
                sql:
                    "INSERT INTO optouts VALUES ('stop-2', '+16195550112', 'out', '2026-11-24T00:00:00.000Z', 'cli', NULL)"
            )
        }
        try table.close()
        let folder = workshop.folder
        await workshop.close()
        let report = try Restore(archive: archive, stateFolder: folder).run(now: workshop.clock.now)
        #expect(report.consentKept == 2)
        let replaced = try #require(report.replaced)
        #expect(Files.exists(replaced + "/journal.db") && Files.exists(replaced + "/messages.db"))
        let later = try Workshop(folder: folder)
        #expect(try later.count("SELECT count(*) FROM consent WHERE action = 'out' AND stored = 0") == 2)
        await later.close()
    }

    @Test("A restore is refused while a gateway runs, naming it, and for a file that is not a whole backup")
    func refusals() async throws {
        let (workshop, messages) = try await Self.world()
        let archive = try Self.backup(workshop, messages, BackupRequest(path: workshop.folder + "/one.tar")).path
        let folder = workshop.folder
        let running = #expect(throws: GatewayError.self) {
            try Restore(archive: archive, stateFolder: folder).run(now: workshop.clock.now)
        }
        #expect(running?.code == .refused)
        #expect(running?.message.contains("process \(ProcessInfo.processInfo.processIdentifier)") == true)
        await workshop.close()

        let whole = try Data(contentsOf: URL(fileURLWithPath: archive))
        let before = Files.names(in: folder)
        var flipped = whole
        flipped[whole.count / 2] ^= 0xFF
        let broken: [(String, Data)] = [
            ("flipped", flipped), ("cut", whole.prefix(whole.count / 3)), ("empty", Data()),
            ("other", Data(repeating: 0x41, count: 4_096)),
        ]
        for (name, data) in broken {
            let path = NSTemporaryDirectory() + "broken-\(name)-\(UUID().uuidString).tar"
            try data.write(to: URL(fileURLWithPath: path))
            defer { Files.remove(path) }
            let error = #expect(throws: GatewayError.self, "\(name)") {
                try Restore(archive: path, stateFolder: folder).run(now: workshop.clock.now)
            }
            #expect(error?.code == .invalid, "\(name): \(error?.message ?? "")")
        }
        #expect(Files.names(in: folder) == before)
        // A rehearsal says the same and changes nothing.
        let rehearsal = try Restore(archive: archive, stateFolder: folder, isRehearsal: true).run(
            now: workshop.clock.now)
        #expect(rehearsal.held == 7 && rehearsal.replaced == nil)
        #expect(Files.names(in: folder) == before)
    }

    @Test("A restore that did not come to its end keeps the gateway from starting on half of it")
    func unfinished() async throws {
        let workshop = try Workshop()
        let folder = workshop.folder
        await workshop.close()
        try Files.write([], to: folder + "/restore.unfinished")
        let error = #expect(throws: JournalError.self) { try Workshop(folder: folder) }
        #expect(error?.description.contains("storage restore") == true)
    }

    @Test("--keep leaves the newest, of this gateway only, and removes nothing when the backup fails")
    func rotation() async throws {
        let (workshop, messages) = try await Self.world()
        let folder = workshop.folder + "/nightly"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Files.write([1], to: folder + "/conductor-other-20260101T000000.000Z.tar")
        try Files.write([1], to: folder + "/conductor-shop_1-notes.tar")
        var last = ""
        for _ in 0..<4 {
            last = try Self.backup(workshop, messages, BackupRequest(path: folder, keep: 2)).path
            workshop.clock.move(milliseconds: 1_000)
        }
        let names = Files.names(in: folder)
        #expect(names.count == 4)
        #expect(names.contains(Files.name(of: last)))
        #expect(names.contains("conductor-other-20260101T000000.000Z.tar"))
        try Files.write(Array(repeating: 7, count: 8_192), to: messages)
        #expect(throws: GatewayError.self) {
            try Self.backup(workshop, messages, BackupRequest(path: folder, keep: 1))
        }
        #expect(Files.names(in: folder) == names)
        await workshop.close()
    }
}
