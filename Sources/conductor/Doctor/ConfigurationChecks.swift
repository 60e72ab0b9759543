import PluginHost
import Settings

extension DoctorCheck {
    /// conductor.yaml and plugins.d.
    static let configurationChecks: [DoctorCheck] = [
        DoctorCheck("config.read", .configuration) { patient in
            switch patient.configuration {
            case .success(let settings):
                return [
                    Finding(.fine, settings.file.map { "\($0) is right" } ?? "no conductor.yaml: the defaults serve")
                ]
            case .failure(let error):
                return [
                    Finding(
                        .wrong, error.description,
                        cure: "mend that line; `conductor config check` tells whether it is right")
                ]
            }
        },
        DoctorCheck("storage.public", .configuration) { patient in
            patient.publicReach.flatMap { reach -> [Finding] in
                var findings: [Finding] = []
                if !reach.open.isEmpty {
                    findings.append(
                        Finding(
                            .wrong,
                            "anybody who has the public key reads the project of \(reach.dropIn): "
                                + reach.open.joined(separator: ", "),
                            cure:
                                "conductor storage migrate --step report, then conductor storage migrate --step lock-down"
                        ))
                }
                if let problem = reach.problem {
                    findings.append(
                        Finding(
                            .hint,
                            "what the public key reads of the project of \(reach.dropIn) is not known: \(problem)",
                            cure: "mend that, then run conductor doctor again"))
                }
                if findings.isEmpty {
                    findings.append(Finding(.fine, "the public key reads nothing of the project of \(reach.dropIn)"))
                }
                return findings
            }
        },
        DoctorCheck("config.writable", .configuration) { patient in
            guard case .success(let settings) = patient.configuration else { return [] }
            return ([settings.file].compactMap { $0 } + [patient.pluginsFolder]).compactMap { path in
                guard let facts = patient.machine.facts(path), facts.mode & 0o002 != 0 else { return nil }
                return Finding(
                    .wrong, "everybody may change \(path), and with it what the gateway runs",
                    cure: "sudo chmod o-w \(path)")
            }
        },
        DoctorCheck("plugins.folder", .configuration) { patient in
            if patient.machine.facts(patient.pluginsFolder)?.isFolder == true {
                return [Finding(.fine, "drop-ins are read from \(patient.pluginsFolder)")]
            }
            return [
                Finding(
                    .wrong, "there is no folder \(patient.pluginsFolder): no storage, no answers",
                    cure: "sudo mkdir -p \(patient.pluginsFolder), and copy plugins.d/*.yaml into it")
            ]
        },
        DoctorCheck("plugins.broken", .configuration) { patient in
            patient.dropIns.compactMap { dropIn in
                dropIn.problem.map {
                    Finding(
                        .wrong, $0,
                        cure: "mend that line: the running one stays until then; conductor plugins check FILE")
                }
            }
        },
        DoctorCheck("plugins.storage", .configuration) { patient in
            let storages = patient.dropIns.filter {
                $0.isEnabled && ["sqlite", "supabase", "postgres"].contains($0.plugin ?? "")
            }
            guard !patient.dropIns.isEmpty else { return [] }
            if storages.count == 1 { return [Finding(.fine, "one storage is enabled: \(storages[0].plugin ?? "")")] }
            if storages.isEmpty {
                // A storage that somebody brought goes by its own name.
                let foreign = patient.dropIns.contains { $0.isEnabled && $0.plugin?.contains("/") == true }
                return foreign
                    ? []
                    : [
                        Finding(
                            .wrong, "no storage is enabled: texts stay in the journal",
                            cure: "conductor plugins enable sqlite")
                    ]
            }
            return [
                Finding(
                    .wrong,
                    "\(storages.count) storages are enabled: \(storages.map(\.fileName).joined(separator: ", "))",
                    cure: "switch all but one off, as by: conductor plugins disable \(storages[1].plugin ?? "")")
            ]
        },
        DoctorCheck("plugins.library", .configuration) { patient in
            patient.dropIns.filter(\.isEnabled).compactMap { dropIn in
                dropIn.libraryProblem.map {
                    Finding(
                        .wrong, "\(dropIn.fileName): \($0)",
                        cure: "install the library, or: conductor plugins disable \(dropIn.fileName)")
                }
            }
        },
        DoctorCheck("plugins.abi", .configuration) { patient in
            patient.refused.sorted { $0.key < $1.key }.map {
                Finding(
                    .wrong, "\($0.key) would not be loaded: \($0.value)", cure: "build it anew with this version's SDK")
            }
        },
        DoctorCheck("plugins.worker", .configuration) { patient in
            if patient.worker != nil { return [Finding(.fine, "conductor-worker is there")] }
            return [
                Finding(
                    .wrong, "conductor-worker is not there: plugins that run apart cannot be started",
                    cure: "install it beside conductor, or in libexec: make install")
            ]
        },
    ]
}
