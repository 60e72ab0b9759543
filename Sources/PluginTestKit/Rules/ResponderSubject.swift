public import PluginKit

/// A responder to be examined: how to make one, and how long it may take.
public struct ResponderSubject: Sendable {
    let deadline: Duration
    let sideEffects: (@Sendable () async throws -> Int)?
    let make: @Sendable () async throws -> any Responder

    /// - Parameters:
    ///   - deadline: what the drop-in's `deadline_ms` will be; no call may take longer.
    ///   - sideEffects: for a responder that promises to do its work (an order, a booking) once for each text: how often
    ///     it has been done so far. The rule of that promise is skipped without it.
    ///   - make: a new instance, not yet started, with the settings it is to be examined with. Called once for each rule.
    public init(
        deadline: Duration = .seconds(10), sideEffects: (@Sendable () async throws -> Int)? = nil,
        make: @escaping @Sendable () async throws -> any Responder
    ) {
        self.deadline = deadline
        self.sideEffects = sideEffects
        self.make = make
    }

    /// Makes one, starts it, runs `body`, stops it.
    func run(_ body: (Running) async throws -> Void) async throws {
        let plugin = try await make()
        try await Patience.within(deadline, "start") { try await plugin.start() }
        do {
            try await body(Running(plugin: plugin, deadline: deadline))
        } catch {
            await plugin.stop()
            throw error
        }
        try await Patience.within(deadline, "stop") { await plugin.stop() }
    }

    /// A started responder.
    struct Running: Sendable {
        let plugin: any Responder
        let deadline: Duration

        /// What it decides; checked to be a decision that the host can act on. nil where it fails in the way plugins may.
        @discardableResult
        func ask(_ text: InboundText, _ what: String) async throws -> Decision? {
            let (plugin, deadline) = (plugin, deadline)
            let decision: Decision
            do {
                decision = try await Patience.within(deadline, "the answer to \(what)") {
                    try await plugin.respond(to: text, context: Patience.context(deadline))
                }
            } catch let error as PluginError {
                try Discretion.check(error, about: text, what)
                return nil
            } catch let failure as ContractFailure {
                throw failure
            } catch {
                throw ContractFailure(
                    "\(what): it threw \(error); a PluginError says what the host should do, this one counts as a defect"
                )
            }
            try check(decision, text, what)
            return decision
        }

        private func check(_ decision: Decision, _ text: InboundText, _ what: String) throws {
            switch decision.kind {
            case .reply, .append, .draft:
                try expect(
                    decision.text.contains { !$0.isWhitespace },
                    "\(what): it decided \(decision.kind) with an empty text; decline instead")
            case .decline, .handOver:
                try expect(
                    decision.text.isEmpty, "\(what): it decided \(decision.kind), and its text would never be sent")
            }
            try expect(decision.costMicros >= 0, "\(what): a cost of \(decision.costMicros) is none")
            try Discretion.check(decision.reason, about: text, "\(what): the reason")
        }
    }
}

/// Numbers and texts of people have no place in what is logged.
enum Discretion {
    static func check(_ words: String, about text: InboundText, _ what: String) throws {
        try expect(
            text.phone.count < 6 || !words.contains(text.phone), "\(what) holds the number of the person who wrote")
        try expect(
            text.content.count < 12 || !words.contains(text.content), "\(what) holds the text of the person who wrote")
    }

    static func check(_ error: PluginError, about text: InboundText, _ what: String) throws {
        try expect(!error.message.isEmpty, "\(what): it failed without saying why")
        try check(error.message, about: text, "\(what): the error's message")
        if let delay = error.retryAfterMilliseconds {
            try expect(delay >= 0, "\(what): a retry after \(delay) ms is in the past")
        }
    }
}
