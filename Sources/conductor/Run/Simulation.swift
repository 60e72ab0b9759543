import ArgumentParser
import GatewayCore

/// The value of `run --simulate`.
enum Simulation: Sendable, Equatable, ExpressibleByArgument {
    case modems(Int)
    case whenNoneIsAttached

    init?(argument: String) {
        if argument == "auto" {
            self = .whenNoneIsAttached
        } else if let count = Int(argument), (1...64).contains(count) {
            self = .modems(count)
        } else {
            return nil
        }
    }

    /// Refuses any storage but SQLite in the state folder: elsewhere are real texts, which no simulated modem may meet.
    static func checkStorage(of gateway: any GatewayControl, state: String) async throws(CommandFailure) {
        let status = await gateway.status()
        let storage = status.storage
        guard storage.plugin != nil else { return }
        let stores = status.plugins.filter { $0.state == "running" && $0.capabilities.contains("storage") }
        if let other = stores.first(where: { $0.plugin != "sqlite" }) {
            throw CommandFailure(
                .failed,
                "simulated modems work with SQLite only, and the storage is \(other.plugin): "
                    + "switch its drop-in off (\(other.dropIn))")
        }
        if let location = storage.location, !location.contains(state + "/") {
            throw CommandFailure(
                .failed,
                "simulated modems work only with a database in the state folder, and storage is \(location): "
                    + "take the path out of its drop-in")
        }
    }
}
