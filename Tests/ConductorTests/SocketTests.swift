import ConsoleServer
import GatewayCore
import Glibc
import Logging
import Testing

@testable import conductor

@Suite struct SocketTests {
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func status(_ path: String) async -> GatewayStatus? {
        await Program.offPool { try? GatewayClient(http: HTTPSocket(path: path)).status() }
    }

    @Test("the socket is 0660 in a folder that is 0750, and goes when the server stops")
    func modes() async throws {
        let folder = Scratch.folder() + "/state"
        let path = folder + "/control.sock"
        let server = GatewayServer(control: FakeGateway(), socket: path, logger: logger)
        try await server.start()
        #expect(Scratch.mode(path) == "660")
        #expect(Scratch.mode(folder) == "750")
        await server.stop()
        #expect(access(path, F_OK) != 0)
    }

    @Test("a path of 107 bytes is served, one of 108 is refused in words", arguments: [107, 108])
    func longestPath(_ length: Int) async throws {
        let folder = Scratch.folder()
        let path = folder + "/" + String(repeating: "s", count: length - folder.utf8.count - 1)
        let server = GatewayServer(control: FakeGateway(), socket: path, logger: logger)
        if length <= ControlSocket.longestPath {
            try await server.start()
            await server.stop()
        } else {
            let error = await #expect(throws: ServerError.self) { try await server.start() }
            #expect(error?.code == .pathTooLong)
            #expect(error?.message.contains("108 bytes") == true)
        }
    }

    @Test("B7: a second gateway on a live socket is refused and told who has it; the first goes on")
    func liveSocket() async throws {
        try await ServedGateway.with { gateway in
            let second = GatewayServer(control: FakeGateway(), socket: gateway.socket, logger: logger)
            let error = await #expect(throws: ServerError.self) { try await second.start() }
            #expect(error?.code == .inUse)
            #expect(error?.message.contains("process \(getpid())") == true)
            await second.stop()
            let status = await status(gateway.socket)
            #expect(status?.gateway == "office")
        }
    }

    @Test("a socket nobody answers on is replaced")
    func staleSocket() async throws {
        let folder = Scratch.folder()
        let path = folder + "/control.sock"
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        #expect(bound == 0)
        close(descriptor)
        let server = GatewayServer(control: FakeGateway(), socket: path, logger: logger)
        try await server.start()
        let status = await status(path)
        #expect(status?.gateway == "office")
        await server.stop()
    }

    @Test("a file that is no socket is never replaced")
    func otherFile() async throws {
        let path = Scratch.folder() + "/control.sock"
        let file = try #require(fopen(path, "w"))
        fclose(file)
        let server = GatewayServer(control: FakeGateway(), socket: path, logger: logger)
        await #expect(throws: ServerError.self) { try await server.start() }
        #expect(access(path, F_OK) == 0)
    }
}
