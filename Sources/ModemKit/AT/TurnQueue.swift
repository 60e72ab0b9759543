/// Who may speak to the modem next: submissions first, but never twice while something else waits.
struct TurnQueue<Waiter> {
    enum Class {
        case submission
        case control
    }

    private var submissions = Fifo<Waiter>()
    private var controls = Fifo<Waiter>()
    private var isTaken = false
    private var lastWasSubmission = false

    /// Takes the turn when it is free; else false, and the caller must `wait`.
    mutating func take(_ kind: Class) -> Bool {
        guard !isTaken else { return false }
        isTaken = true
        lastWasSubmission = kind == .submission
        return true
    }

    mutating func wait(_ kind: Class, _ waiter: Waiter) {
        switch kind {
        case .submission: submissions.append(waiter)
        case .control: controls.append(waiter)
        }
    }

    /// The turn is over; it passes to the returned waiter, or is free.
    mutating func pass() -> Waiter? {
        if !submissions.isEmpty, !lastWasSubmission || controls.isEmpty {
            lastWasSubmission = true
            return submissions.popFirst()
        }
        if let waiter = controls.popFirst() {
            lastWasSubmission = false
            return waiter
        }
        isTaken = false
        return nil
    }
}

/// A queue whose removal from the front is cheap.
struct Fifo<Element> {
    private var items: [Element] = []
    private var head = 0

    var isEmpty: Bool { head == items.count }

    mutating func append(_ element: Element) { items.append(element) }

    mutating func popFirst() -> Element? {
        guard head < items.count else { return nil }
        let first = items[head]
        head += 1
        if head > 32, head * 2 > items.count {
            items.removeFirst(head)
            head = 0
        }
        return first
    }
}
