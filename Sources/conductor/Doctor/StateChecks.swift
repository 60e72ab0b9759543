import PluginKit

extension DoctorCheck {
    /// Below this the journal soon cannot commit.
    private static let leastBytes: UInt64 = 200 << 20
    private static let leastInodes: UInt64 = 1_000
    /// File systems whose locks are another machine's word, or none.
    private static let networks = [
        "nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "ceph", "lustre", "sshfs", "fuse.sshfs",
    ]

    /// The folder that everything is kept in.
    static let stateChecks: [DoctorCheck] = [
        DoctorCheck("state.folder", .state) { patient in
            guard let facts = patient.machine.facts(patient.stateFolder) else {
                return [
                    Finding(
                        .hint, "the state folder \(patient.stateFolder) does not exist yet",
                        cure: "`conductor run` makes it")
                ]
            }
            if facts.isFolder { return [Finding(.fine, "the state folder is \(patient.stateFolder)")] }
            return [
                Finding(
                    .wrong, "\(patient.stateFolder) is no folder",
                    cure: "mv \(patient.stateFolder) \(patient.stateFolder).old, or name another: gateway.state_dir")
            ]
        },
        folder("state.owner") { patient, facts in
            guard !patient.machine.mayUse(facts) else { return Finding(.fine, "the state folder may be written") }
            let owner = patient.machine.userName(facts.user)
            return Finding(
                .wrong, "the state folder cannot be written by you: it belongs to \(owner)",
                cure: "sudo -u \(owner) conductor doctor, or: sudo chown -R "
                    + "\(patient.machine.userName(patient.machine.user)) \(patient.stateFolder)")
        },
        folder("state.mode") { patient, facts in
            guard facts.mode & 0o007 != 0 else { return Finding(.fine, "nobody else enters the state folder") }
            return Finding(
                .wrong, "everybody on this machine may enter the state folder, which holds people's texts",
                cure: "sudo chmod o-rwx \(patient.stateFolder)")
        },
        folder("state.space") { patient, _ in
            guard let disk = patient.machine.disk(patient.stateFolder) else { return nil }
            let text = "\(HumanTime.count(Int64(clamping: disk.freeBytes >> 20))) MB free in the state folder"
            if disk.freeBytes >= leastBytes { return Finding(.fine, text) }
            return Finding(
                .wrong, "only \(text)",
                cure: "free some space: when the disk is full, texts stay in the modems and nothing is sent")
        },
        folder("state.inodes") { patient, _ in
            guard let disk = patient.machine.disk(patient.stateFolder), disk.inodes > 0, disk.freeInodes < leastInodes
            else { return nil }
            return Finding(
                .wrong, "only \(disk.freeInodes) more files can be made in the state folder",
                cure: "remove many small files from its disk: df -i \(patient.stateFolder)")
        },
        folder("state.readonly") { patient, _ in
            guard patient.machine.disk(patient.stateFolder)?.isReadOnly == true else { return nil }
            return Finding(
                .wrong, "the state folder's disk is mounted read-only, as the kernel does after errors",
                cure: "look at the end of `sudo dmesg`; then: sudo mount -o remount,rw \(patient.stateFolder)")
        },
        folder("state.filesystem") { patient, _ in
            guard let kind = patient.machine.fileSystem(of: patient.stateFolder) else { return nil }
            if networks.contains(kind) {
                return Finding(
                    .wrong, "the state folder is on a network (\(kind)): SQLite's locks and logs do not work there",
                    cure: "name a folder on a disk of this machine: gateway.state_dir in conductor.yaml")
            }
            guard kind == "tmpfs" else { return Finding(.fine, "the state folder is on a disk of this machine") }
            return Finding(
                .hint, "the state folder is in memory (tmpfs): everything is gone when the machine stops",
                cure: "name a folder on a disk: gateway.state_dir in conductor.yaml")
        },
        folder("state.restore") { patient, _ in
            guard patient.machine.exists("\(patient.stateFolder)/restore.unfinished") else { return nil }
            return Finding(
                .wrong, "a restore did not come to its end: half of the files are of another time",
                cure: "run `conductor storage restore FILE` again")
        },
        folder("state.leftovers") { patient, _ in
            let old = patient.machine.names(in: patient.stateFolder).filter {
                $0.contains(".damaged-") || $0.hasPrefix("replaced-")
            }
            guard !old.isEmpty else { return nil }
            return Finding(
                .hint,
                "\(old.count) old files of repairs and restores take room (\(old[0])\(old.count > 1 ? ", …" : ""))",
                cure:
                    "when all is well again: rm -r \(patient.stateFolder)/*.damaged-* \(patient.stateFolder)/replaced-*"
            )
        },
        folder("state.backups") { patient, _ in
            let folder = patient.stateFolder + "/backups"
            let newest = patient.machine.names(in: folder).filter { $0.hasSuffix(".tar") }
                .compactMap { patient.machine.facts("\(folder)/\($0)")?.changed }.max()
            guard let newest else {
                // Before the first start there is nothing to back up.
                guard patient.machine.exists("\(patient.stateFolder)/journal.db") else { return nil }
                return Finding(
                    .hint, "there is no backup in \(folder)",
                    cure: "conductor storage backup --keep 14, every night by cron or a systemd timer")
            }
            let days = (patient.machine.now.milliseconds / 1_000 - newest) / 86_400
            guard days > 7 else { return Finding(.fine, "the newest backup is \(days) days old") }
            return Finding(
                .hint, "the newest backup is \(days) days old",
                cure: "conductor storage backup --keep 14, every night by cron or a systemd timer")
        },
    ]

    /// A check that needs the folder to be there.
    private static func folder(
        _ id: String, _ look: @escaping @Sendable (Patient, Machine.FileFacts) -> Finding?
    ) -> DoctorCheck {
        DoctorCheck(id, .state) { patient in
            guard let facts = patient.machine.facts(patient.stateFolder), facts.isFolder else { return [] }
            return look(patient, facts).map { [$0] } ?? []
        }
    }
}
