internal import PluginKit

/// The texts that are to be sent, in memory: which one may go next, and from which SIM. Pure; the journal has the truth.
///
/// Texts of one recipient keep their order, retries included (B11): only the first of each recipient may be taken, and
/// the next follows when it is settled. One recipient never holds up another (B4).
struct OutboundQueue {
    /// How long an answer waits for the SIM that the person wrote to before another one may send it.
    static let patienceMilliseconds: Int64 = 60_000

    private enum Head {
        /// In `ready` or `later`.
        case offered
        /// On a lane, or waiting for a delivery report.
        case held
    }

    private struct Recipient {
        var texts: Line<OutgoingText>
        var head: Head
    }

    private var recipients: [String: Recipient] = [:]
    /// Heads that may go now, by the SIM they want; "" is any.
    private var ready: [String: Line<OutgoingText>] = [:]
    /// Heads that may not go yet, soonest first.
    private var later: [(due: Int64, text: OutgoingText)] = []
    /// Held texts with a part that was cut off.
    private var unknown: [OutgoingText] = []
    /// All texts, those on a lane included.
    private var uids: Set<String> = []
    /// Those that were claimed from storage.
    private(set) var claimed = 0

    var count: Int { uids.count }
    var waiting: Int { ready.values.reduce(0) { $0 + $1.count } }
    var delayed: Int { later.count }

    /// Adds a text; one that is here already is not added again.
    mutating func add(_ text: OutgoingText, now: Timestamp) {
        guard uids.insert(text.uid).inserted else { return }
        if text.storageID != nil { claimed += 1 }
        if recipients[text.phone] != nil {
            recipients[text.phone]?.texts.append(text)
        } else {
            recipients[text.phone] = Recipient(texts: Line([text]), head: .offered)
            offer(text, now: now)
        }
    }

    /// Adds a text whose part is unknown: it holds its recipient until it is settled.
    mutating func addHeld(_ text: OutgoingText) {
        guard uids.insert(text.uid).inserted else { return }
        if text.storageID != nil { claimed += 1 }
        unknown.append(text)
        if recipients[text.phone] == nil {
            recipients[text.phone] = Recipient(texts: Line([text]), head: .held)
        } else {
            recipients[text.phone]?.texts.append(text)
        }
    }

    /// The oldest text that may leave from `sim` now; it is held until `settle` or `retry`.
    ///
    /// - Parameter absent: whether no ready modem has this SIM, so that answers may leave from another.
    mutating func next(for sim: String, now: Timestamp, absent: (String) -> Bool) -> OutgoingText? {
        release(now: now)
        var best: String?
        for key in ["", sim] {
            guard let head = ready[key]?.first else { continue }
            if best.flatMap({ ready[$0]?.first }).map({ head.seq < $0.seq }) ?? true { best = key }
        }
        if best == nil {
            best =
                ready.first { key, line in
                    guard key != "", key != sim, let head = line.first, head.answers != nil else { return false }
                    return now.milliseconds - head.createdAt.milliseconds > Self.patienceMilliseconds && absent(key)
                }?.key
        }
        guard let best, let text = ready[best]?.popFirst() else { return nil }
        recipients[text.phone]?.head = .held
        return text
    }

    /// The text is done with: its recipient's next one may go.
    mutating func settle(_ text: OutgoingText, now: Timestamp) {
        guard var recipient = recipients[text.phone], recipient.texts.first?.uid == text.uid else { return }
        _ = recipient.texts.popFirst()
        unknown.removeAll { $0.uid == text.uid }
        uids.remove(text.uid)
        if text.storageID != nil { claimed -= 1 }
        if let next = recipient.texts.first {
            // An unknown part is never offered: its report or a person settles it.
            recipient.head = next.state == .unknown ? .held : .offered
            recipients[text.phone] = recipient
            if next.state != .unknown { offer(next, now: now) }
        } else {
            recipients[text.phone] = nil
        }
    }

    /// The text goes again, first of its recipient, at its `notBefore`.
    mutating func retry(_ text: OutgoingText, now: Timestamp) {
        guard recipients[text.phone]?.texts.first?.uid == text.uid else { return }
        unknown.removeAll { $0.uid == text.uid }
        recipients[text.phone]?.texts.first = text
        recipients[text.phone]?.head = .offered
        offer(text, now: now)
    }

    /// The text stays first of its recipient, held until its delivery report or its deadline.
    mutating func settleHeld(_ text: OutgoingText) {
        guard recipients[text.phone]?.texts.first?.uid == text.uid else { return }
        recipients[text.phone]?.texts.first = text
        recipients[text.phone]?.head = .held
        unknown.append(text)
    }

    /// The unknown texts whose deadline has passed.
    func unknown(before now: Timestamp) -> [OutgoingText] {
        unknown.filter { ($0.askAt ?? now) <= now && isHeld($0) }
    }

    /// True while the text is the one that holds its recipient.
    func isHeld(_ text: OutgoingText) -> Bool {
        guard let recipient = recipients[text.phone] else { return false }
        return recipient.texts.first?.uid == text.uid && recipient.head == .held
    }

    /// When the next delayed text comes due; nil when there is none.
    var nextDue: Timestamp? { later.first.map { Timestamp(milliseconds: $0.due) } }

    /// Drops texts that are to be forgotten; the recipient's later ones go on.
    mutating func forget(_ gone: Set<String>, of phone: String, now: Timestamp) {
        guard var recipient = recipients[phone] else { return }
        let head = recipient.texts.first
        let lost = recipient.texts.all.filter { gone.contains($0.uid) }
        uids.subtract(lost.map(\.uid))
        claimed -= lost.filter { $0.storageID != nil }.count
        unknown.removeAll { gone.contains($0.uid) }
        later.removeAll { gone.contains($0.text.uid) }
        for (key, line) in ready { ready[key] = Line(line.all.filter { !gone.contains($0.uid) }) }
        recipient.texts = Line(recipient.texts.all.filter { !gone.contains($0.uid) })
        recipients[phone] = recipient.texts.first == nil ? nil : recipient
        guard let next = recipient.texts.first, let head, gone.contains(head.uid) else { return }
        recipients[phone]?.head = next.state == .unknown ? .held : .offered
        if next.state != .unknown { offer(next, now: now) }
    }

    private mutating func offer(_ text: OutgoingText, now: Timestamp) {
        if let due = text.notBefore, due > now {
            let at = later.firstIndex { $0.due > due.milliseconds } ?? later.endIndex
            later.insert((due.milliseconds, text), at: at)
        } else {
            ready[text.simWanted ?? "", default: Line([])].append(text)
        }
    }

    /// Offers the delayed texts whose time has come.
    mutating func release(now: Timestamp) {
        while let first = later.first, first.due <= now.milliseconds {
            later.removeFirst()
            ready[first.text.simWanted ?? "", default: Line([])].append(first.text)
        }
    }
}

/// First in, first out, without moving what waits.
struct Line<Element> {
    private var elements: [Element]
    private var head = 0

    init(_ elements: [Element]) {
        self.elements = elements
    }

    var count: Int { elements.count - head }

    var first: Element? {
        get { head < elements.count ? elements[head] : nil }
        set {
            if let newValue, head < elements.count { elements[head] = newValue }
        }
    }

    var all: [Element] { Array(elements[head...]) }

    mutating func append(_ element: Element) {
        elements.append(element)
    }

    mutating func popFirst() -> Element? {
        guard head < elements.count else { return nil }
        defer {
            head += 1
            if head == elements.count || head > 64 && head * 2 > elements.count {
                elements.removeFirst(head)
                head = 0
            }
        }
        return elements[head]
    }
}
