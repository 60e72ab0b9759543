internal import GRDB
internal import Logging
internal import ModemKit
internal import PluginKit

/// Sends a text from each of our SIMs to the next one, now and then, and tells people when one does not arrive: a modem
/// that has gone deaf, or a SIM that the network has closed, looks well to everybody else.
struct Canary: Sendable {
    /// From one SIM to another.
    struct Way: Sendable, Hashable {
        var sender: String
        var receiver: String
        /// The receiver's number.
        var phone: String

        var subject: String { "\(sender)>\(receiver)" }
    }

    static let alarm = "canary"
    private static let lookMilliseconds: Int64 = 5_000
    private static let keptMilliseconds: Int64 = 30 * 86_400_000

    let settings: CanarySettings
    let policy: Policy
    let journal: Journal
    let alarms: Alarms
    let events: EventHub
    let clock: any GatewayClock
    let logger: Logger
    let modems: @Sendable () -> [ModemSnapshot]
    let send: @Sendable (OutgoingText) async -> Void

    /// Until cancelled.
    func run() async {
        var told: [String: String] = [:]
        var alarmed: Set<String> = []
        while !Task.isCancelled {
            do {
                try await look(&told, &alarmed)
            } catch {
                // The journal is away: its own alarm stands.
                logger.debug("the canary could not look into the journal", metadata: ["reason": "\(error)"])
            }
            do { try await clock.sleep(milliseconds: Self.lookMilliseconds) } catch { return }
        }
    }

    /// Each SIM that is ready and whose number is known writes to the next one; a single one to itself.
    static func ways(_ modems: [ModemSnapshot], policy: Policy) -> [Way] {
        var phones: [String: String] = [:]
        for modem in modems where modem.state == .ready {
            guard let sim = modem.sim?.rawValue, let number = modem.number.flatMap({ policy.number($0)?.text }) else {
                continue
            }
            phones[sim] = number
        }
        let sims = phones.keys.sorted()
        return sims.indices.map { index in
            let receiver = sims[(index + 1) % sims.count]
            return Way(sender: sims[index], receiver: receiver, phone: phones[receiver] ?? "")
        }
    }

    /// One look at every way.
    ///
    /// - Parameters:
    ///   - told: the last text of each way that an event told of.
    ///   - alarmed: subjects of the alarms that stand.
    func look(_ told: inout [String: String], _ alarmed: inout Set<String>) async throws {
        let now = clock.now
        let ways = Self.ways(modems(), policy: policy)
        for way in ways {
            let latest = try journal.read { try CanaryText.latest(from: way.sender, to: way.receiver, $0) }
            if let latest, latest.arrivedAt != nil {
                alarms.clear(Self.alarm, subject: way.subject)
                alarmed.remove(way.subject)
                if told.updateValue(latest.uid, forKey: way.subject) != latest.uid { announce(latest) }
            } else if let latest, isLate(latest, now) {
                alarmed.insert(way.subject)
                alarms.raise(Self.alarm, subject: way.subject, try sentence(about: latest))
            }
            if isDue(latest, now) { try await begin(way, now: now) }
        }
        // Who is not there is told of by the alarms of modems.
        for subject in alarmed.subtracting(ways.map(\.subject)) {
            alarms.clear(Self.alarm, subject: subject)
            alarmed.remove(subject)
        }
    }

    private func isDue(_ latest: CanaryText?, _ now: Timestamp) -> Bool {
        guard let latest else { return true }
        let age = now.milliseconds - latest.sentAt.milliseconds
        // A clock that was set back by more than a text takes makes no wait longer.
        return age >= settings.everyMilliseconds || age < -settings.withinMilliseconds
    }

    private func isLate(_ text: CanaryText, _ now: Timestamp) -> Bool {
        now.milliseconds - text.sentAt.milliseconds > settings.withinMilliseconds
    }

    private func begin(_ way: Way, now: Timestamp) async throws {
        let text = try await journal.writer.write { database in
            try CanaryText.forget(before: Timestamp(milliseconds: now.milliseconds - Self.keptMilliseconds), database)
            return try CanaryText.begin(
                from: way.sender, to: way.receiver, phone: way.phone, now: now, database)
        }
        await send(text)
    }

    private func announce(_ text: CanaryText) {
        guard let arrivedAt = text.arrivedAt else { return }
        var json = EventJSON()
        json.add("from_sim", text.sender)
        json.add("to_sim", text.receiver)
        json.add("milliseconds", arrivedAt.milliseconds - text.sentAt.milliseconds)
        events.emit("canary.arrived", json.text)
    }

    /// What did not arrive, and how far it came.
    private func sentence(about text: CanaryText) throws -> String {
        let sent = try journal.read {
            try $0.first("SELECT state, error_message FROM outbound WHERE uid = ?", [text.uid])
        }
        let reason = (sent?["error_message"] as String?).map { " (\($0))" } ?? ""
        let minutes = settings.withinMilliseconds / 60_000
        let fate: String
        switch (sent?["state"] as String?).flatMap(OutgoingText.State.init(rawValue:)) {
        case .delivered:
            fate = "the network says that it was delivered: that modem shows no texts, or shows them to another program"
        case .accepted: fate = "the network took it, and did not deliver it yet"
        case .failed, .undelivered: fate = "it was refused\(reason)"
        case .unknown: fate = "whether it left is not known\(reason)"
        case .waiting, .sending, nil: fate = "it has not left\(reason)"
        }
        return "the check from SIM \(text.sender) to SIM \(text.receiver) has not arrived after \(minutes) min: \(fate)"
    }
}
