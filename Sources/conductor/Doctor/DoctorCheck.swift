/// One question the doctor asks.
struct DoctorCheck: Sendable {
    enum Group: String, Sendable, CaseIterable {
        case gateway = "Gateway"
        case modems = "Modems"
        case ports = "Serial ports"
        case state = "State folder"
        case files = "Databases"
        case configuration = "Configuration"
        case machine = "Machine"
    }

    /// Stable word, as `ports.held`.
    let id: String
    let group: Group
    /// Nothing where the question does not arise.
    let run: @Sendable (Patient) -> [Finding]

    init(_ id: String, _ group: Group, _ run: @escaping @Sendable (Patient) -> [Finding]) {
        self.id = id
        self.group = group
        self.run = run
    }

    /// Every check there is, in the order in which people read them.
    static let all: [DoctorCheck] =
        gatewayChecks + modemChecks + portChecks + stateChecks + databaseChecks + configurationChecks + secretChecks
        + machineChecks

    /// What all of them find.
    static func examine(_ patient: Patient, checks: [DoctorCheck] = all) -> [Finding] {
        checks.flatMap { check in
            check.run(patient).map { finding in
                var finding = finding
                finding.check = check.id
                finding.group = check.group.rawValue
                return finding
            }
        }
    }
}
