/// The faults a modem has before it, spent as they strike.
struct FaultPlan {
    private struct Entry {
        var fault: Fault
        var struck = 0
    }

    private var entries: [Entry] = []

    mutating func add(_ fault: Fault) {
        entries.append(Entry(fault: fault))
    }

    mutating func clear() {
        entries = []
    }

    /// The first fault for `command` whose kind `isWanted`, where it strikes this time.
    mutating func take(_ command: String, where isWanted: (Fault.Kind) -> Bool) -> Fault? {
        if entries.isEmpty { return nil }
        for index in entries.indices {
            let fault = entries[index].fault
            guard fault.command == command || fault.command == "*", isWanted(fault.kind) else { continue }
            entries[index].struck += 1
            switch fault.span {
            case .always: return fault
            case .next(let count):
                if entries[index].struck >= count { entries.remove(at: index) }
                return fault
            case .every(let count):
                if entries[index].struck.isMultiple(of: count) { return fault }
            }
        }
        return nil
    }
}
