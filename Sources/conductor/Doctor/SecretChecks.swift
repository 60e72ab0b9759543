import PluginHost
import Settings

extension DoctorCheck {
    /// Who else may read or change what should be known to the gateway alone (C1).
    static let secretChecks: [DoctorCheck] = [
        DoctorCheck("config.secrets", .configuration) { patient in
            secretFiles(patient).flatMap { secret in findings(secret, patient) } + misplaced(patient)
        },
        DoctorCheck("config.inline", .configuration) { patient in
            patient.dropIns.flatMap { dropIn -> [Finding] in
                let path = "\(patient.pluginsFolder)/\(dropIn.fileName)"
                var findings: [Finding] = []
                if dropIn.secrets.isInArguments {
                    findings.append(
                        Finding(
                            .wrong,
                            "\(dropIn.fileName) gives its program a secret as an argument, which everybody on this "
                                + "machine may see (ps)",
                            cure: "write it below `settings:`, which the program gets in its first line, or into a file"
                        ))
                }
                let mode = patient.machine.facts(path)?.mode ?? 0
                if let setting = dropIn.secrets.inline.first, mode & 0o007 != 0 {
                    findings.append(
                        Finding(
                            .wrong, "everybody on this machine may read \(path), and the secret in it (\(setting))",
                            cure: "chmod o-rwx \(path), or write the secret into a file of its own and name that"))
                }
                return findings
            }
        },
        DoctorCheck("state.secrets", .state) { patient in
            let folder = patient.stateFolder + "/backups"
            let backups = patient.machine.names(in: folder).filter { $0.hasSuffix(".tar") }.map { "\(folder)/\($0)" }
            var findings: [Finding] = []
            let key = patient.stateFolder + "/erased.key"
            if let facts = patient.machine.facts(key), facts.mode & 0o077 != 0 {
                findings.append(
                    Finding(
                        .wrong, "others may read \(key), by which erased people's numbers could be found again",
                        cure: "chmod 600 \(key)"))
            }
            let open = backups.filter { patient.machine.facts($0).map { $0.mode & 0o077 != 0 } ?? false }
            if let first = open.first {
                let more = open.count > 1 ? " and \(open.count - 1) more" : ""
                findings.append(
                    Finding(
                        .wrong, "others may read the backup \(first)\(more): all texts and \"erased.key\" are in it",
                        cure: "chmod 600 \(folder)/*.tar"))
            }
            return findings
        },
    ]

    private struct SecretFile {
        var path: String
        /// What is in it.
        var what: String
        var isPublic = false
        /// Something that is in use asks for it.
        var isWanted = true
    }

    private static func findings(_ secret: SecretFile, _ patient: Patient) -> [Finding] {
        guard let facts = patient.machine.facts(secret.path) else {
            guard secret.isWanted else { return [] }
            return [
                Finding(
                    secret.isPublic ? .hint : .wrong, "the secret \(secret.path) is not there",
                    cure: "write the \(secret.what) into it, then: chmod 600 \(secret.path)")
            ]
        }
        guard !facts.isFolder else {
            return [
                Finding(
                    .wrong, "\(secret.path) is a folder, and no file with a secret",
                    cure: "name the file: write the \(secret.what) into it, then: chmod 600 FILE")
            ]
        }
        var findings: [Finding] = []
        if facts.mode & 0o077 != 0 {
            findings.append(
                Finding(
                    secret.isPublic ? .hint : .wrong, "others may read the secret \(secret.path)",
                    cure: "chmod 600 \(secret.path)"))
        }
        let folder = secret.path.lastIndex(of: "/").map { secret.path[..<$0] }.map { $0.isEmpty ? "/" : String($0) }
        // With the sticky bit, files are their owners' alone.
        if let folder, let mode = patient.machine.facts(folder)?.mode, mode & 0o1002 == 0o002 {
            findings.append(
                Finding(
                    .wrong,
                    "everybody may change the folder \(folder), and put another file into the place of a secret",
                    cure: "chmod o-w \(folder)"))
        }
        return findings.isEmpty ? [Finding(.fine, "\(secret.path) is read by its owner only")] : findings
    }

    /// Files with secrets, absolute: of conductor.yaml, and of drop-ins, also of those that are switched off.
    private static func secretFiles(_ patient: Patient) -> [SecretFile] {
        let pins = (try? patient.configuration.get().modems.compactMap(\.pinFile)) ?? []
        let named = patient.dropIns.flatMap { dropIn in
            dropIn.secrets.files.filter { !$0.isSecretItself }.map { file in
                let word = file.setting.dropLast("_file".count).split(separator: "_").last
                return SecretFile(
                    path: file.path.hasPrefix("/") ? file.path : "\(patient.stateFolder)/\(file.path)",
                    what: word.map(String.init) ?? "secret", isPublic: file.isPublic, isWanted: dropIn.isEnabled)
            }
        }
        var seen: Set<String> = []
        return (pins.map { SecretFile(path: $0, what: "PIN") } + named).filter { seen.insert($0.path).inserted }
    }

    private static func misplaced(_ patient: Patient) -> [Finding] {
        patient.dropIns.flatMap { dropIn in
            dropIn.secrets.files.filter(\.isSecretItself).map { file in
                Finding(
                    .wrong,
                    "\(dropIn.fileName): a secret stands at \(file.setting), where the name of its file is meant",
                    cure: "write it into a file of mode 0600, name that, and have a new one made: this one was readable"
                )
            }
        }
    }
}
