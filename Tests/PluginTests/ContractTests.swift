import PluginKit
import PluginTestKit
import Synchronization
import Testing

/// A rule that nobody can break proves nothing: each of these plugins breaks one, and is caught.
@Suite("The contract suites", .timeLimit(.minutes(1)))
struct ContractTests {
    /// A responder made of one closure.
    struct Made: Responder {
        static let info = PluginInfo(id: "made", name: "Made", version: "1.0.0")
        static let execution = Execution.inline
        let body: @Sendable (InboundText) async throws -> Decision

        init(_ body: @escaping @Sendable (InboundText) async throws -> Decision) { self.body = body }
        init(host: Host, settings: Settings) throws { self.init { _ in .decline() } }
        func respond(to text: InboundText, context: CallContext) async throws -> Decision { try await body(text) }
    }

    struct Sin: Sendable, CustomStringConvertible {
        let description: String
        /// What the failure says.
        let words: String
        let body: @Sendable (InboundText) async throws -> Decision
    }

    private struct Strange: Error {}

    static let sins = [
        Sin(description: "an empty reply", words: "with an empty text") { _ in .reply(" ") },
        Sin(description: "a declined reply", words: "would never be sent") { _ in Decision(kind: .decline, text: "hi")
        },
        Sin(description: "a negative cost", words: "a cost of -1") { _ in Decision(kind: .handOver, costMicros: -1) },
        Sin(description: "a number in a reason", words: "the number of the person") {
            .reply("a", reason: "asked by \($0.phone)")
        },
        Sin(description: "a text in an error", words: "the text of the person") {
            throw PluginError(.invalid, $0.content)
        },
        Sin(description: "an error of its own", words: "counts as a defect") { _ in throw Strange() },
        Sin(description: "no reason for an error", words: "without saying why") { _ in throw PluginError(.internal, "")
        },
        Sin(description: "no answer", words: "did not end within") { text in
            guard text.content.isEmpty else { return .decline() }
            try await Task.sleep(for: .seconds(3600))
            return .decline()
        },
    ]

    @Test("catch a responder that breaks them", arguments: sins)
    func caught(sin: Sin) async throws {
        let subject = ResponderSubject(deadline: .milliseconds(sin.description == "no answer" ? 50 : 10_000)) {
            Made(sin.body)
        }
        let failure = await #expect(throws: ContractFailure.self) { try await ResponderContract.check(subject) }
        #expect(failure?.message.contains(sin.words) == true, "\(failure?.message ?? "")")
    }

    @Test("catch work that is done twice for one text")
    func twice() async throws {
        final class Count: Sendable { let value = Mutex(0) }
        let count = Count()
        let subject = ResponderSubject(sideEffects: { count.value.withLock { $0 } }) {
            Made { _ in
                count.value.withLock { $0 += 1 }
                return .reply("booked")
            }
        }
        let failure = await #expect(throws: ContractFailure.self) { try await ResponderContract.check(subject) }
        #expect(failure?.message.contains("1 times more") == true)
    }

    @Test("are kept by a responder that does nothing wrong")
    func good() async throws {
        try await ResponderContract.check(ResponderSubject { Made { .reply("re: \($0.uid)") } })
    }

    @Test("the harness prints what a responder decides")
    func harness() async throws {
        final class Lines: Sendable { let all = Mutex<[String]>([]) }
        let lines = Lines()
        try await ResponderHarness.run(Made.self, texts: ["hello", ""]) { line in lines.all.withLock { $0.append(line) }
        }
        #expect(lines.all.withLock { $0 } == ["> hello", "declines", "> ", "declines"])
    }
}
