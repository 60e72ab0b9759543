import Glibc
public import GatewayCore
import HTTPTypes
import Hummingbird
public import Logging
import NIOCore
import ServiceLifecycle

/// Serves `/api/v1` over a Unix socket.
///
/// Whoever may open the socket may do everything: there is no log-in (DESIGN.md, decision 14).
public actor GatewayServer {
    private enum State {
        case idle
        case running(ServiceGroup, Task<Void, any Error>, inode: ino_t, folder: Int32)
        case stopped
    }

    private let control: any GatewayControl
    private let path: String
    private let logger: Logger
    private let heartbeat: Duration
    private let streams = EventStreams()
    private var state = State.idle

    /// - Parameters:
    ///   - socket: path of the socket, at most 107 bytes; its folder's parent must exist.
    ///   - heartbeat: how often an event stream carries a comment when nothing happens.
    public init(
        control: any GatewayControl, socket: String, logger: Logger, heartbeat: Duration = .seconds(15)
    ) {
        self.control = control
        path = socket
        self.heartbeat = heartbeat
        self.logger = logger
    }

    /// Binds the socket (mode 0660) and serves. Returns once clients can connect.
    ///
    /// - Throws: `ServerError`: the path is too long, another gateway answers on it, the system refuses.
    public func start() async throws {
        guard case .idle = state else { return }
        try ControlSocket.prepare(path)
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        let (bound, boundSink) = AsyncStream<Void>.makeStream()
        let folder = ControlSocket.folder(of: path)
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw ServerError(.system, "cannot open the folder \(folder): \(ControlSocket.reason(errno))")
        }
        // NIO refuses paths over 103 bytes, as other systems do; through the folder's descriptor every path is short.
        let name = path.split(separator: "/").last ?? ""
        let application = Application(
            router: router(),
            configuration: .init(address: .unixDomainSocket(path: "/proc/self/fd/\(descriptor)/\(name)")),
            onServerRunning: { _ in boundSink.yield() },
            logger: quiet)
        // Stopped in order, not cancelled: a connection that was just accepted must be taken up before it can be closed.
        var lifecycle = ServiceGroupConfiguration(services: [application], logger: quiet)
        lifecycle.maximumGracefulShutdownDuration = .seconds(5)
        let group = ServiceGroup(configuration: lifecycle)
        let task = Task {
            defer { boundSink.finish() }
            try await group.run()
        }
        var isBound = false
        for await _ in bound {
            isBound = true
            break
        }
        guard isBound else {
            state = .stopped
            defer { close(descriptor) }
            do {
                try await task.value
            } catch {
                throw ServerError(.system, "cannot serve on \(path): \(error)")
            }
            throw ServerError(.system, "cannot serve on \(path)")
        }
        var status = stat()
        guard chmod(path, 0o660) == 0, stat(path, &status) == 0 else {
            let why = ControlSocket.reason(errno)
            state = .stopped
            await group.triggerGracefulShutdown()
            _ = await task.result
            close(descriptor)
            throw ServerError(.system, "cannot set the mode of \(path): \(why)")
        }
        state = .running(group, task, inode: status.st_ino, folder: descriptor)
    }

    /// Ends the event streams and every connection, and takes the socket away if it is still ours.
    public func stop() async {
        guard case .running(let group, let task, let inode, let folder) = state else { return }
        state = .stopped
        streams.close()
        await group.triggerGracefulShutdown()
        _ = await task.result
        close(folder)
        var status = stat()
        if stat(path, &status) == 0, status.st_ino == inode { unlink(path) }
    }

    private func router() -> Router<BasicRequestContext> {
        let router = Router(context: BasicRequestContext.self)
        router.add(middleware: ProblemMiddleware())
        router.get("metrics") { [control] _, _ in
            Response(
                status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: await control.metrics())))
        }
        let api = router.group("api/v1")
        MessageRoutes(control: control).add(to: api)
        ContactRoutes(control: control).add(to: api)
        CustomerRoutes(control: control).add(to: api)
        OptOutRoutes(control: control).add(to: api)
        GatewayRoutes(control: control).add(to: api)
        StorageRoutes(control: control).add(to: api)
        ImportRoutes(control: control).add(to: api)
        EventRoutes(control: control, streams: streams, heartbeat: heartbeat).add(to: api)
        return router
    }
}
