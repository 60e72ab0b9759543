import Foundation
import SupabaseStandin

/// A project of its own at the stand-in, behind a network that can be cut, with the plugin `supabase` as users have it.
final class SupabaseTortureStorage: TortureStorage {
    private let key: String
    private let standin: Standin
    private let relay: Relay
    private let isInWorker: Bool
    private var session: SQLSession?
    /// What goes wrong now.
    private var fault: SupabaseFault?
    private(set) var hits: [String: Int] = [:]

    /// - Parameter seed: every other one keeps the plugin in a worker.
    init(folder: String, seed: UInt64) throws {
        standin = try Standin.own(.migrated)
        guard let port = URLComponents(string: standin.url)?.port.flatMap(UInt16.init(exactly:)) else {
            throw Failure("the stand-in has no port: \(standin.url)")
        }
        relay = try Relay(to: port)
        isInWorker = seed / UInt64(FaultSchedule.Theme.allCases.count) % 2 == 1
        key = folder + "/key"
        try (standin.serviceKey + "\n").write(toFile: key, atomically: true, encoding: .utf8)
        // A worker has a user of its own, who must get there and read it.
        let (way, mode) = isInWorker ? (0o711, 0o644) : (0o700, 0o600)
        try FileManager.default.setAttributes([.posixPermissions: way], ofItemAtPath: folder)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: key)
        try standin.control("POST", "faults", "{\"seed\": \(seed)}")
    }

    var dropIn: String {
        let settings =
            "{url: \"http://127.0.0.1:\(relay.port)\", key_file: \(key), timeout_ms: 1000, idle_poll_ms: 300, "
            + "busy_poll_ms: 100, longest_pause_ms: 1000}"
        let place =
            isInWorker
            ? "isolation: process\ngrants: [log, clock, storage_events, kv, network, {files: {read: [\(key)]}}]\n" : ""
        return "plugin: supabase\n\(place)deadline_ms: 3000\nsettings: \(settings)\n"
    }

    /// A claim whose gateway did not hear of it is free again soon.
    var policy: String { ", lease: 5s" }
    var isThere: Bool { true }
    var isOpen: Bool { if case .database = fault?.deed { false } else { true } }

    func open(states: [String]) throws {}

    func queue(_ texts: [(phone: String, content: String)]) throws {
        func literal(_ text: String) -> String { "'" + text.replacingOccurrences(of: "'", with: "''") + "'" }
        let values = texts.map { "(\(literal($0.phone)), \(literal($0.content)), 'outbound', 'queued')" }
        try sql(
            "insert into public.messages (phone_number, content, direction, status) values "
                + values.joined(separator: ", "))
    }

    func select(_ query: String) throws -> [[String: String]] {
        // As JSON: a text may have lines, and null is no text.
        let json = try sql(
            """
            select coalesce(jsonb_agg((select jsonb_object_agg(v.key, v.value) from jsonb_each_text(to_jsonb(x)) v
              where v.value is not null)), '[]') from (\(query)) x
            """)
        return try JSONDecoder().decode([[String: String]].self, from: Data(json.utf8))
    }

    /// One session for all: a run asks hundreds of times.
    @discardableResult
    private func sql(_ text: String) throws -> String {
        let session = try session ?? standin.session()
        self.session = session
        return try session.run(text)
    }

    func suffer(_ name: String) async throws {
        try await mend()
        guard !name.isEmpty else { return }
        guard let next = SupabaseFault.all.first(where: { $0.name == name }) else {
            throw Failure("Supabase has no fault '\(name)'")
        }
        fault = next
        switch next.deed {
        case .spoil(let members): try standin.control("POST", "faults", "{\(members)}")
        case .absent: relay.refuse()
        case .partition: relay.cut()
        case .database(let action):
            session = nil
            try standin.control("POST", "database", "{\"action\": \"\(action)\"}")
        }
    }

    private func mend() async throws {
        guard let fault else { return }
        switch fault.deed {
        case .spoil:
            struct Fault: Decodable { var hits: Int }
            let spoilt = try JSONDecoder().decode([Fault].self, from: Data(standin.control("GET", "faults").utf8))
            hits[fault.name, default: 0] += spoilt.map(\.hits).reduce(0, +)
            try standin.control("DELETE", "faults")
        case .absent, .partition:
            hits[fault.name, default: 0] += 1
            try relay.mend()
        case .database:
            hits[fault.name, default: 0] += 1
            try standin.control("POST", "database", #"{"action": "start"}"#)
        }
        self.fault = nil
    }

    func end() {
        session = nil
        relay.end()
        standin.end()
    }
}
