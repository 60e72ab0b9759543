import Foundation
import GRDB
import Logging
import ModemKit
import PluginKit
import SMSCodec
import Synchronization

@testable import GatewayCore

/// A gateway's two paths over a real journal in a folder of their own, with a radio that does as it is told.
final class Workshop: Sendable {
    let folder: String
    let clock = HandClock()
    let journal: Journal
    let events: EventHub
    let alarms: Alarms
    let inbound: InboundPath
    let radio = ScriptedRadio()
    let outbound: OutboundPath
    let outcomes = Counter()
    private let running: Mutex<Task<Void, Never>?>

    /// Without limits: many tests send more in a minute than a person does.
    static var policy: Policy {
        var policy = Policy()
        policy.limits = .off
        return policy
    }

    init(folder: String? = nil, policy: Policy = Workshop.policy, look: FirstLook = FirstLook()) throws {
        let place = folder ?? NSTemporaryDirectory() + "conductor-test-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        self.folder = place
        let clock = self.clock
        let events = EventHub(clock: clock, counters: Counters())
        let alarms = Alarms(events: events, clock: clock)
        self.events = events
        self.alarms = alarms
        journal = try Journal(folder: place, now: clock.now, look: look) { problem in
            if let problem { alarms.raise("journal", problem.description) } else { alarms.clear("journal") }
        }
        inbound = InboundPath(journal: journal, policy: policy, events: events, alarms: alarms, clock: clock)
        let outcomes = self.outcomes
        outbound = OutboundPath(
            journal: journal, policy: policy, radio: radio, events: events, alarms: alarms, clock: clock,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, onOutcome: { outcomes.add() })
        running = Mutex(nil)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: folder)
    }

    static let modem = ModemID("356938035643809")
    static let sim = SIMID("8901260123456789012")

    /// Starts the way out with one ready modem.
    func startSending() async throws {
        try await outbound.recover()
        var modem = ModemSnapshot(id: Self.modem, port: "/dev/test", state: .ready)
        modem.sim = Self.sim
        await outbound.changed(modem)
        let outbound = self.outbound
        running.withLock { $0 = Task { await outbound.run() } }
    }

    /// Closes the journal as a stop does.
    func close() async {
        await outbound.drain()
        let task = running.withLock { $0 }
        await task?.value
        journal.close()
    }

    /// Puts a text into the journal and the queue.
    @discardableResult
    func send(
        _ content: String, to phone: String, purpose: OutgoingText.Purpose = .conversation, from sim: String? = nil,
        answers: String? = nil
    ) async throws -> OutgoingText {
        let now = clock.now
        let text = try await journal.writer.write { database in
            try OutgoingText.insert(
                .init(
                    uid: UID.make(at: now), origin: "test", purpose: purpose, phone: phone, content: content,
                    sim: sim, answers: answers), now: now, database)
        }
        await outbound.add([text])
        return text
    }

    /// A text in a slot, as a modem offers it.
    static func reading(
        _ pdu: [UInt8], slot: Int = 1, state: Reading.SlotState = .receivedUnread, marksRead: Bool = true
    ) -> Reading {
        Reading(
            modem: modem, sim: sim, origin: .slot(memory: "SM", index: slot, state: state), pdu: pdu,
            announcedLength: nil, modemMarksRead: marksRead)
    }

    /// SMS-DELIVER TPDUs of a text, one per part.
    ///
    /// - Parameter seconds: after the moment at which the service centre had the others.
    static func deliver(
        _ content: String, from phone: String = "+16195550123", reference: UInt16 = 7, at seconds: Int64 = 0
    ) throws -> [[UInt8]] {
        try Segmentation.split(content, reference: reference).parts.map { part in
            Deliver(
                sender: Address(number: phone),
                dataCoding: part.encoding == .ucs2 ? 8 : 0,
                time: ServiceCentreTime(unixSeconds: 1_795_000_000 + seconds, offsetMinutes: -420), userData: part
            ).encode()
        }
    }

    /// A delivery report for the reference, about a part that the service centre had `seconds` after the clock began.
    static func report(_ reference: UInt8, for phone: String, status: UInt8, submitted seconds: Int64 = 0) -> [UInt8] {
        let time = ServiceCentreTime(unixSeconds: HandClock.beginning / 1_000 + seconds, offsetMinutes: 0)
        return StatusReport(
            reference: reference, recipient: Address(number: phone), submitted: time, discharged: time,
            status: ReportStatus(rawValue: status)
        ).encode()
    }

    /// Waits until `condition` holds; false when it did not within a minute.
    func eventually(_ condition: @Sendable () async throws -> Bool) async throws -> Bool {
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            if try await condition() { return true }
            await Task.yield()
        }
        // A busy machine may not have let us look for a long time.
        return try await condition()
    }

    /// One column of one text in the journal.
    func state(of uid: String) throws -> String? {
        try journal.read { try $0.first("SELECT state FROM outbound WHERE uid = ?", [uid])?["state"] }
    }

    func count(_ sql: String) throws -> Int {
        try journal.read { try Int.fetchOne($0, sql: sql) ?? 0 }
    }
}

