import Foundation
import GRDB
import Logging
import ModemKit
import PluginHost
import PluginKit
import Testing

@testable import GatewayCore

@Suite(.timeLimit(.minutes(2))) struct DeadLetterTests {
    @Test(
        "B4: every failure has its class, and what a person decided has none",
        arguments: [
            ("cms-42", FailureClass.temporary), ("cms-28", .permanent), ("cme-10", .temporary),
            ("modem-error", .temporary), ("report-64", .undelivered), ("opted-out", .policy), ("budget", .policy),
            ("invalid-number", .permanent), ("empty-body", .permanent), ("invalid-text", .permanent), (nil, .permanent),
            ("cancelled", nil), ("given-up", nil),
        ] as [(String?, FailureClass?)])
    func classes(code: String?, expected: FailureClass?) {
        #expect(FailureClass(errorCode: code) == expected)
    }

    @Test("B4: failed texts that pile up raise an alarm, which ends when they are sent again or are old")
    func alarm() async throws {
        var policy = Policy()
        policy.deadLetterAlarm = 3
        let shop = try Workshop(policy: policy)
        let letters = DeadLetters(journal: shop.journal, policy: policy, alarms: shop.alarms, clock: shop.clock)
        shop.radio.answer(
            .refused(code: .cms(28)), .refused(code: .cms(28)), .refused(code: .cms(28)), .refused(code: .cms(28)))
        try await shop.startSending()
        var texts: [OutgoingText] = []
        for number in 1...3 {
            let text = try await shop.send("text \(number)", to: "+1619555010\(number)")
            #expect(try await shop.eventually { try shop.state(of: text.uid) == "failed" })
            try letters.look()
            #expect(shop.alarms.all.map(\.kind) == (number < 3 ? [] : ["messages.failed"]))
            texts.append(text)
        }
        #expect(try letters.counts() == [.permanent: 3])
        let uid = texts[0].uid
        let again = try await shop.journal.writer.write {
            try OutgoingText.requeue(uid, from: [.failed], now: shop.clock.now, $0)
        }
        await shop.outbound.again(try #require(again))
        try letters.look()
        #expect(shop.alarms.all.isEmpty)
        #expect(try await shop.eventually { try shop.state(of: uid) == "failed" })
        try letters.look()
        #expect(shop.alarms.all.map(\.kind) == ["messages.failed"])
        shop.clock.move(milliseconds: 86_400_001)
        try letters.look()
        #expect(shop.alarms.all.isEmpty)
        #expect(try letters.counts() == [.permanent: 3], "they are there all the same")
        await shop.close()
    }
}

/// A running gateway without modems and without plugins: what it has, its journal has.
@Suite(.timeLimit(.minutes(2))) struct LetterControlTests {
    private let gateway: Gateway
    private let clock = HandClock()
    private let folder = NSTemporaryDirectory() + "conductor-letters-\(UUID().uuidString)"
    private static let phone = "+16195550123"

    init() throws {
        try FileManager.default.createDirectory(atPath: folder + "/plugins.d", withIntermediateDirectories: true)
        var policy = Policy()
        policy.content.refusedPromotions = [.urlShortener]
        gateway = try Gateway(
            GatewayOptions(
                gateway: "g", stateFolder: folder, version: "0", policy: policy,
                plugins: .init(
                    pluginsFolder: folder + "/plugins.d", copiesFolder: folder + "/plugins", searchPath: [],
                    baseFolder: folder), fleet: FleetConfiguration(useUdev: false),
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }), clock: clock)
    }

    private func end() async {
        await gateway.stop()
        try? FileManager.default.removeItem(atPath: folder)
    }

    private func refusal(_ body: () async throws -> Void) async -> GatewayError.Code? {
        do {
            try await body()
            return nil
        } catch let error as GatewayError {
            return error.code
        } catch { return .unavailable }
    }

    private func fail(_ uid: String, _ code: String) async throws {
        let now = clock.now.milliseconds
        try await gateway.journal.writer.write { database in
            try database.run(
                "UPDATE outbound SET state = 'failed', error_code = ?, settled_at = ? WHERE uid = ?", [code, now, uid])
        }
    }

    @Test("the same key is the same text again; for other words or another number it is refused, and nothing is queued")
    func keys() async throws {
        let request = SendRequest(to: Self.phone, text: "Your order is ready", idempotencyKey: "order-17")
        let first = try await gateway.send(request)
        #expect(!first.isRepetition)
        var again = request
        again.to = "(619) 555-0123"
        again.at = Timestamp(milliseconds: 9_000_000_000_000)
        // A SIM that has been taken out meanwhile does not make it another text.
        again.from = "8901260123456789012"
        let second = try await gateway.send(again)
        #expect(second.isRepetition && second.message == first.message)
        for (to, text) in [(Self.phone, "Your order is late"), ("+16195550124", "Your order is ready")] {
            let other = SendRequest(to: to, text: text, idempotencyKey: "order-17")
            #expect(await refusal { _ = try await gateway.send(other) } == .refused)
        }
        for key in ["", String(repeating: "k", count: 256), "plugin:bot:order-17"] {
            let wrong = SendRequest(to: Self.phone, text: "x", idempotencyKey: key)
            #expect(await refusal { _ = try await gateway.send(wrong) } == .invalid)
        }
        // Who was out meanwhile is not told so for a text that was taken before.
        _ = try await gateway.addOptOut(OptOutChange(number: Self.phone))
        #expect(try await gateway.send(request).isRepetition)
        #expect(try gateway.journal.read { try $0.first("SELECT count(*) AS n FROM outbound")?["n"] } == 1)
        await end()
    }

    @Test("many at once with one key are one text")
    func keysAtOnce() async throws {
        let request = SendRequest(to: Self.phone, text: "once", idempotencyKey: "k")
        let uids = try await withThrowingTaskGroup(of: String?.self) { group in
            for _ in 0..<50 { group.addTask { [gateway] in try await gateway.send(request).message.uid } }
            return try await group.reduce(into: Set<String?>()) { $0.insert($1) }
        }
        #expect(uids.count == 1)
        await end()
    }

    @Test("a key is known for as long as the journal keeps a text, and for as long as its text is not settled")
    func keysEnd() async throws {
        let old = try await gateway.send(SendRequest(to: Self.phone, text: "a", idempotencyKey: "a"))
        let open = try await gateway.send(SendRequest(to: Self.phone, text: "b", idempotencyKey: "b"))
        try await fail(try #require(old.message.uid), "cms-28")
        try await gateway.journal.writer.write { try $0.run("UPDATE outbound SET stored = revision", []) }
        let sweep = Sweep(
            journal: gateway.journal, retention: Retention(), console: gateway.console, storage: { nil },
            clock: Restless(clock: clock),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        clock.move(milliseconds: Retention().journalMilliseconds - 1)
        try await sweep.sweepJournal()
        let early = try await gateway.send(SendRequest(to: Self.phone, text: "a", idempotencyKey: "a"))
        #expect(early.isRepetition && early.message.uid == old.message.uid)
        clock.move(milliseconds: 2)
        try await sweep.sweepJournal()
        #expect(try await !gateway.send(SendRequest(to: Self.phone, text: "a", idempotencyKey: "a")).isRepetition)
        let kept = try await gateway.send(SendRequest(to: Self.phone, text: "b", idempotencyKey: "b"))
        #expect(kept.isRepetition && kept.message.uid == open.message.uid)
        await end()
    }

    @Test("a sender is told what carriers filter, and an offer that the rules do not let out is refused")
    func content() async throws {
        let queued = try await gateway.send(SendRequest(to: Self.phone, text: "see bit.ly/x"))
        #expect(queued.warnings.map(\.code) == [.urlShortener])
        let offer = SendRequest(to: Self.phone, text: "20% off", purpose: "promotion")
        #expect(try await gateway.send(offer).warnings.map(\.code) == [.noOptOut])
        let linked = SendRequest(to: Self.phone, text: "20% off: bit.ly/x. STOP ends", purpose: "promotion")
        #expect(await refusal { _ = try await gateway.send(linked) } == .refused)
        let wrong = SendRequest(to: Self.phone, text: "x", purpose: "consent")
        #expect(await refusal { _ = try await gateway.send(wrong) } == .invalid)
        await end()
    }

    @Test("B4: all that failed go again by class and age, the oldest first; what a rule forbade only when it is named")
    func bulk() async throws {
        var uids: [String: String] = [:]
        for code in ["cms-42", "cms-28", "report-70", "opted-out", "cancelled", "cms-38"] {
            let queued = try await gateway.send(SendRequest(to: Self.phone, text: code))
            let uid = try #require(queued.message.uid)
            uids[code] = uid
            try await fail(uid, code)
            clock.move(milliseconds: 3_600_000)
        }
        let trial = try await gateway.retryFailed(BulkRetry(dryRun: true))
        #expect(trial == BulkRetryReport(found: 4, byClass: ["temporary": 2, "permanent": 1, "undelivered": 1]))
        let since = Timestamp(milliseconds: HandClock.beginning + 1)
        #expect(try await gateway.retryFailed(BulkRetry(since: since, dryRun: true)).found == 3)
        #expect(try await gateway.retryFailed(BulkRetry(failureClass: .policy, dryRun: true)).found == 1)
        let done = try await gateway.retryFailed(BulkRetry(failureClass: .temporary, dryRun: false))
        #expect(done == BulkRetryReport(found: 2, byClass: ["temporary": 2], retried: 2))
        for (code, uid) in uids {
            let state = try gateway.journal.read { try OutgoingText.find(uid, $0)?.state }
            #expect(state == (["cms-42", "cms-38"].contains(code) ? .waiting : .failed))
        }
        #expect(try await gateway.retryFailed(BulkRetry(failureClass: .temporary, dryRun: false)).found == 0)
        #expect(await gateway.metrics().contains("conductor_dead_letters{class=\"permanent\"} 1\n"))
        await end()
    }

    @Test("cancel and settle say in words why not, and cancel may be repeated")
    func words() async throws {
        let queued = try await gateway.send(SendRequest(to: Self.phone, text: "x"))
        let uid = try #require(queued.message.uid)
        #expect(await refusal { _ = try await gateway.settle(uid: uid, Settlement(.sent)) } == .refused)
        for _ in 1...2 {
            let message = try await gateway.cancel(uid: uid)
            #expect(message.status == .failed && message.errorCode == "cancelled")
        }
        #expect(try await gateway.message(uid: uid).story.contains { $0.contains("cancelled by a person") })
        #expect(await refusal { _ = try await gateway.settle(uid: "nobody", Settlement(.failed)) } == .notFound)
        #expect(try await gateway.retry(uid: uid).status == .queued, "a person may think again")
        await end()
    }
}
