/// Takes down what goes over one port: octets are put together to lines, masked, and only then kept. Lives on the loop.
final class PortRecorder {
    /// Where it is kept: of a port that is being asked in a small ring of its own, later in that of its modem.
    private(set) var ring: TraceRing

    private let path: String
    private var port: UInt8 = 0
    private var mask = TraceMask()
    private var pending: [UInt8] = []
    private var line: [UInt8] = []
    /// `pending` has more than controls and spaces.
    private var hasText = false
    private var isEnded = false
    /// What comes is the rest of a line whose beginning is kept already: what it is cannot be told.
    private var isCut = false

    /// Octets kept of the talk with a port that is not a modem's yet.
    static let probeCapacity = 16 * 1024

    init(path: String) {
        self.path = path
        ring = TraceRing(capacity: Self.probeCapacity, segments: 4)
    }

    /// The port leads to this modem: all that was said on it belongs to the modem's trace; `isAside`: on a port beside
    /// the one that serves.
    func move(to ring: TraceRing, isAside: Bool) {
        if isAside { port = ring.number(of: path) }
        ring.take(self.ring, port: port)
        self.ring = ring
    }

    func note(_ words: String) {
        if hasText { flush() }
        var words = words
        words.withUTF8 { ring.append(.note, port: port, $0) }
    }

    /// These octets are about to be written.
    func sent(_ octets: [UInt8]) {
        line.removeAll(keepingCapacity: true)
        line.append(contentsOf: octets)
        mask.sent(&line)
        ring.append(.sent, port: port, line)
    }

    /// These were read, in any split.
    func received(_ octets: UnsafeBufferPointer<UInt8>) {
        for byte in octets {
            // CR, LF or both end a line; a further one belongs to the next.
            if isEnded, byte != 0x0A { flush() }
            pending.append(byte)
            if byte == 0x0D || byte == 0x0A {
                isEnded = hasText
                isCut = isCut && hasText
                if isEnded, byte == 0x0A { flush() }
            } else if byte > 0x20 {
                hasText = true
            }
            if pending.count >= ATSession.lineLimit { flush() }
        }
        if isEnded || isPrompt { flush() }
    }

    /// `>` or `> ` behind the ends of lines: nothing follows.
    private var isPrompt: Bool {
        guard hasText, pending.count <= 8 else { return false }
        return pending.filter { $0 > 0x20 } == [UInt8(ascii: ">")]
    }

    private func flush() {
        let isPrompt = isPrompt
        let isWhole = !isCut && (isEnded || isPrompt)
        line.removeAll(keepingCapacity: true)
        swap(&line, &pending)
        if isWhole { mask.received(&line) } else { mask.cut(&line) }
        ring.append(.received, port: port, line)
        isCut = !isEnded && !isPrompt
        hasText = false
        isEnded = false
    }
}
