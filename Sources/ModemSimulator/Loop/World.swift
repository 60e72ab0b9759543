import Glibc

/// What all modems of a simulator share: clock, timers, chance, the ledger. Used on the simulator's thread only.
final class World {
    /// Each event, after it was written.
    var observers: [(LedgerEvent) -> Void] = []
    /// Delivers a text between simulated SIMs; false where the number is none of them.
    var deliverLocally: (_ number: String, _ submission: Submission, _ from: ModemProfile) -> Bool = { _, _, _ in false
    }

    /// Tells whoever runs the simulator something worth knowing, in words.
    var note: (String) -> Void = { _ in }

    private let ledger: LedgerWriter
    private var timers = TimerHeap()
    private var randomState: UInt64
    private var lastID = 0

    init(ledger: LedgerWriter, seed: UInt64) {
        self.ledger = ledger
        randomState = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    }

    /// Nanoseconds of `CLOCK_MONOTONIC`.
    var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    var unixSeconds: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec)
    }

    func after(_ delay: Duration, _ action: @escaping () -> Void) {
        timers.add(deadline: now + delay.nanoseconds, action)
    }

    /// Nothing is due any more; what waited is let go.
    func cancelTimers() {
        timers = TimerHeap()
    }

    func newID() -> Int {
        lastID += 1
        return lastID
    }

    /// Runs what is due; then the milliseconds until the next, -1 where there is none.
    func runDueTimers() -> Int32 {
        while let action = timers.popDue(at: now) { action() }
        guard let deadline = timers.firstDeadline else { return -1 }
        return Int32(clamping: max(0, (deadline - now + 999_999) / 1_000_000))
    }

    func record(_ event: LedgerEvent) {
        if !ledger.isIdle { ledger.write(event.jsonLine) }
        for observer in observers { observer(event) }
    }

    /// xorshift64*: chance that can be repeated.
    func random() -> UInt64 {
        randomState ^= randomState >> 12
        randomState ^= randomState << 25
        randomState ^= randomState >> 27
        return randomState &* 0x2545_F491_4F6C_DD1D
    }

    func jittered(_ duration: Duration, by jitter: Duration) -> Duration {
        guard jitter > .zero else { return duration }
        return duration + .nanoseconds(Int64(random() % UInt64(jitter.nanoseconds + 1)))
    }
}

extension Duration {
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
