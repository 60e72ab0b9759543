import Glibc

/// The last of a modem's traffic, in memory of a fixed size, and how its service began: what came in between makes room.
///
/// Kept are the bring-up (at most two segments), since a trace is replayed from there, and the newest.
final class TraceRing: @unchecked Sendable {
    // Safety: touched on the loop's thread only, by modems and by ports.
    /// Octets of all that is kept of a modem, at most.
    static let capacity = 64 * 1024
    /// Octets of one entry; the rest of a longer one is cut.
    static let longest = 4_608

    let run: String
    /// The number of the last entry.
    private(set) var newest = 0

    private struct Segment {
        var octets: [UInt8] = []
        var first = 0
        var isPinned = false
    }

    /// Before each entry: time, length, kind, port.
    private static let head = 12
    /// Segments of the beginning that stay.
    private static let pins = 2

    private let segmentSize: Int
    private let segmentLimit: Int
    private var segments: [Segment] = []
    private var pinsLeft = 0
    /// Paths of ports, by the number that entries have for them; 0 is that which the modem is served on.
    private var ports: [String] = [""]

    /// A ring of `capacity` octets in `segments` parts.
    init(capacity: Int = TraceRing.capacity, segments: Int = 8) {
        segmentSize = max(capacity / segments, Self.longest + Self.head)
        segmentLimit = max(segments, Self.pins + 2)
        run = String(UInt32.random(in: .min ... .max), radix: 16)
    }

    /// Octets in use.
    var size: Int { segments.reduce(0) { $0 + $1.octets.count } }

    /// The service of the modem begins: what follows is kept until the next time, as far as the pinned segments go.
    func pin() {
        for place in segments.indices { segments[place].isPinned = false }
        pinsLeft = Self.pins
        openSegment()
    }

    func note(_ words: String) {
        var words = words
        words.withUTF8 { append(.note, port: 0, $0) }
    }

    /// Keeps an entry of which nobody must be told who was meant: `octets` are masked.
    func append(_ kind: TraceEntry.Kind, port: UInt8, _ octets: some Collection<UInt8>, time: Int64 = EventLoop.now) {
        let length = min(octets.count, Self.longest)
        if segments.last.map({ $0.octets.count + Self.head + length > segmentSize }) ?? true { openSegment() }
        newest += 1
        let last = segments.count - 1
        withUnsafeBytes(of: time.littleEndian) { segments[last].octets.append(contentsOf: $0) }
        segments[last].octets.append(UInt8(truncatingIfNeeded: length))
        segments[last].octets.append(UInt8(truncatingIfNeeded: length >> 8))
        segments[last].octets.append(kind.code)
        segments[last].octets.append(port)
        segments[last].octets.append(contentsOf: octets.prefix(length))
    }

    /// The number of a port that is heard beside the one that serves.
    func number(of port: String) -> UInt8 {
        if let known = ports.firstIndex(of: port) { return UInt8(known) }
        guard ports.count < 256 else { return 255 }
        ports.append(port)
        return UInt8(ports.count - 1)
    }

    /// Appends all that `other`, the ring of one port, has; `port`: the number of that port here.
    func take(_ other: TraceRing, port: UInt8 = 0) {
        other.each { _, time, kind, _, octets in append(kind, port: port, octets, time: time) }
    }

    /// The entries with a number above `number`, oldest first.
    func entries(after number: Int) -> [TraceEntry] {
        var wall = timespec()
        clock_gettime(CLOCK_REALTIME, &wall)
        let ahead = Int64(wall.tv_sec) * 1_000_000_000 + Int64(wall.tv_nsec) - EventLoop.now
        var entries: [TraceEntry] = []
        each { entry, time, kind, port, octets in
            guard entry > number else { return }
            let path = ports[Int(port)]
            entries.append(
                TraceEntry(
                    number: entry, at: (time + ahead) / 1_000_000, kind: kind,
                    port: path.isEmpty ? nil : path, data: String(decoding: octets, as: UTF8.self)))
        }
        return entries
    }

    private func each(_ body: (Int, Int64, TraceEntry.Kind, UInt8, ArraySlice<UInt8>) -> Void) {
        for segment in segments {
            var place = 0
            var number = segment.first
            while place + Self.head <= segment.octets.count {
                let time = segment.octets.withUnsafeBytes {
                    Int64(littleEndian: $0.loadUnaligned(fromByteOffset: place, as: Int64.self))
                }
                let length = Int(segment.octets[place + 8]) | Int(segment.octets[place + 9]) << 8
                let kind = TraceEntry.Kind(code: segment.octets[place + 10])
                let port = segment.octets[place + 11]
                place += Self.head
                body(number, time, kind, port, segment.octets[place..<place + length])
                place += length
                number += 1
            }
        }
    }

    private func openSegment() {
        // An empty one is used at once.
        if let last = segments.last, last.octets.isEmpty { segments.removeLast() }
        var octets: [UInt8] = []
        if segments.count >= segmentLimit, let oldest = segments.firstIndex(where: { !$0.isPinned }) {
            octets = segments.remove(at: oldest).octets
            octets.removeAll(keepingCapacity: true)
        }
        octets.reserveCapacity(segmentSize)
        segments.append(Segment(octets: octets, first: newest + 1, isPinned: pinsLeft > 0))
        if pinsLeft > 0 { pinsLeft -= 1 }
    }
}

extension TraceEntry.Kind {
    fileprivate var code: UInt8 {
        switch self {
        case .sent: 0
        case .received: 1
        case .note: 2
        }
    }

    fileprivate init(code: UInt8) {
        self = code == 0 ? .sent : code == 1 ? .received : .note
    }
}
