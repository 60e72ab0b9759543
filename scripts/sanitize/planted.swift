// A program with faults to order, so that `make sanitize` shows that the sanitizers see what they are there for.
// Usage: planted none|race|use-after-free
import Dispatch
import Synchronization

/// A counter that forgot its lock.
final class Counter: @unchecked Sendable {
    var value = 0
    let guarded = Mutex(0)
}

@main
enum Planted {
    static func main() async {
        let fault = CommandLine.arguments.dropFirst().first ?? "none"
        let counter = Counter()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<500 {
                        counter.guarded.withLock { $0 += 1 }
                        // Answers that are there before they are awaited, and such that come later.
                        await withCheckedContinuation { continuation in
                            DispatchQueue.global().async { continuation.resume() }
                        }
                        await withUnsafeContinuation { $0.resume() }
                        if fault == "race" { counter.value += 1 }
                    }
                }
            }
        }
        if fault == "use-after-free" {
            let pointer = UnsafeMutablePointer<Int>.allocate(capacity: 1)
            pointer.initialize(to: 1)
            pointer.deallocate()
            print(pointer.pointee)
        }
        print("counted", counter.guarded.withLock { $0 })
    }
}
