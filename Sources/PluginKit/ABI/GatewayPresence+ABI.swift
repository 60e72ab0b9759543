package import CPluginABI

extension GatewayPresence: ABIValue {
    package func cForm(in arena: inout Arena) -> conductor_gateway_presence {
        conductor_gateway_presence(
            struct_size: UInt32(sizeOf: conductor_gateway_presence.self), modems: modems, gateway: arena.slice(gateway),
            version: arena.slice(version), sims: arena.array(sims), seen_ms: seen.milliseconds, claimed: claimed,
            sending: sending)
    }

    package init(_ form: conductor_gateway_presence) throws(PluginError) {
        self.init(
            gateway: String(form.gateway), version: String(form.version), sims: try [String](form.sims),
            modems: form.modems, seen: Timestamp(milliseconds: form.seen_ms), claimed: form.claimed,
            sending: form.sending)
    }
}

/// The gateways of a storage, as they cross.
package struct FleetReply: ABIValue {
    package var gateways: [GatewayPresence]

    package init(gateways: [GatewayPresence]) { self.gateways = gateways }

    package func cForm(in arena: inout Arena) -> conductor_fleet_reply {
        conductor_fleet_reply(
            struct_size: UInt32(sizeOf: conductor_fleet_reply.self), flags: 0, gateways: arena.array(gateways))
    }

    package init(_ form: conductor_fleet_reply) throws(PluginError) {
        gateways = try [GatewayPresence](form.gateways)
    }
}
