import ConsoleServer
import Glibc

/// Where the running gateway is (DESIGN.md, decision 14).
enum GatewayAddress {
    /// The first that applies: `$CONDUCTOR_SOCKET`; the state folder of `--config`; then, of `./.state`,
    /// `/var/lib/conductor` and the XDG state folder, the first on whose socket a gateway answers.
    static func find(config: String?) throws(CommandFailure) -> String {
        if let path = Terminal.variable("CONDUCTOR_SOCKET"), !path.isEmpty { return try checked(path) }
        if let config { return try checked(LoadedConfiguration.load(config).stateFolder + "/control.sock") }
        let candidates = folders.map { $0 + "/control.sock" }.filter { $0.utf8.count <= ControlSocket.longestPath }
        let present = candidates.filter { access($0, F_OK) == 0 }
        let live = present.first { path in
            if case .nobody = ControlSocket.holder(of: path) { return false }
            return true
        }
        if let live { return live }
        throw notRunning(looked: candidates)
    }

    /// The state folders that are looked into, in order.
    static var folders: [String] {
        [".state", "/var/lib/conductor"] + [xdgFolder].compactMap { $0 }
    }

    /// `$XDG_STATE_HOME/conductor`, else `~/.local/state/conductor`; nil without a home.
    static var xdgFolder: String? {
        if let base = Terminal.variable("XDG_STATE_HOME"), base.hasPrefix("/") { return base + "/conductor" }
        return Terminal.variable("HOME").map { $0 + "/.local/state/conductor" }
    }

    static func notRunning(looked: [String]) -> CommandFailure {
        CommandFailure(
            .notRunning,
            """
            the gateway is not running (nobody answers on \(looked.joined(separator: ", "))).
            Start it: `systemctl start conductor` where it is a service, `conductor run` in a terminal, \
            `make run` in a checkout.
            """)
    }

    private static func checked(_ path: String) throws(CommandFailure) -> String {
        do {
            try ControlSocket.checkLength(path)
        } catch {
            throw CommandFailure(.usage, error.message)
        }
        return path
    }
}