/// A clock that a test moves; waits end when it has been moved far enough, or with their task.
final class HandClock: GatewayClock {
    private struct Waiter {
        var until: Int64
        var continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var offset: Int64 = 0
        /// How far the wall clock was set forward.
        var lead: Int64 = 0
        var next = 0
        var waiters: [Int: Waiter] = [:]
        var cancelled: Set<Int> = []
    }

    private let state = Mutex(State())

    static let beginning: Int64 = 1_795_450_000_000

    var now: Timestamp {
        Timestamp(milliseconds: Self.beginning + state.withLock { $0.offset + $0.lead })
    }
    var monotonicMilliseconds: Int64 { state.withLock { $0.offset } }

    /// Somebody waits for a later time.
    var isWaitedFor: Bool { state.withLock { !$0.waiters.isEmpty } }

    /// Sets the wall clock forward, or back; no time goes by.
    func set(forward milliseconds: Int64) { state.withLock { $0.lead += milliseconds } }

    func move(milliseconds: Int64) {
        let due = state.withLock { state in
            state.offset += milliseconds
            let due = state.waiters.filter { $0.value.until <= state.offset }
            for key in due.keys { state.waiters[key] = nil }
            return due.values.map(\.continuation)
        }
        for continuation in due { continuation.resume() }
    }

    func sleep(milliseconds: Int64) async throws {
        let key = state.withLock { state in
            state.next += 1
            return state.next
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let ended: Result<Void, any Error>? = state.withLock { state in
                    if state.cancelled.remove(key) != nil { return .failure(CancellationError()) }
                    if milliseconds <= 0 { return .success(()) }
                    state.waiters[key] = Waiter(until: state.offset + milliseconds, continuation: continuation)
                    return nil
                }
                if let ended { continuation.resume(with: ended) }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                let waiter = state.waiters.removeValue(forKey: key)
                if waiter == nil { state.cancelled.insert(key) }
                return waiter
            }
            waiter?.continuation.resume(throwing: CancellationError())
        }
    }
}

/// Counts from any thread.
final class Counter: Sendable {
    private let value = Mutex(0)
    var count: Int { value.withLock { $0 } }
    func add() { value.withLock { $0 += 1 } }
}

/// A radio that answers what the test says, and remembers which PDUs it wrote.
final class ScriptedRadio: Radio {
    private struct State {
        var answers: [SubmissionOutcome] = []
        var written: [[UInt8]] = []
        var senders: [ModemID] = []
        var reference: UInt8 = 0
        var beforePermit: (@Sendable () async -> Void)?
        var beforeAnswer: (@Sendable () async -> Void)?
    }

    private let state = Mutex(State())

    /// PDUs that were on the wire.
    var written: [[UInt8]] { state.withLock { $0.written } }

    /// The modem of each of them.
    var senders: [ModemID] { state.withLock { $0.senders } }

    /// Outcomes that the test gave and no part had yet.
    var open: Int { state.withLock { $0.answers.count } }

    /// The next outcomes; when they are used up, parts are accepted under rising references.
    func answer(_ outcomes: SubmissionOutcome...) {
        state.withLock { $0.answers += outcomes }
    }

    /// Runs while the next part waits for its permit.
    func beforePermit(_ hook: @escaping @Sendable () async -> Void) {
        state.withLock { $0.beforePermit = hook }
    }

    /// Runs while the next part that has its permit waits for its answer.
    func beforeAnswer(_ hook: @escaping @Sendable () async -> Void) {
        state.withLock { $0.beforeAnswer = hook }
    }

    func submit(
        _ submission: Submission, to modem: ModemID, permit: @escaping @Sendable () async throws -> Void
    ) async -> SubmissionOutcome {
        let hook = state.withLock { state in
            defer { state.beforePermit = nil }
            return state.beforePermit
        }
        await hook?()
        do {
            try await permit()
        } catch {
            return .notSent(reason: "no permit")
        }
        let answerHook = state.withLock { state in
            defer { state.beforeAnswer = nil }
            return state.beforeAnswer
        }
        await answerHook?()
        return state.withLock { state in
            if case .notSent? = state.answers.first { return state.answers.removeFirst() }
            state.written.append(submission.tpdu)
            state.senders.append(modem)
            if !state.answers.isEmpty { return state.answers.removeFirst() }
            state.reference &+= 1
            return .accepted(reference: state.reference)
        }
    }

    /// Texts on the wire, decoded.
    var texts: [String] {
        written.map { pdu in
            guard
                case .submit(let submit)? = try? TPDU.decode(pdu, direction: .mobileOriginated, hasServiceCentre: false)
            else { return "?" }
            return submit.userData.text
        }
    }
}
