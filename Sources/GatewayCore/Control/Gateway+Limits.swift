internal import ModemKit
internal import PluginKit

extension Gateway {
    /// How far ahead a text may be planned.
    private static let aheadMilliseconds: Int64 = 366 * 86_400_000

    /// A person who names a time means one to come; some seconds may go by on the way here. A plugin's `notBefore` may
    /// be past: it is only a bound.
    static func check(_ request: SendRequest, now: Timestamp) throws(GatewayError) {
        guard let at = request.at, request.origin?.hasPrefix("plugin:") != true else { return }
        guard at.milliseconds <= now.milliseconds + aheadMilliseconds else {
            throw GatewayError(.invalid, "\"at\" is more than a year ahead: \(at)")
        }
        guard at.milliseconds >= now.milliseconds - 60_000 else {
            throw GatewayError(.invalid, "\"at\" is in the past: it was \(at), and it is \(now)")
        }
    }

    /// Why a text whose time has come does not leave; nil where nothing of policy stands in its way.
    func obstacle(to uid: String) async -> String? {
        guard let text = try? journal.read({ try OutgoingText.find(uid, $0) }), text.state == .waiting,
            text.notBefore.map({ $0 <= clock.now }) ?? true
        else { return nil }
        return await outbound.obstacle(to: text)
    }

    /// Lets a paused SIM send again.
    public func resume(modem name: String) async throws(GatewayError) -> LimitUse {
        let known = fleet.modems
        let sims = await outbound.limitUse.map(\.sim)
        let modem = known.first { $0.id.rawValue == name || $0.port == name || $0.imsi == name }
        guard let sim = modem?.sim?.rawValue ?? sims.first(where: { $0 == name }) else {
            throw GatewayError(
                .notFound,
                sims.isEmpty ? "there is no SIM" : "there is no such SIM; there is: \(sims.joined(separator: ", "))")
        }
        let wasPaused: Bool
        do {
            wasPaused = try await outbound.resume(sim)
        } catch {
            throw GatewayError(.unavailable, "\(error)")
        }
        guard wasPaused else { throw GatewayError(.refused, "SIM \(sim) is not paused") }
        guard let use = await outbound.limitUse.first(where: { $0.sim == sim }) else {
            return LimitUse(
                sim: sim, minute: 0, perMinute: nil, day: 0, perDay: nil, recipients: 0, recipientsPerDay: nil,
                paused: nil)
        }
        return use
    }
}
