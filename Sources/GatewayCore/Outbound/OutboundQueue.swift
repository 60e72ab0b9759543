internal import PluginKit

#if CONDUCTOR_TORTURE
    internal import FaultPoints
#endif

/// The texts that are to be sent, in memory: which one may go next, and from which SIM. Pure; the journal has the truth.
///
/// Texts of one recipient keep their order, retries included (B11): only the first of each recipient may be taken, and
/// the next follows when it is settled. One recipient never holds up another (B4).
struct OutboundQueue {
    private enum Head {
        /// In `ready` or `later`.
        case offered
        /// On a lane, or waiting for a delivery report.
        case held
    }

    private struct Delayed {
        var due: Int64
        var text: OutgoingText
        /// It waits for a time to go by, not for a time of day.
        var isWait: Bool
    }

    private struct Recipient {
        var texts: Line<OutgoingText>
        var head: Head
    }

    /// Where a head stands that may go now.
    private struct Place: Hashable {
        var wish: Wish
        /// A confirmation that is owed to a person: no limit and no pause of a SIM holds it up (decision 10).
        var isOwed = false
    }

    /// What the numbers begin with that modems are preferred for, longest first.
    let preferences: [String]
    private var recipients: [String: Recipient] = [:]
    /// Heads that may go now; a place where none stands is not there.
    private var ready: [Place: Line<OutgoingText>] = [:]
    /// Heads that may not go yet, soonest first.
    private var later: [Delayed] = []
    /// Texts for a time to come, soonest first; they hold up nobody until then.
    private var scheduled: [Delayed] = []
    /// Held texts with a part that was cut off.
    private var unknown: [OutgoingText] = []
    /// All texts, those on a lane included.
    private var uids: Set<String> = []
    /// Texts on a lane that are not to come back from it.
    private var withdrawn: Set<String> = []
    /// Those that were claimed from storage.
    private(set) var claimed = 0

    init(preferences: [String] = []) {
        self.preferences = Set(preferences).sorted { ($0.utf8.count, $0) > ($1.utf8.count, $1) }
    }

    var count: Int { uids.count }
    var waiting: Int { ready.values.reduce(0) { $0 + $1.count } }
    /// Whether there is one that may go now, from whichever SIM.
    var isOffering: Bool { !ready.isEmpty }
    var delayed: Int { later.count }
    /// Those that wait for their time: it was asked for, or policy keeps them back.
    var planned: Int { scheduled.count }

    /// Adds a text; one that is here already is not added again.
    mutating func add(_ text: OutgoingText, now: Timestamp) {
        guard uids.insert(text.uid).inserted else { return }
        if text.storageID != nil { claimed += 1 }
        if let due = text.notBefore, due > now, text.attempts == 0 { return schedule(text, due) }
        stand(text, now: now)
    }

    /// Puts the text into its recipient's line.
    private mutating func stand(_ text: OutgoingText, now: Timestamp) {
        let line = Self.line(of: text)
        guard let recipient = recipients[line], let first = recipient.texts.first else {
            recipients[line] = Recipient(texts: Line([text]), head: .offered)
            return offer(text, now: now)
        }
        // What waits for its turn, or for a limit, lets a confirmation go first.
        guard text.purpose == .consent, first.purpose != .consent, recipient.head == .offered else {
            recipients[line]?.texts.append(text)
            return
        }
        takeBack(first)
        recipients[line]?.texts.prepend(text)
        offer(text, now: now)
    }

    /// The text is not offered any more.
    private mutating func takeBack(_ text: OutgoingText) {
        later.removeAll { $0.text.uid == text.uid }
        leave(place(of: text)) { $0.uid == text.uid }
    }

    /// Takes out those that are meant; returns how many.
    @discardableResult
    private mutating func leave(_ place: Place, where isMeant: (OutgoingText) -> Bool) -> Int {
        guard let index = ready.index(forKey: place) else { return 0 }
        let before = ready.values[index].count
        ready.values[index].removeAll(where: isMeant)
        let left = ready.values[index].count
        if left == 0 { ready.remove(at: index) }
        return before - left
    }

