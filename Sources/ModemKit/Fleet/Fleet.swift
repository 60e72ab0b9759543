public import Logging
import Synchronization

/// All modems of a gateway: found, identified, brought up, served and looked for again when they are gone.
public final class Fleet: Sendable {
    private let configuration: FleetConfiguration
    private let delegate: any FleetDelegate
    private let logger: Logger
    let core = Mutex<FleetCore?>(nil)

    /// Nothing happens before `start`.
    public init(configuration: FleetConfiguration, delegate: any FleetDelegate, logger: Logger) {
        self.configuration = configuration
        self.delegate = delegate
        self.logger = logger
    }

    /// Starts the thread of the ports, the udev monitor (unless `useUdev` is false) and the configured ports. Problems
    /// with single ports are told to the delegate. Any thread. Once; a second call does nothing.
    public func start() throws {
        let made = FleetCore(
            loop: try EventLoop(), configuration: configuration, delegate: delegate, logger: logger)
        let isFirst = core.withLock { core in
            guard core == nil else { return false }
            core = made
            return true
        }
        guard isFirst else { return }
        // Ends at once; it cannot be awaited here, and its failures go to the delegate.
        Task { await made.start() }
    }

    /// Ends the commands under way (for `timings.stop` at most), closes the ports and forgets the modems. Any thread.
    public func stop() async {
        guard let core = core.withLock({ $0 }) else { return }
        await core.stop()
        self.core.withLock { $0 = nil }
    }

    /// Every modem that was met since the start, those that are gone included. Any thread.
    public var modems: [ModemSnapshot] {
        core.withLock { $0 }.map { core in
            core.modems.withLock { Array($0.values) }
                .map { modem in modem.published.withLock { $0 } }
                .sorted { $0.id.rawValue < $1.id.rawValue }
        } ?? []
    }

    func modem(_ id: ModemID) -> Modem? {
        core.withLock { $0 }.flatMap { core in core.modems.withLock { $0[id] } }
    }

    /// Sends one part. AT+CMGS=n goes out at once; the PDU is written when both the prompt and `permit` are there.
    ///
    /// `permit` is called when the modem's turn is ours, at most once, on the thread of the ports: it must suspend, not
    /// block. When it throws, ESC is written and the outcome is `.notSent`. The final result may take 120 s.
    public func submit(
        _ submission: Submission, to modem: ModemID, permit: @escaping @Sendable () async throws -> Void
    ) async -> SubmissionOutcome {
        guard let modem = self.modem(modem) else { return .notSent(reason: "no such modem is attached") }
        return await modem.submit(submission, permit: permit)
    }

    /// Sends one AT command for a person and returns the lines of its answer, without the final result.
    ///
    /// Commands that open a prompt, send a text or dial are not let through (`.notAllowed`).
    public func command(_ command: String, on modem: ModemID, timeout: Duration) async throws(ModemError) -> [String] {
        let command = try CommandLine.checked(command)
        guard let modem = self.modem(modem) else { throw ModemError(.noSuchModem, "No such modem is attached") }
        let reply = await modem.command(command, timeout: timeout)
        switch reply.result {
        case .ok: return reply.texts
        case .timedOut: throw ModemError(.timedOut, "The modem did not answer in time")
        case .gone: throw ModemError(.portGone, "The modem is not attached any more")
        case .error, .cms, .cme:
            throw ModemError(.refused(reply.result.words), "The modem answered: \(reply.result.words)")
        }
    }
}

extension Fleet {
    /// Looks for modems again, and tells how every port stands. Takes as long as the slowest port, at most `limit`.
    public func look(within limit: Duration = .seconds(10)) async -> [PortReport] {
        guard let core = core.withLock({ $0 }) else { return [] }
        return await core.look(within: limit)
    }

    /// Takes a step with a modem that a person asks for; it is begun when this returns.
    public func reset(_ modem: ModemID, by step: RecoveryStep) async throws(ModemError) {
        guard let modem = self.modem(modem) else { throw ModemError(.noSuchModem, "No such modem is attached") }
        guard await modem.ask(for: step) else {
            throw ModemError(
                .notAllowed,
                "This modem cannot be reset by \(step.rawValue): it is not attached, or not by a USB port "
                    + "that we know")
        }
    }

    /// Sends a USSD code as `*100#`, or an answer to what the network asked, and returns what the network says.
    public func ussd(_ code: String, on modem: ModemID, timeout: Duration) async throws(ModemError) -> USSDReply {
        guard (1...182).contains(code.count) else {
            throw ModemError(.notAllowed, "A USSD code has 1 to 182 characters")
        }
        guard let modem = self.modem(modem) else { throw ModemError(.noSuchModem, "No such modem is attached") }
        return try await modem.ussd(code, timeout: timeout)
    }

    /// Ends the USSD session of a modem. Harmless when there is none.
    public func endUSSD(on modem: ModemID) async throws(ModemError) {
        guard let modem = self.modem(modem) else { throw ModemError(.noSuchModem, "No such modem is attached") }
        _ = await modem.endUSSD()
    }
}

/// What a person may send to a modem.
enum CommandLine {
    /// Whether settings may be others afterwards: not after a question.
    static func changesSettings(_ command: String) -> Bool {
        let upper = command.uppercased()
        // A USSD code changes nothing of the modem's.
        let asks = upper.hasSuffix("?") || upper.hasPrefix("AT+CUSD=")
        return !asks && (upper.contains("=") || upper.contains("&") || upper.hasPrefix("ATZ"))
    }

    static func checked(_ command: String) throws(ModemError) -> String {
        let bytes = Array(command.utf8)
        let upper = command.uppercased()
        guard upper.hasPrefix("AT"), bytes.count <= 512, bytes.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) else {
            throw ModemError(.notAllowed, "A command is one line of plain characters that begins with AT")
        }
        let compact = upper.filter { $0 != " " }
        for word in ["+CMGS", "+CMGW", "+CMGC", "+CMSS", "+CNMA", "+CMGF=1"] where compact.contains(word) {
            throw ModemError(.notAllowed, "AT\(word) would disturb the gateway's own dialogue with the modem")
        }
        for word in ["ATD", "ATA", "ATO", "ATE1"] where compact.hasPrefix(word) {
            throw ModemError(.notAllowed, "\(word) would disturb the gateway's own dialogue with the modem")
        }
        return command
    }
}
