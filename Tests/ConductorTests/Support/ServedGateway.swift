import ConsoleServer
import Glibc
import Logging

/// A fake gateway behind a real Unix socket in a folder of its own.
struct ServedGateway: Sendable {
    let fake = FakeGateway()
    let folder: String
    var socket: String { folder + "/control.sock" }

    /// Serves while `body` runs, and clears up.
    static func with<Result>(
        _ body: (ServedGateway) async throws -> Result
    ) async throws -> Result {
        let gateway = ServedGateway(folder: Scratch.folder())
        let server = GatewayServer(
            control: gateway.fake, socket: gateway.socket,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            heartbeat: .milliseconds(50))
        do {
            try await server.start()
            let result = try await body(gateway)
            await server.stop()
            Scratch.remove(gateway.folder)
            return result
        } catch {
            await server.stop()
            Scratch.remove(gateway.folder)
            throw error
        }
    }
}

/// Folders for one test each.
enum Scratch {
    static func folder() -> String {
        var template = Array("/tmp/conductor-test-XXXXXX".utf8CString)
        _ = mkdtemp(&template)
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The permissions of a file, as `660`.
    static func mode(_ path: String) -> String {
        String(Program.run("/usr/bin/stat", ["-c", "%a", path]).output.prefix { !$0.isNewline })
    }

    static func remove(_ folder: String) {
        _ = Program.run("/bin/rm", ["-rf", folder])
    }
}
