/// A stretch of work that others wait for the end of. A part of an actor.
struct Stretch {
    private var isUnderWay = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    mutating func begin() { isUnderWay = true }

    /// Those who wait: to be resumed by the caller.
    mutating func end() -> [CheckedContinuation<Void, Never>] {
        isUnderWay = false
        defer { waiting = [] }
        return waiting
    }

    /// False: nothing is under way, and `continuation` was not kept.
    mutating func wait(_ continuation: CheckedContinuation<Void, Never>) -> Bool {
        guard isUnderWay else { return false }
        waiting.append(continuation)
        return true
    }
}
