internal import FaultPoints
internal import Logging
internal import PluginKit

/// Reads the journal's undecided texts and has the responders decide: many senders at once, each sender's texts one
/// after the other. It waits for nobody but the responders: with storage away, people are still answered.
actor ResponderFeed {
    /// Texts that are with the responders at once.
    static let width = 32

    private let inbound: InboundPath
    private let chain: ResponderChain
    private let console: ConsoleStore
    private let logger: Logger
    /// Takes the texts to send.
    private let onReply: @Sendable (OutgoingText) async -> Void

    /// Texts that are being decided, by uid.
    private var taken: Set<String> = []
    /// Senders being served, each with its further texts.
    private var senders: [String: Line<InboundText>] = [:]
    private let wakes = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    init(
        inbound: InboundPath, chain: ResponderChain, console: ConsoleStore, logger: Logger,
        onReply: @escaping @Sendable (OutgoingText) async -> Void
    ) {
        self.inbound = inbound
        self.chain = chain
        self.console = console
        self.logger = logger
        self.onReply = onReply
    }

    /// The journal has new texts.
    nonisolated func wake() {
        wakes.continuation.yield()
    }

    /// Ends `run` once the texts being decided are decided.
    nonisolated func stop() {
        wakes.continuation.finish()
    }

    func run() async {
        // What an earlier run left undecided waits for the next one.
        guard !inbound.policy.observes else { return }
        await withDiscardingTaskGroup { group in
            wake()
            for await _ in wakes.stream {
                do {
                    for text in try inbound.undecided(limit: 2 * Self.width) where begin(text) {
                        group.addTask { await self.serve(text) }
                    }
                } catch {
                    logger.error("the journal could not be read", metadata: ["reason": "\(error)"])
                }
            }
        }
    }

    /// True when the text is new here and its sender idle: it is to be served now.
    private func begin(_ text: InboundText) -> Bool {
        guard taken.count < Self.width, taken.insert(text.uid).inserted else { return false }
        if senders[text.phone] != nil {
            senders[text.phone]?.append(text)
            return false
        }
        senders[text.phone] = Line([])
        return true
    }

    private func serve(_ first: InboundText) async {
        var next: InboundText? = first
        while let text = next {
            await write(await decide(text), for: text)
            taken.remove(text.uid)
            next = senders[text.phone]?.popFirst()
        }
        senders[first.phone] = nil
        wake()
    }

    /// Asks the responders, unless a person has taken this conversation over.
    private func decide(_ text: InboundText) async -> ResponderChain.Verdict {
        do {
            if let until = try await console.arrived(text.phone, now: inbound.clock.now) {
                return ResponderChain.Verdict(
                    summary: "no responder was asked: the bot is paused for this person until \(until)")
            }
        } catch {
            logger.warning("whether the bot is paused is not known", metadata: ["reason": "\(error.message)"])
        }
        return await chain.ask(about: text)
    }

    private func write(_ verdict: ResponderChain.Verdict, for text: InboundText) async {
        CrashPoint.reached("before decision")
        while !Task.isCancelled {
            do {
                let answer = try await inbound.decide(text, verdict)
                CrashPoint.reached("after decision")
                if let reply = answer {
                    inbound.events.emit(
                        "message.answered", reply.json(sim: reply.simWanted, state: reply.state.rawValue))
                    await onReply(reply)
                }
                return
            } catch {
                // The alarm about the journal stands already. Undecided in the journal, the next start would ask again.
                logger.debug("a decision waits for the journal", metadata: ["uid": "\(text.uid)"])
                do { try await inbound.clock.sleep(milliseconds: 1_000) } catch { return }
            }
        }
    }
}
