/// One message in a slot.
struct StoredMessage {
    /// `<stat>` of TS 27.005 §3.1.
    enum State: Int {
        case receivedUnread = 0
        case receivedRead = 1
        case storedUnsent = 2
        case storedSent = 3
    }

    var state: State
    /// Service-centre address first.
    var pdu: [UInt8]
    /// Which text it is in the ledger.
    var id: Int?
    var part: Int?
    var parts: Int?

    /// Octets of the TPDU without the service-centre address.
    var tpduLength: Int { pdu.count - 1 - Int(pdu.first ?? 0) }
}

/// A memory with its slots.
struct MessageMemory {
    let name: String
    private(set) var slots: [StoredMessage?]
    private(set) var used = 0
    /// Counts as full, whatever it holds.
    var isBlocked = false
    /// No slot before this one is free.
    private var searchFrom = 0

    init(name: String, slots: Int) {
        self.name = name
        self.slots = Array(repeating: nil, count: slots)
    }

    var total: Int { slots.count }
    /// As AT+CPMS shows it.
    var shownUsed: Int { isBlocked ? total : used }

    /// The slot it went to, counted from 0; nil when full. The lowest free one, as most modems choose.
    mutating func store(_ message: StoredMessage) -> Int? {
        guard !isBlocked, used < slots.count else { return nil }
        while slots[searchFrom] != nil { searchFrom += 1 }
        slots[searchFrom] = message
        used += 1
        return searchFrom
    }

    mutating func remove(_ slot: Int) -> StoredMessage? {
        guard slots.indices.contains(slot), let message = slots[slot] else { return nil }
        slots[slot] = nil
        used -= 1
        searchFrom = min(searchFrom, slot)
        return message
    }

    mutating func setState(_ state: StoredMessage.State, of slot: Int) {
        slots[slot]?.state = state
    }

    /// Never drops a message: a memory that holds more than `count` shrinks to its last used slot only.
    mutating func resize(to count: Int) {
        let lastUsed = slots.lastIndex { $0 != nil }.map { $0 + 1 } ?? 0
        let target = max(count, lastUsed)
        if target < slots.count {
            slots.removeLast(slots.count - target)
        } else {
            slots.append(contentsOf: Array(repeating: nil, count: target - slots.count))
        }
        searchFrom = min(searchFrom, slots.count)
    }
}

/// All memories of a modem, and which of them AT+CPMS prefers.
struct MessageStore {
    private(set) var memories: [MessageMemory]
    /// Indices of mem1 (read, delete), mem2 (write, send), mem3 (receive); TS 27.005 §3.2.2.
    var preferred: (read: Int, write: Int, receive: Int) = (0, 0, 0)

    init(_ memories: [ModemProfile.Memory]) {
        self.memories = memories.map { MessageMemory(name: $0.name, slots: $0.slots) }
    }

    func index(of name: String) -> Int? {
        memories.firstIndex { $0.name == name }
    }

    subscript(_ index: Int) -> MessageMemory {
        get { memories[index] }
        set { memories[index] = newValue }
        _modify { yield &memories[index] }
    }
}
