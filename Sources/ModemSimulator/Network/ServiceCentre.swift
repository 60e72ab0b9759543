/// What the network holds for one SIM.
struct NetworkItem {
    enum Kind {
        case text
        case report
    }

    var kind: Kind
    var id: Int
    var part: Int?
    var parts: Int?
    /// Service-centre address first.
    var pdu: [UInt8]
    /// 0...3 (TS 23.038 §4); nil where the message has none.
    var messageClass: Int?
    /// Whether the ledger knows already that there was no room for it.
    var isKnownAsFull = false
}

/// The service centre's queue for one SIM: nothing in it is lost, whatever the modem does.
struct ServiceCentre {
    private var queue: [NetworkItem] = []
    private var head = 0

    var isEmpty: Bool { head == queue.count }
    var count: Int { queue.count - head }

    var first: NetworkItem? {
        get { isEmpty ? nil : queue[head] }
        set {
            guard let newValue, !isEmpty else { return }
            queue[head] = newValue
        }
    }

    mutating func add(_ item: NetworkItem) {
        queue.append(item)
    }

    /// Puts back what was taken and not accepted, before everything else.
    mutating func putBack(_ item: NetworkItem) {
        if head > 0 {
            head -= 1
            queue[head] = item
        } else {
            queue.insert(item, at: 0)
        }
    }

    mutating func removeFirst() {
        head += 1
        if head == queue.count {
            queue.removeAll(keepingCapacity: true)
            head = 0
        } else if head > 1024, head > queue.count / 2 {
            queue.removeFirst(head)
            head = 0
        }
    }
}
