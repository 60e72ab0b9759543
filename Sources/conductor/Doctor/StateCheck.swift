import Glibc

/// Can the state folder and its databases be written, and is there room?
struct StateCheck: Sendable {
    let folder: String

    /// Below this the journal soon cannot commit.
    static let leastFreeBytes: UInt64 = 200 << 20

    func run() -> [Finding] {
        guard access(folder, F_OK) == 0 else {
            return [
                Finding(.hint, "the state folder \(folder) does not exist yet", cure: "`conductor run` makes it")
            ]
        }
        return [writable(), databases(), space()].compactMap { $0 }
    }

    private func writable() -> Finding {
        guard access(folder, R_OK | W_OK | X_OK) == 0 else {
            return Finding(
                .wrong, "the state folder \(folder) cannot be written by you",
                cure: "run the doctor as the gateway's user, or: sudo chown -R \(user()) \(folder)")
        }
        return Finding(.fine, "the state folder \(folder) can be written")
    }

    private func databases() -> Finding? {
        let files = ["journal.db", "messages.db"].map { "\(folder)/\($0)" }
        let present = files.filter { access($0, F_OK) == 0 }
        guard !present.isEmpty else { return nil }
        if let locked = present.first(where: { access($0, R_OK | W_OK) != 0 }) {
            return Finding(.wrong, "\(locked) cannot be written", cure: "sudo chown \(user()) \(locked)*")
        }
        return Finding(.fine, "\(present.count == 1 ? "the database" : "the databases") can be written")
    }

    private func space() -> Finding? {
        var status = statvfs()
        guard statvfs(folder, &status) == 0 else { return nil }
        let free = UInt64(status.f_bavail) * UInt64(status.f_frsize)
        let text = "\(HumanTime.count(Int64(free >> 20))) MB free for \(folder)"
        guard free >= Self.leastFreeBytes else {
            return Finding(
                .wrong, "only \(text)", cure: "free some space: texts wait in the modems when the disk is full")
        }
        return Finding(.fine, text)
    }

    private func user() -> String {
        getpwuid(geteuid()).map { String(cString: $0.pointee.pw_name) } ?? "$USER"
    }
}
