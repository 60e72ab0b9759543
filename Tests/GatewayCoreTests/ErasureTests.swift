import Foundation
import GRDB
import ModemKit
import PluginKit
import SMSCodec
import Testing

@testable import GatewayCore

/// A person's rows in the journal, and what stays of them.
@Suite("Erasure", .timeLimit(.minutes(2)))
struct ErasureTests {
    let shop: Workshop
    private static let phone = "+16195550123"
    private static let other = "+16195550199"

    init() throws {
        shop = try Workshop()
    }

    /// As `Erasures` does, without plugins.
    @discardableResult
    private func erase(_ phone: String = Self.phone) async throws -> JournalErasure.Counts {
        try shop.journal.erasedKey.make()
        let sealed = try #require(shop.journal.erasedKey.seal(phone))
        let strays = try shop.journal.read { try JournalErasure.strays(phone, policy: Policy(), $0) }
        let now = shop.clock.now
        let counts = try await shop.journal.writer.write { database in
            try JournalErasure.begin(phone, sealed: sealed, strays, now: now, database).1
        }
        await shop.outbound.forget(counts.uids, of: phone)
        return counts
    }

    private func receive(_ content: String, from phone: String = Self.phone, slot: Int) async throws {
        shop.clock.move(milliseconds: 1_000)
        _ = try await shop.inbound.receive([Workshop.reading(try Workshop.deliver(content, from: phone)[0], slot: slot)]
        )
    }

    @Test(
        "A3: a text that still lies in the modem when its person is erased does not come back, and its slot stays known"
    )
    func modemStillHoldsIt() async throws {
        try await receive("hello", slot: 1)
        try await erase()
        #expect(try shop.count("SELECT count(*) FROM inbound") == 0)
        let again = Workshop.reading(try Workshop.deliver("hello")[0], slot: 1, state: .receivedRead)
        #expect(try await shop.inbound.receive([again]).texts.isEmpty, "it is known by its hash")
        #expect(try shop.count("SELECT count(*) FROM reading WHERE hashed = 1 AND length(pdu) = 32") == 1)
        shop.inbound.deleted([.init(sim: Workshop.sim, memory: "SM", index: 1)])
        let new = try await shop.inbound.receive([Workshop.reading(try Workshop.deliver("hello")[0], slot: 1)])
        #expect(new.texts.count == 1, "after its deletion the same octets are a new text")
        var direct = Workshop.reading(try Workshop.deliver("direct", from: Self.other)[0])
        direct.origin = .direct
        _ = try await shop.inbound.receive([direct])
        try await erase(Self.other)
        #expect(try await shop.inbound.receive([direct]).texts.isEmpty, "nor when the network delivers it again")
    }

    @Test("what names the person only in a TPDU goes too: delivery reports, and messages nobody can decode")
    func strays() async throws {
        _ = try await shop.inbound.receive([Workshop.reading(Workshop.report(9, for: Self.phone, status: 0), slot: 2)])
        _ = try await shop.inbound.receive([Workshop.reading(Workshop.report(9, for: Self.other, status: 0), slot: 3)])
        let broken = [UInt8](hexadecimal: "00040B916191550521F3FF")
        _ = try await shop.inbound.receive([Workshop.reading(broken, slot: 4)])
        shop.inbound.deleted((2...4).map { .init(sim: Workshop.sim, memory: "SM", index: $0) })
        try await erase()
        #expect(try shop.count("SELECT count(*) FROM reading") == 1)
        #expect(try shop.count("SELECT count(*) FROM report WHERE phone = '\(Self.other)'") == 1)
        #expect(try shop.count("SELECT count(*) FROM report") == 1)
        #expect(try shop.count("SELECT count(*) FROM inbound") == 0)
    }

    @Test("B5: a delivery report that comes after the erasure does not bring the number back")
    func lateReport() async throws {
        try await shop.startSending()
        try await shop.send("hello", to: Self.phone)
        #expect(try await shop.eventually { try shop.count("SELECT count(*) FROM part WHERE state = 'accepted'") == 1 })
        try await erase()
        let report = Workshop.reading(Workshop.report(1, for: Self.phone, status: 0), slot: 7)
        #expect(try await shop.inbound.receive([report]).reported.isEmpty)
        #expect(try shop.count("SELECT count(*) FROM report") == 0)
        #expect(try shop.count("SELECT count(*) FROM reading WHERE hashed = 0") == 0)
        #expect(try await shop.inbound.receive([report]).texts.isEmpty)
        await shop.close()
    }

