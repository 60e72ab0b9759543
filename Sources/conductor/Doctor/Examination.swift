import ConsoleServer
import GatewayCore
import PluginHost
import PluginKit
import Settings

/// Gathers what the checks look at, from the real machine.
enum Examination {
    static func patient(config: String?) async -> Patient {
        let environment = ["CONDUCTOR_CONFIG", "STATE_DIRECTORY", "XDG_STATE_HOME", "HOME"]
            .reduce(into: [String: String]()) { $0[$1] = Terminal.variable($1) }
        let configuration: Result<GatewayConfiguration, ConfigurationError>
        do {
            configuration = .success(try GatewayConfiguration.load(path: config, environment: environment))
        } catch {
            configuration = .failure(error)
        }
        let (status, absence) = answer(config: config)
        let settings = try? configuration.get()
        let folder =
            status?.stateFolder ?? settings?.stateFolder
            ?? GatewayConfiguration.defaultStateFolder(environment: environment)
        let state = (try? StateFolder.absolute(folder)) ?? folder
        let plugins = status?.pluginsFolder ?? settings?.pluginsFolder ?? "/etc/conductor/plugins.d"
        let dropIns = DropInSummary.all(in: plugins, searchPath: BundledPlugins.folders)
        let files = try? KeepingFiles(config: config, state: state)
        var patient = Patient(
            machine: Machine(), status: status, absence: absence, configuration: configuration, stateFolder: state,
            pluginsFolder: plugins, dropIns: dropIns)
        patient.refused = await refused(dropIns, in: plugins)
        patient.databases = OfflineState(folder: state, messagesFile: files?.messagesFile).facts()
        patient.publicReach = await PublicReach.of(dropIns, stateFolder: state)
        patient.socketHolder = ControlSocket.holder(of: patient.socket)
        if status != nil { patient.customersZone = customersZone(config: config) }
        patient.worker = PluginHost.Configuration.usualWorkerPath
        return patient
    }

    private static func answer(config: String?) -> (GatewayStatus?, CommandFailure?) {
        do throws(CommandFailure) {
            let path = try GatewayAddress.find(config: config)
            return (try GatewayClient(http: HTTPSocket(path: path)).status(), nil)
        } catch {
            return (nil, error)
        }
    }

    private static func customersZone(config: String?) -> String? {
        guard let path = try? GatewayAddress.find(config: config),
            let wish = try? CustomerRulesRequest([:], dryRun: true)
        else { return nil }
        let rules = try? GatewayClient(http: HTTPSocket(path: path)).customerRules(wish).differences
        return rules?.first { $0.column == CustomerRule.zone.rawValue }?.after
    }

    /// Drop-ins that read well and whose library would not be loaded.
    private static func refused(_ dropIns: [DropInSummary], in folder: String) async -> [String: String] {
        var refused: [String: String] = [:]
        for dropIn in dropIns where dropIn.isEnabled && dropIn.problem == nil && dropIn.libraryProblem == nil {
            guard let file = DropInFile(path: "\(folder)/\(dropIn.fileName)") else { continue }
            if let check = try? await file.check(searchPath: BundledPlugins.folders), !check.isLoadable {
                refused[dropIn.fileName] = check.problem ?? "without a reason"
            }
        }
        return refused
    }
}
