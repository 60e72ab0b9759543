import Foundation
import Glibc

/// What truly happened, as the simulator wrote it down: read on as it grows.
final class Ledger {
    struct Event: Decodable {
        /// CLOCK_MONOTONIC, milliseconds.
        var t: Double
        var modem: Int
        var event: String
        var id: Int?
        var part: Int?
        var parts: Int?
        var slot: Int?
        var from: String?
        var to: String?
        var text: String?
        var tpdu: String?
    }

    private let path: String
    private var offset: UInt64 = 0
    private var rest = Data()
    /// Whether events are kept, and not only counted.
    var keeps = true
    private(set) var events: [Event] = []
    /// How many there are of each kind.
    private(set) var counts: [String: Int] = [:]

    // Texts that came, and what is left of them in the modem or the network.
    private(set) var arrived: [Event] = []
    private(set) var unfinished: [Int: Int] = [:]
    private(set) var submitted: [Event] = []

    init(path: String) {
        self.path = path
    }

    /// Reads what is new.
    func refresh() throws {
        guard let file = FileHandle(forReadingAtPath: path) else { return }
        defer { try? file.close() }
        try file.seek(toOffset: offset)
        let fresh = try file.readToEnd() ?? Data()
        offset += UInt64(fresh.count)
        rest.append(fresh)
        let decoder = JSONDecoder()
        while let end = rest.firstIndex(of: 10) {
            let event = try decoder.decode(Event.self, from: rest[rest.startIndex..<end])
            rest = rest[(end + 1)...]
            take(event)
        }
        rest = Data(rest)
    }

    private func take(_ event: Event) {
        counts[event.event, default: 0] += 1
        guard keeps else { return }
        events.append(event)
        switch event.event {
        case "arrived":
            arrived.append(event)
            unfinished[event.id ?? 0, default: 0] += 1
        case "submitted": submitted.append(event)
        case "deleted", "acknowledged":
            guard let id = event.id, let left = unfinished[id] else { return }
            unfinished[id] = left > 1 ? left - 1 : nil
        default: break
        }
    }

    func count(_ kind: String) throws -> Int {
        try refresh()
        return counts[kind] ?? 0
    }
}