    /// Adds a text whose part is unknown: it holds its recipient until it is settled.
    mutating func addHeld(_ text: OutgoingText) {
        guard uids.insert(text.uid).inserted else { return }
        if text.storageID != nil { claimed += 1 }
        unknown.append(text)
        if recipients[Self.line(of: text)] == nil {
            recipients[Self.line(of: text)] = Recipient(texts: Line([text]), head: .held)
        } else {
            recipients[Self.line(of: text)]?.texts.append(text)
        }
    }

    /// An unknown text that stands behind others of its recipient is to be sent, when its turn comes. False when it does
    /// not stand there.
    mutating func revive(_ text: OutgoingText) -> Bool {
        let line = Self.line(of: text)
        guard let head = recipients[line]?.texts.first, head.uid != text.uid,
            recipients[line]?.texts.replace(text, where: { $0.uid == text.uid }) == true
        else { return false }
        unknown.removeAll { $0.uid == text.uid }
        return true
    }

    /// The oldest text that a modem may send now; it is held until `settle` or `retry`.
    ///
    /// - Parameters:
    ///   - wishes: those that it fulfils.
    ///   - only: the only numbers that it may write to; nil: any.
    ///   - owedOnly: whether it may send nothing now but what is owed.
    ///   - mayReplace: whether it may send what has another wish and has waited so many milliseconds.
    mutating func next(
        for wishes: [Wish], only phones: Set<String>? = nil, owedOnly: Bool = false, now: Timestamp,
        mayReplace: (Wish, Int64) -> Bool
    ) -> OutgoingText? {
        release(now: now)
        if let owed = next(for: wishes, isOwed: true, now: now, mayReplace: mayReplace) { return owed }
        if owedOnly { return nil }
        if let phones { return next(for: wishes, to: phones, now: now) }
        return next(for: wishes, isOwed: false, now: now, mayReplace: mayReplace)
    }

    private mutating func next(
        for wishes: [Wish], isOwed: Bool, now: Timestamp, mayReplace: (Wish, Int64) -> Bool
    ) -> OutgoingText? {
        guard ready.keys.contains(where: { $0.isOwed == isOwed }) else { return nil }
        var best: Place?
        var first = Int64.max
        for wish in wishes {
            let place = Place(wish: wish, isOwed: isOwed)
            guard let head = ready[place]?.first, head.seq < first else { continue }
            (best, first) = (place, head.seq)
        }
        if best == nil {
            best =
                ready.first { place, line in
                    guard place.isOwed == isOwed, !wishes.contains(place.wish), let head = line.first else {
                        return false
                    }
                    return mayReplace(place.wish, now.milliseconds - head.createdAt.milliseconds)
                }?.key
        }
        guard let best, let index = ready.index(forKey: best), let text = ready.values[index].popFirst() else {
            return nil
        }
        if ready.values[index].count == 0 { ready.remove(at: index) }
        recipients[Self.line(of: text)]?.head = .held
        return text
    }

    /// The oldest text to one of these numbers.
    private mutating func next(for wishes: [Wish], to phones: Set<String>, now: Timestamp) -> OutgoingText? {
        var best: OutgoingText?
        for phone in phones {
            guard let recipient = recipients[phone], recipient.head == .offered, let text = recipient.texts.first,
                wishes.contains(text.wish(preferences)), text.notBefore.map({ $0 <= now }) ?? true
            else { continue }
            if best.map({ text.seq < $0.seq }) ?? true { best = text }
        }
        guard let best else { return nil }
        guard leave(place(of: best), where: { $0.uid == best.uid }) > 0 else { return nil }
        recipients[Self.line(of: best)]?.head = .held
        return best
    }

    /// The SIM that took the text may not send it now: the next one that may takes it, before all others.
    mutating func putBack(_ text: OutgoingText, now: Timestamp) {
        guard recipients[Self.line(of: text)]?.texts.first?.uid == text.uid else { return }
        if withdrawn.contains(text.uid) { return settle(text, now: now) }
        // Where it stands depends on what it asks for now.
        recipients[Self.line(of: text)]?.texts.first = text
        recipients[Self.line(of: text)]?.head = .offered
        ready[place(of: text), default: Line([])].prepend(text)
    }

