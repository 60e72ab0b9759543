import Foundation
import GatewayCore
import Hummingbird

/// `/api/v1/status`, `/api/v1/fleet`, `/api/v1/modems`, `/api/v1/plugins`.
struct GatewayRoutes {
    let control: any GatewayControl

    func add(to router: RouterGroup<BasicRequestContext>) {
        router.get("status") { _, _ in try Answer.json(await control.status()) }
        router.get("fleet") { _, _ in try Answer.json(try await control.fleet()) }
        router.get("plugins") { _, _ in try Answer.json(await control.plugins()) }
        router.post("plugins/reload") { request, _ in
            let wanted = try await Answer.read(PluginReloadRequest.self, from: request)
            return try Answer.json(try await control.reloadPlugins(wanted.name))
        }
        router.get("plugins/{name}/logs") { request, context in
            let written = try context.parameters.require("name")
            let after = request.uri.queryParameters.get("after").map { Int($0) ?? -1 } ?? 0
            guard after >= 0 else { throw GatewayError(.invalid, "the query parameter \"after\" is a line's number") }
            let lines = try await control.pluginLog(written.removingPercentEncoding ?? written, after: after)
            return try Answer.json(PluginLogPage(lines: lines))
        }
        router.get("modems") { _, _ in try Answer.json(await control.modems()) }
        router.post("modems/{imei}/resume") { request, context in
            try await Answer.readNothing(from: request)
            let written = try context.parameters.require("imei")
            return try Answer.json(try await control.resume(modem: written.removingPercentEncoding ?? written))
        }
        router.post("modems/probe") { request, _ in
            try await Answer.readNothing(from: request)
            return try Answer.json(try await control.ports())
        }
        router.post("modems/{imei}/reset") { request, context in
            let wanted = try await Answer.read(ModemResetRequest.self, from: request)
            let written = try context.parameters.require("imei")
            let step = wanted.step ?? "restart"
            try await control.reset(modem: written.removingPercentEncoding ?? written, step: step)
            return try Answer.json(ModemResetRequest(step: step))
        }
        router.post("modems/{imei}/ussd") { request, context in
            let wanted = try await Answer.read(USSDRequest.self, from: request)
            guard (wanted.code != nil) != (wanted.cancel == true) else {
                throw GatewayError(.invalid, "give \"code\", as *100#, or \"cancel\": true")
            }
            let written = try context.parameters.require("imei")
            return try Answer.json(
                try await control.ussd(modem: written.removingPercentEncoding ?? written, code: wanted.code))
        }
        router.get("modems/{imei}/trace") { request, context in
            let written = try context.parameters.require("imei")
            let after = request.uri.queryParameters.get("after").map { Int($0) ?? -1 } ?? 0
            guard after >= 0 else { throw GatewayError(.invalid, "the query parameter \"after\" is an entry's number") }
            return try Answer.json(
                try await control.trace(modem: written.removingPercentEncoding ?? written, after: after))
        }
        router.post("modems/{imei}/at") { request, context in
            let wanted = try await Answer.read(ATRequest.self, from: request)
            // A port's path, where one stands for the IMEI, comes with its slashes escaped.
            let written = try context.parameters.require("imei")
            let lines = try await control.at(modem: written.removingPercentEncoding ?? written, command: wanted.command)
            return try Answer.json(ATReply(lines: lines))
        }
    }
}
