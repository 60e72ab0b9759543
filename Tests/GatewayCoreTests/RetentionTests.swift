import Foundation
import GRDB
import Logging
import PluginKit
import Testing

@testable import GatewayCore

@Suite("Retention", .timeLimit(.minutes(5)))
struct RetentionTests {
    private let shop: Workshop
    private let console: ConsoleStore

    init() throws {
        shop = try Workshop()
        console = try ConsoleStore(folder: shop.folder)
    }

    private func sweep(_ retention: Retention = Retention()) -> Sweep {
        // A clock whose waits are over at once: the pauses between batches are for others.
        Sweep(
            journal: shop.journal, retention: retention, console: console, storage: { nil },
            clock: Restless(clock: shop.clock), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// A year of texts, each way one every ten minutes or so, with what belongs to them.
    private func fill(_ count: Int, days: Int64) async throws {
        let now = shop.clock.now.milliseconds
        let step = days * Retention.day / Int64(count)
        for start in stride(from: 0, to: count, by: 5_000) {
            try await shop.journal.writer.write { database in
                for number in start..<min(start + 5_000, count) {
                    let at = now - days * Retention.day + Int64(number) * step
                    let phone = "+1619555\(1_000 + number % 9_000)"
                    let pdu = Data((0..<160).map { UInt8(truncatingIfNeeded: number &* 31 &+ $0) })
                    try database.run(
                        """
                        INSERT INTO inbound (uid, modem, sim, phone, content, received_at, parts, present, visible,
                            incomplete, duplicate, answer, decision, revision, stored)
                        VALUES (?, 'm', 's', ?, ?, ?, 1, 1, 1, 0, 0, 1, 'auto-reply: replied', 1, 1)
                        """, ["i\(number)", phone, String(repeating: "words ", count: 20), at])
                    try database.run(
                        """
                        INSERT INTO reading (modem, sim, memory, slot, pdu, read_at, deleted, uid, sequence)
                        VALUES ('m', 's', 'SM', 1, ?, ?, 1, ?, 1)
                        """, [pdu, at, "i\(number)"])
                    try database.run(
                        """
                        INSERT INTO outbound (uid, origin, purpose, phone, content, created_at, state, settled_at,
                            revision, stored, idempotency_key)
                        VALUES (?, 'api', 'conversation', ?, ?, ?, 'delivered', ?, 3, 3, ?)
                        """, ["o\(number)", phone, String(repeating: "words ", count: 20), at, at, "key-\(number)"])
                    try database.run(
                        """
                        INSERT INTO part (uid, number, pdu, phone, modem, sim, state, reference, intent_at)
                        VALUES (?, 1, ?, ?, 'm', 's', 'accepted', 1, ?)
                        """, ["o\(number)", pdu, phone, at])
                    try database.run(
                        """
                        INSERT INTO reading (modem, sim, memory, slot, pdu, read_at, deleted)
                        VALUES ('m', 's', 'SM', 2, ?, ?, 1)
                        """, [pdu.prefix(26), at])
                }
            }
        }
    }

    @Test("after a year of 60,000 texts the journal has a month's, in a small file")
    func aYear() async throws {
        try await fill(60_000, days: 365)
        let path = shop.folder + "/journal.db"
        func size() throws -> Int {
            try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
        }
        _ = try await shop.journal.writer.maintain { try Scrub.emptyLog($0) }
        let full = try size()
        try await sweep().sweepJournal()
        _ = try await shop.journal.writer.maintain { try Scrub.emptyLog($0) }
        let left = try size()
        // 30 of 365 days.
        for table in ["inbound", "outbound", "part"] {
            let count = try shop.count("SELECT count(*) FROM \(table)")
            #expect((4_900...4_960).contains(count), "\(table): \(count)")
        }
        #expect((9_800...9_920).contains(try shop.count("SELECT count(*) FROM reading")))
        #expect(try shop.count("PRAGMA auto_vacuum") == 2)
        #expect(left < 12 << 20 && left * 6 < full, "\(full) bytes shrank to \(left)")
        #expect(try shop.count("PRAGMA freelist_count") < 600)
    }

    @Test("nothing is deleted that is not stored, not settled, or still in a modem")
    func unfinished() async throws {
        try await fill(20, days: 300)
        try await shop.journal.writer.write { database in
            for change in [
                "UPDATE inbound SET stored = 0 WHERE uid = 'i1'", "UPDATE inbound SET answer = 0 WHERE uid = 'i2'",
                "UPDATE inbound SET visible = 0 WHERE uid = 'i3'", "UPDATE outbound SET stored = 2 WHERE uid = 'o1'",
                "UPDATE outbound SET state = 'waiting' WHERE uid = 'o2'",
                "UPDATE outbound SET state = 'unknown' WHERE uid = 'o3'",
                "UPDATE outbound SET settled_at = \(HandClock.beginning) WHERE uid = 'o4'",
                "UPDATE reading SET deleted = 0 WHERE uid = 'i5'",
            ] { try database.execute(sql: change) }
        }
        try await sweep().sweepJournal()
        let came = try shop.journal.read { try String.fetchAll($0, sql: "SELECT uid FROM inbound ORDER BY 1") }
        #expect(came == ["i1", "i18", "i19", "i2", "i3"])
        let sent = try shop.journal.read { try String.fetchAll($0, sql: "SELECT uid FROM outbound ORDER BY 1") }
        #expect(sent == ["o1", "o18", "o19", "o2", "o3", "o4"])
        #expect(try shop.count("SELECT count(*) FROM part WHERE uid IN ('o1', 'o2', 'o3', 'o4')") == 4)
        #expect(try shop.count("SELECT count(*) FROM reading WHERE uid IN ('i1', 'i2', 'i3', 'i5')") == 4)
        // Where texts are kept for a shorter time, the journal keeps them no longer.
        var short = Retention()
        short.textsMilliseconds = 7 * Retention.day
        #expect(short.journalReachesMilliseconds == 7 * Retention.day)
    }

    @Test("what plugins keep under a number goes when it is old; their other values stay")
    func transcripts() async throws {
        let old = Timestamp(milliseconds: shop.clock.now.milliseconds - 100 * Retention.day)
        for key in ["talk:+16195550123", "count:12345", "settings"] {
            try await console.set(KeyValueEntry(key: key, value: [1], expiresAt: nil), plugin: "bot", now: old)
        }
        try await console.set(
            KeyValueEntry(key: "talk:+16195550199", value: [1], expiresAt: nil), plugin: "bot", now: shop.clock.now)
        try await sweep().sweepTranscripts()
        let keys = try await console.keys(KeyValueQuery(prefix: "", limit: 10), plugin: "bot", now: shop.clock.now)
        #expect(keys == ["count:12345", "settings", "talk:+16195550199"])
    }
}

/// A clock whose waits are over at once.
struct Restless: GatewayClock {
    let clock: HandClock
    var now: Timestamp { clock.now }
    var monotonicMilliseconds: Int64 { clock.monotonicMilliseconds }
    func sleep(milliseconds: Int64) async throws {}
}
