internal import PluginKit
internal import Synchronization

/// What is wrong now and needs a person; one entry per kind and subject.
final class Alarms: Sendable {
    private let entries = Mutex<[String: GatewayStatus.Alarm]>([:])
    private let events: EventHub
    private let clock: any GatewayClock

    init(events: EventHub, clock: any GatewayClock) {
        self.events = events
        self.clock = clock
    }

    /// Raises an alarm, or changes its words. `subject` tells two of one kind apart, as a modem's IMEI.
    func raise(_ kind: String, subject: String = "", _ message: String) {
        let now = clock.now
        let fresh = entries.withLock { entries in
            let old = entries[kind + subject]
            guard old?.message != message else { return false }
            entries[kind + subject] = .init(kind: kind, message: message, since: old?.since ?? now)
            return true
        }
        if fresh { events.emit("alarm", Self.json(kind, message)) }
    }

    /// Takes an alarm back.
    func clear(_ kind: String, subject: String = "") {
        let old = entries.withLock { $0.removeValue(forKey: kind + subject) }
        if let old { events.emit("alarm.cleared", Self.json(kind, old.message)) }
    }

    /// Whether one of this kind, without a subject, stands.
    func stands(_ kind: String) -> Bool { entries.withLock { $0[kind] != nil } }

    var all: [GatewayStatus.Alarm] {
        entries.withLock { $0.values.sorted { ($0.since, $0.kind) < ($1.since, $1.kind) } }
    }

    private static func json(_ kind: String, _ message: String) -> String {
        var json = EventJSON()
        json.add("kind", kind)
        json.add("message", message)
        return json.text
    }
}