    /// Policy keeps the text back until a time of day: its recipient's next one need not wait for it. One that was tried
    /// before keeps its place (B11).
    mutating func postpone(_ text: OutgoingText, until due: Timestamp, now: Timestamp) {
        guard text.attempts == 0, text.state != .unknown else { return retry(text, now: now) }
        guard recipients[Self.line(of: text)]?.texts.first?.uid == text.uid else { return }
        let isWithdrawn = withdrawn.contains(text.uid)
        settle(text, now: now)
        if isWithdrawn { return }
        uids.insert(text.uid)
        if text.storageID != nil { claimed += 1 }
        schedule(text, due)
    }

    private mutating func schedule(_ text: OutgoingText, _ due: Timestamp) {
        Self.insert(Delayed(due: due.milliseconds, text: text, isWait: false), into: &scheduled)
    }

    /// The list stays sorted; of two that come due together, the one that came first goes first.
    private static func insert(_ delayed: Delayed, into list: inout [Delayed]) {
        var (low, high) = (0, list.count)
        while low < high {
            let middle = (low + high) / 2
            if list[middle].due > delayed.due { high = middle } else { low = middle + 1 }
        }
        list.insert(delayed, at: low)
    }

    /// The text is done with: its recipient's next one may go.
    mutating func settle(_ text: OutgoingText, now: Timestamp) {
        guard var recipient = recipients[Self.line(of: text)], recipient.texts.first?.uid == text.uid else { return }
        _ = recipient.texts.popFirst()
        unknown.removeAll { $0.uid == text.uid }
        uids.remove(text.uid)
        withdrawn.remove(text.uid)
        if text.storageID != nil { claimed -= 1 }
        if let next = recipient.texts.first {
            // An unknown part is never offered: its report or a person settles it.
            recipient.head = next.state == .unknown ? .held : .offered
            recipients[Self.line(of: text)] = recipient
            if next.state != .unknown { offer(next, now: now) }
        } else {
            recipients[Self.line(of: text)] = nil
        }
    }

    /// The text is not to be sent any more, wherever it stands; one that is on a lane goes when it comes back from it.
    mutating func withdraw(_ text: OutgoingText, now: Timestamp) {
        guard uids.contains(text.uid) else { return }
        if scheduled.contains(where: { $0.text.uid == text.uid }) {
            scheduled.removeAll { $0.text.uid == text.uid }
            uids.remove(text.uid)
            if text.storageID != nil { claimed -= 1 }
            return
        }
        guard let recipient = recipients[Self.line(of: text)] else { return }
        guard let first = recipient.texts.first, first.uid == text.uid else {
            recipients[Self.line(of: text)]?.texts.removeAll { $0.uid == text.uid }
            unknown.removeAll { $0.uid == text.uid }
            uids.remove(text.uid)
            if text.storageID != nil { claimed -= 1 }
            return
        }
        if recipient.head == .held, !unknown.contains(where: { $0.uid == text.uid }) {
            withdrawn.insert(text.uid)
        } else {
            takeBack(first)
            settle(text, now: now)
        }
    }

    /// The text goes again, first of its recipient, at its `notBefore`. `isWait`: that is some time from now, whatever
    /// the wall clock says then.
    mutating func retry(_ text: OutgoingText, now: Timestamp, isWait: Bool = false) {
        guard recipients[Self.line(of: text)]?.texts.first?.uid == text.uid else { return }
        if withdrawn.contains(text.uid) { return settle(text, now: now) }
        unknown.removeAll { $0.uid == text.uid }
        recipients[Self.line(of: text)]?.texts.first = text
        recipients[Self.line(of: text)]?.head = .offered
        offer(text, now: now, isWait: isWait)
    }

    /// The wall clock was set, so many milliseconds forward: waits stay as long as they were, times of day stay what
    /// they are.
    mutating func wallClockJumped(by milliseconds: Int64) {
        for index in later.indices where later[index].isWait {
            later[index].due += milliseconds
            later[index].text.notBefore = Timestamp(milliseconds: later[index].due)
        }
        later.sort { $0.due < $1.due }
        for index in unknown.indices {
            guard let askAt = unknown[index].askAt else { continue }
            unknown[index].askAt = Timestamp(milliseconds: askAt.milliseconds + milliseconds)
        }
    }

