/// The state folder's lock, for whoever works on its files while no gateway runs.
enum KeepingLock {
    /// - Throws: `.refused`, naming the gateway's process, while one runs; `.notFound` without a state folder.
    static func take(_ folder: String) throws(GatewayError) -> FileLock {
        guard Files.isFolder(folder) else { throw GatewayError(.notFound, "there is no state folder \(folder)") }
        do {
            return try FileLock(path: folder + "/journal.lock")
        } catch  where error.code == .locked {
            let process = Files.text(folder + "/journal.lock").flatMap { Int32($0) }
            let name = process.flatMap { Files.text("/proc/\($0)/comm") }?.split(separator: "\n").first ?? "conductor"
            let who = "\(name), process \(process.map(String.init) ?? "unknown")"
            // A command of ours that works on the files holds the same lock.
            let words = process.flatMap { Files.text("/proc/\($0)/cmdline") }?.split(separator: "\0") ?? []
            if words.count > 1, words[1] == "storage" {
                throw GatewayError(
                    .refused,
                    "`conductor \(words.dropFirst().prefix(2).joined(separator: " "))` (\(who)) works on the files in "
                        + "\(folder): wait for its end")
            }
            throw GatewayError(
                .refused,
                "the gateway runs (\(who)) and has these files open: stop it first, as by `sudo systemctl stop conductor`"
            )
        } catch {
            throw GatewayError(.unavailable, error.description)
        }
    }
}
