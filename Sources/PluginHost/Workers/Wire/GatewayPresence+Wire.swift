import PluginKit

extension GatewayPresence: WireValue {
    func write(to wire: inout WireWriter) {
        gateway.write(to: &wire)
        version.write(to: &wire)
        sims.write(to: &wire)
        modems.write(to: &wire)
        seen.write(to: &wire)
        claimed.write(to: &wire)
        sending.write(to: &wire)
    }
    init(from wire: inout WireReader) throws(WireError) {
        self.init(
            gateway: try wire.value(), version: try wire.value(), sims: try wire.value(), modems: try wire.value(),
            seen: try wire.value(), claimed: try wire.value(), sending: try wire.value())
    }
}