    @Test("texts that wait are cancelled, others go on, and one that is being sent holds the erasure up")
    func cancelled() async throws {
        let first = try await shop.send("one", to: Self.phone)
        try await shop.send("two", to: Self.phone)
        let theirs = try await shop.send("three", to: Self.other)
        try await shop.journal.writer.write {
            try $0.run("UPDATE outbound SET state = 'sending' WHERE uid = ?", [first.uid])
        }
        await #expect(throws: JournalErasure.OnItsWay.self) { try await erase() }
        #expect(try shop.count("SELECT count(*) FROM erasure") == 0, "nothing has begun")
        try await shop.journal.writer.write {
            try $0.run("UPDATE outbound SET state = 'waiting' WHERE uid = ?", [first.uid])
        }
        let counts = try await erase()
        #expect(counts.outbound == 2 && counts.cancelled == 2)
        let new = try await shop.send("four", to: Self.phone)
        try await shop.startSending()
        #expect(try await shop.eventually { try shop.state(of: new.uid) == "accepted" })
        #expect(try await shop.eventually { try shop.state(of: theirs.uid) == "accepted" })
        #expect(Set(shop.radio.texts) == ["three", "four"])
        await shop.close()
    }

    @Test(
        "decision 10: who had said STOP stays out by a keyed hash, START undoes it, and a later erasure remembers that")
    func consent() async throws {
        func isAllowed() throws -> Bool { try shop.journal.read { try Consent.isAllowed(Self.phone, $0) } }
        try await receive("STOP", slot: 1)
        try await erase()
        #expect(try shop.count("SELECT count(*) FROM consent") == 0)
        #expect(try !isAllowed())
        #expect(try shop.journal.read { try Consent.isAllowed(Self.other, $0) })
        try await receive("hello", slot: 2)
        #expect(try shop.count("SELECT count(*) FROM inbound WHERE answer = 0") == 0, "no responder is asked")
        try await erase()
        #expect(try !isAllowed(), "erasing again changes nothing")
        try await receive("START", slot: 3)
        #expect(try isAllowed())
        try await erase()
        #expect(try isAllowed(), "the last word was START")
        #expect(try shop.count("SELECT count(*) FROM erased_number WHERE is_out = 1") == 0)
    }

    @Test(
        "what the erasure remembers of the number is sealed: without its key nobody reads it, and the record is small")
    func sealed() throws {
        let key = shop.journal.erasedKey
        #expect(key.seal(Self.phone) == nil, "without a key nothing is sealed")
        try key.make()
        let first = try #require(key.seal(Self.phone))
        let second = try #require(key.seal(Self.phone))
        #expect(first != second && first.count == 48, "the same number never looks the same, nor tells its length")
        #expect(key.open(first) == Self.phone && key.open(second) == Self.phone)
        let folder = shop.folder + "/other"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let foreign = try ErasedKey(folder: folder)
        try foreign.make()
        #expect(foreign.open(first) == nil)
        let again = try ErasedKey(folder: shop.folder)
        #expect(again.open(first) == Self.phone, "after a restart it is the same key")
        try Data([1, 2, 3]).write(to: URL(fileURLWithPath: folder + "/erased.key"))
        #expect(throws: JournalError.self) { _ = try ErasedKey(folder: folder) }
    }

    @Test("an erasure that was cut off goes on at the next start, before anything is sent; later rows stay")
    func resumed() async throws {
        try await erase()
        // Rows that a feed brought in after the first pass, older than the erasure; and one of a new person.
        let old = shop.clock.now
        shop.clock.move(milliseconds: 60_000)
        let now = shop.clock.now
        let uids = try await shop.journal.writer.write { database in
            try [old, now].map { created in
                try OutgoingText.insert(
                    .init(
                        uid: UID.make(at: now), storageID: 1, origin: "table", purpose: .conversation,
                        phone: Self.phone, content: "x", createdAt: created), now: now, database
                ).uid
            }
        }
        #expect(
            try shop.journal.read { try JournalErasure.pending(shop.journal.erasedKey, $0) }.map(\.phone) == [
                Self.phone
            ])
        try await Erasures.resume(shop.journal, policy: Policy(), now: now)
        #expect(try uids.map { try shop.state(of: $0) } == [nil, "waiting"])
    }

    @Test(
        "a number is found where it stands for itself",
        arguments: [
            ("seen:+16195550123", true), ("{\"n\":16195550123}", true), ("6195550123", true), ("616195550123", false),
            ("161955501234", false), ("16195550124", false), ("", false),
        ])
    func search(_ text: String, _ isThere: Bool) {
        #expect(NumberSearch(Self.phone).occurs(in: text.utf8) == isThere)
    }
}

extension [UInt8] {
    fileprivate init(hexadecimal text: String) {
        let digits = Array(text.utf8)
        self = stride(from: 0, to: digits.count, by: 2).compactMap {
            UInt8(String(decoding: digits[$0...($0 + 1)], as: UTF8.self), radix: 16)
        }
    }
}
