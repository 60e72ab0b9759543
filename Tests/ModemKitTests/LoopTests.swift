import Testing

@testable import ModemKit

private actor Counter {
    nonisolated let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
    var count = 0
    var onLoop = true

    init(_ loop: EventLoop) { self.loop = loop }

    func step() {
        count += 1
        onLoop = onLoop && loop.isOnLoop
    }

    func timers(_ delays: [Int]) async -> [Int] {
        await withCheckedContinuation { continuation in
            let order = Order(count: delays.count, continuation)
            for delay in delays { loop.schedule(after: .milliseconds(delay)) { order.add(delay) } }
        }
    }

    private final class Order {
        var seen: [Int] = []
        let count: Int
        let continuation: CheckedContinuation<[Int], Never>
        init(count: Int, _ continuation: CheckedContinuation<[Int], Never>) {
            self.count = count
            self.continuation = continuation
        }
        func add(_ delay: Int) {
            seen.append(delay)
            if seen.count == count { continuation.resume(returning: seen) }
        }
    }
}

@Suite("The loop as an executor", .timeLimit(.minutes(1)))
struct LoopTests {
    @Test("Actors of the loop run on its thread, whoever calls")
    func executor() async throws {
        let counter = Counter(try EventLoop())
        await withTaskGroup { group in
            for _ in 0..<8 { group.addTask { for _ in 0..<1000 { await counter.step() } } }
        }
        #expect(await counter.count == 8000)
        #expect(await counter.onLoop)
    }

    @Test("Timers fire in the order of their deadlines")
    func timers() async throws {
        let counter = Counter(try EventLoop())
        #expect(await counter.timers([30, 10, 20, 40, 5]) == [5, 10, 20, 30, 40])
    }

    @Test("Loops come and go without a trace")
    func manyLoops() async throws {
        for _ in 0..<50 {
            let counter = Counter(try EventLoop())
            await counter.step()
        }
    }

    @Test("What is cancelled never fires, and does not pile up")
    func cancelled() {
        var timers = TimerQueue()
        var fired: [Int] = []
        for round in 0..<10_000 {
            let id = timers.add(deadline: Int64(1_000_000 + round)) { fired.append(-1) }
            timers.cancel(id)
        }
        for deadline in [5, 3, 9, 1] { _ = timers.add(deadline: Int64(deadline)) { fired.append(deadline) } }
        #expect(timers.count == 4)
        let first = timers.earliest()
        #expect(first == 1)
        while let body = timers.due(at: 5) { body() }
        #expect(fired == [1, 3, 5])
        let last = timers.earliest()
        #expect(last == 9)
    }

    @Test("Submissions go first, but other commands get every second turn")
    func turns() {
        var turns = TurnQueue<String>()
        let isFree = turns.take(.control)
        #expect(isFree)
        for name in ["s1", "s2", "s3"] { turns.wait(.submission, name) }
        for name in ["c1", "c2"] { turns.wait(.control, name) }
        var order: [String] = []
        while let next = turns.pass() { order.append(next) }
        #expect(order == ["s1", "c1", "s2", "c2", "s3"])
        let isFreeAgain = turns.take(.submission)
        #expect(isFreeAgain)
    }
}
