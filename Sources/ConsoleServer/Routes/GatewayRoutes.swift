import Foundation
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
            // A port's path, where one stands for the IMEI, comes with its slashes escaped.
            let written = try context.parameters.require("imei")
            let lines = try await control.at(modem: written.removingPercentEncoding ?? written, command: wanted.command)
            return try Answer.json(ATReply(lines: lines))
        }
    }
}
