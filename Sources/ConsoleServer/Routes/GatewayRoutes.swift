import GatewayCore
import Hummingbird

/// `/api/v1/status`, `/api/v1/modems`, `/api/v1/plugins`.
struct GatewayRoutes {
    let control: any GatewayControl

    func add(to router: RouterGroup<BasicRequestContext>) {
        router.get("status") { _, _ in try Answer.json(await control.status()) }
        router.get("plugins") { _, _ in try Answer.json(await control.plugins()) }
        router.get("modems") { _, _ in try Answer.json(await control.modems()) }
        router.post("modems/{imei}/at") { request, context in
            let wanted = try await Answer.read(ATRequest.self, from: request)
            let lines = try await control.at(modem: context.parameters.require("imei"), command: wanted.command)
            return try Answer.json(ATReply(lines: lines))
        }
    }
}