    /// The text stays first of its recipient, held until its delivery report or its deadline.
    mutating func settleHeld(_ text: OutgoingText) {
        guard recipients[Self.line(of: text)]?.texts.first?.uid == text.uid else { return }
        recipients[Self.line(of: text)]?.texts.first = text
        recipients[Self.line(of: text)]?.head = .held
        unknown.append(text)
    }

    /// The unknown texts whose deadline has passed.
    func unknown(before now: Timestamp) -> [OutgoingText] {
        unknown.filter { ($0.askAt ?? now) <= now && isHeld($0) }
    }

    /// True while the text waits for its delivery report.
    func isUnknown(_ text: OutgoingText) -> Bool {
        isHeld(text) && unknown.contains { $0.uid == text.uid }
    }

    /// True while the text is the one that holds its recipient.
    func isHeld(_ text: OutgoingText) -> Bool {
        guard let recipient = recipients[Self.line(of: text)] else { return false }
        return recipient.texts.first?.uid == text.uid && recipient.head == .held
    }

    /// When the next delayed text comes due; nil when there is none.
    var nextDue: Timestamp? {
        [later.first, scheduled.first].compactMap { $0?.due }.min().map(Timestamp.init(milliseconds:))
    }

    /// Drops texts that are to be forgotten; the recipient's later ones go on.
    mutating func forget(_ gone: Set<String>, of phone: String, now: Timestamp) {
        let planned = scheduled.filter { gone.contains($0.text.uid) }.map(\.text)
        scheduled.removeAll { gone.contains($0.text.uid) }
        uids.subtract(planned.map(\.uid))
        claimed -= planned.filter { $0.storageID != nil }.count
        withdrawn.subtract(gone)
        guard var recipient = recipients[phone] else { return }
        let head = recipient.texts.first
        let lost = recipient.texts.all.filter { gone.contains($0.uid) }
        uids.subtract(lost.map(\.uid))
        claimed -= lost.filter { $0.storageID != nil }.count
        unknown.removeAll { gone.contains($0.uid) }
        later.removeAll { gone.contains($0.text.uid) }
        for place in Array(ready.keys) { leave(place) { gone.contains($0.uid) } }
        recipient.texts.removeAll { gone.contains($0.uid) }
        recipients[phone] = recipient.texts.first == nil ? nil : recipient
        guard let next = recipient.texts.first, let head, gone.contains(head.uid) else { return }
        recipients[phone]?.head = next.state == .unknown ? .held : .offered
        if next.state != .unknown { offer(next, now: now) }
    }

    private func place(of text: OutgoingText) -> Place {
        Place(wish: text.wish(preferences), isOwed: text.purpose == .consent)
    }

    /// Whose turn the text waits for: that of its recipient.
    private static func line(of text: OutgoingText) -> String {
        #if CONDUCTOR_TORTURE
            if !Safeguard.recipientOrder.isOn { return text.uid }
        #endif
        return text.phone
    }

    private mutating func offer(_ text: OutgoingText, now: Timestamp, isWait: Bool = false) {
        if let due = text.notBefore, due > now {
            Self.insert(Delayed(due: due.milliseconds, text: text, isWait: isWait), into: &later)
        } else {
            ready[place(of: text), default: Line([])].append(text)
        }
    }

    /// Offers the delayed texts whose time has come.
    mutating func release(now: Timestamp) {
        var due = 0
        while due < scheduled.count, scheduled[due].due <= now.milliseconds { due += 1 }
        let texts = scheduled.prefix(due).map(\.text)
        scheduled.removeFirst(due)
        for text in texts { stand(text, now: now) }
        while let first = later.first, first.due <= now.milliseconds {
            later.removeFirst()
            ready[place(of: first.text), default: Line([])].append(first.text)
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

    mutating func removeAll(where isMeant: (Element) -> Bool) {
        elements.removeFirst(head)
        head = 0
        elements.removeAll(where: isMeant)
    }

    /// Puts `element` in the place of the one that is meant; false when there is none.
    mutating func replace(_ element: Element, where isMeant: (Element) -> Bool) -> Bool {
        guard let index = elements[head...].firstIndex(where: isMeant) else { return false }
        elements[index] = element
        return true
    }

    mutating func prepend(_ element: Element) {
        if head > 0 {
            head -= 1
            elements[head] = element
        } else {
            elements.insert(element, at: 0)
        }
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
