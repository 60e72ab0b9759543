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
        var memory: String?
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
        let used = try rest.withUnsafeBytes { (bytes: UnsafeRawBufferPointer) -> Int in
            var begin = 0
            while let end = Self.place(of: UInt8(ascii: "\n"), in: bytes, from: begin) {
                let line = UnsafeRawBufferPointer(rebasing: bytes[begin..<end])
                if keeps { take(try decoder.decode(Event.self, from: Data(line))) } else { count(line) }
                begin = end + 1
            }
            return begin
        }
        rest = Data(rest.dropFirst(used))
    }

    private static func place(of byte: UInt8, in bytes: UnsafeRawBufferPointer, from begin: Int) -> Int? {
        guard begin < bytes.count, let base = bytes.baseAddress,
            let found = memchr(base + begin, Int32(byte), bytes.count - begin)
        else { return nil }
        return UnsafeRawPointer(found) - base
    }

    /// Only counts the event: of millions of lines, decoding each would take longer than what they tell of.
    private func count(_ line: UnsafeRawBufferPointer) {
        let (key, quote) = (#""event":""#, UInt8(ascii: "\""))
        var next = 0
        while let begin = Self.place(of: quote, in: line, from: next) {
            next = begin + 1
            let word = begin + key.utf8.count
            guard word < line.count, memcmp(line.baseAddress! + begin, key, key.utf8.count) == 0,
                let end = Self.place(of: quote, in: line, from: word)
            else { continue }
            counts[String(decoding: line[word..<end], as: UTF8.self), default: 0] += 1
            return
        }
    }

    private func take(_ event: Event) {
        counts[event.event, default: 0] += 1
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
