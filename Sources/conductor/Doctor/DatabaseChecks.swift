import GatewayCore

extension DoctorCheck {
    private static let largeBytes: Int64 = 4 << 30
    private static let largeLog: Int64 = 64 << 20

    /// journal.db, console.db, and the storage's file where it is one.
    static let databaseChecks: [DoctorCheck] = [
        each("files.damage") { database, _ in
            guard let damage = database.damage else { return Finding(.fine, "\(database.name) is whole") }
            return Finding(
                .wrong, "\(database.name) is damaged: \(damage)",
                cure: "sudo systemctl stop conductor, then: conductor storage repair (or restore a backup)")
        },
        each("files.empty") { database, patient in
            guard database.bytes == 0, patient.machine.exists("\(patient.stateFolder)/journal.id") else { return nil }
            return Finding(
                .wrong, "\(database.name) is empty where there was one",
                cure: "conductor storage restore FILE, with the newest of your backups")
        },
        each("files.newer") { database, _ in
            guard database.isNewer else { return nil }
            return Finding(
                .wrong, "\(database.name) was written by a later version of conductor",
                cure: "install that version again, or restore a backup of this one")
        },
        each("files.owner") { database, patient in
            guard let facts = patient.machine.facts(database.path), !patient.machine.mayUse(facts) else { return nil }
            return Finding(
                .wrong, "\(database.name) cannot be written by you",
                cure: "sudo chown \(patient.machine.userName(patient.machine.user)) \(database.path)*")
        },
        each("files.mode") { database, patient in
            guard let facts = patient.machine.facts(database.path), facts.mode & 0o007 != 0 else { return nil }
            return Finding(
                .wrong, "everybody on this machine may read \(database.name), which holds people's texts",
                cure: "sudo chmod o-rwx \(database.path)*")
        },
        each("files.log") { database, _ in
            guard database.logBytes > largeLog else { return nil }
            return Finding(
                .hint, "the log of \(database.name) has \(database.logBytes >> 20) MB: somebody reads it without end",
                cure: "end the program that has it open: fuser \(database.path)-wal")
        },
        each("files.size") { database, _ in
            guard database.bytes > largeBytes else { return nil }
            return Finding(
                .hint, "\(database.name) has \(HumanTime.count(database.bytes >> 30)) GB",
                cure: "keep texts for a shorter time, or move to a database server")
        },
        DoctorCheck("files.lock", .files) { patient in
            let path = "\(patient.stateFolder)/journal.lock"
            let others = patient.machine.holders(of: path).filter { $0.id != patient.status?.processID }
            return others.map {
                Finding(
                    .wrong, "\($0.name) (process \($0.id)) holds the journal, and does not answer as a gateway",
                    cure: "stop it: sudo kill \($0.id); a second gateway needs a state folder of its own")
            }
        },
        DoctorCheck("files.readers", .files) { patient in
            guard let database = patient.databases.first(where: { $0.name == "messages.db" }) else { return [] }
            return patient.machine.holders(of: database.path)
                .filter { $0.id != patient.status?.processID && !$0.name.hasPrefix("conductor") }
                .map {
                    Finding(
                        .fine, "\($0.name) (process \($0.id)) works with \(database.name), too")
                }
        },
    ]

    private static func each(
        _ id: String, _ look: @escaping @Sendable (DatabaseFacts, Patient) -> Finding?
    ) -> DoctorCheck {
        DoctorCheck(id, .files) { patient in patient.databases.compactMap { look($0, patient) } }
    }
}
