public import ModemKit

/// Words with the modems.
extension Gateway {
    public func modems() async -> [ModemSnapshot] {
        fleet.modems
    }

    public func at(modem: String, command: String) async throws(GatewayError) -> [String] {
        let id = try attached(modem)
        guard !command.uppercased().contains("CMGS") && !command.uppercased().contains("CMGD") else {
            throw GatewayError(
                .refused,
                "AT+CMGS and AT+CMGD are the gateway's own: use `conductor send`; texts are deleted when "
                    + "they are safe")
        }
        do {
            return try await fleet.command(command, on: id, timeout: .seconds(30))
        } catch {
            throw GatewayError(.unavailable, "\(error)")
        }
    }

    public func ports() async throws(GatewayError) -> [PortReport] {
        await fleet.look()
    }

    public func reset(modem: String, step: String) async throws(GatewayError) {
        guard let step = RecoveryStep(rawValue: step) else {
            let known = RecoveryStep.allCases.map(\.rawValue).joined(separator: ", ")
            throw GatewayError(.invalid, "there is no step \(step); there are: \(known)")
        }
        let id = try attached(modem)
        do {
            try await fleet.reset(id, by: step)
        } catch {
            throw GatewayError(.refused, "\(error)")
        }
    }

    public func ussd(modem: String, code: String?) async throws(GatewayError) -> USSDAnswer {
        let id = try attached(modem)
        do {
            guard let code else {
                try await fleet.endUSSD(on: id)
                return USSDAnswer(state: .ended, text: "")
            }
            let reply = try await fleet.ussd(code, on: id, timeout: .seconds(60))
            return USSDAnswer(state: reply.state, text: reply.text)
        } catch {
            throw GatewayError(error.code == .notAllowed ? .invalid : .unavailable, "\(error)")
        }
    }

    public func trace(modem: String, after number: Int) async throws(GatewayError) -> TraceReport {
        let known = fleet.modems.first { $0.id.rawValue == modem || $0.port == modem }
        if let known, let trace = await fleet.trace(known.id, after: number) { return TraceReport(trace) }
        if let trace = await fleet.trace(ofPort: modem, after: number) { return TraceReport(trace) }
        // Says which modems there are.
        _ = try attached(modem)
        throw GatewayError(.notFound, "nothing is kept of \(modem)")
    }

    private func attached(_ name: String) throws(GatewayError) -> ModemID {
        let known = fleet.modems
        if let id = known.first(where: { $0.id.rawValue == name || $0.port == name })?.id { return id }
        let names = known.map(\.id.rawValue).joined(separator: ", ")
        throw GatewayError(
            .notFound, names.isEmpty ? "there is no modem" : "there is no modem \(name); there is: \(names)")
    }
}

/// What the network said to a USSD code.
public struct USSDAnswer: Sendable, Hashable, Codable {
    /// `asks`: the network waits for an answer, which is sent like a code; `done`, `ended`: it said all.
    public var state: USSDReply.State
    public var text: String

    public init(state: USSDReply.State, text: String) {
        self.state = state
        self.text = text
    }
}
