import Synchronization
import Testing

@testable import GatewayCore

@Suite("Links between the parts")
struct LinksTests {
    private final class Count: Sendable {
        let value = Atomic<Int>(0)
    }

    @Test("a signal is as quick and as shallow the last time as the first")
    func signal() {
        let count = Count()
        let signal = Signal()
        signal.connect { count.value.add(1, ordering: .relaxed) }
        // Wrapped once more by every call, the receiver would overflow the stack long before.
        for _ in 0..<200_000 { signal.fire() }
        #expect(count.value.load(ordering: .relaxed) == 200_000)
    }

    @Test("an intake is passed as quickly the last time as the first")
    func relay() async {
        let count = Count()
        let relay = IntakeRelay()
        relay.connect { _ in count.value.add(1, ordering: .relaxed) }
        for _ in 0..<100_000 { await relay.pass(InboundPath.Intake()) }
        #expect(count.value.load(ordering: .relaxed) == 100_000)
    }
}
