/// `conductor simulate` as a child process: simulated modems end with the gateway, and a crash of one is not the other's.
struct SimulatorProcess: Sendable {
    let modems: Int
    /// Folder with the links modem0, modem1, …
    let links: String

    var ports: [String] {
        (0..<modems).map { "\(links)/modem\($0)" }
    }

    /// Starts it; its events go nowhere.
    func start() throws(CommandFailure) -> SpawnedProcess {
        do {
            return try SpawnedProcess(
                "/proc/self/exe",
                [
                    "conductor", "simulate", "--modems", String(modems), "--link", links, "--demo",
                    "--die-with-parent",
                ])
        } catch {
            throw CommandFailure(.failed, "cannot start `conductor simulate`: \(error.reason)")
        }
    }
}
