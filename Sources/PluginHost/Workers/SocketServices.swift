import PluginKit

/// The host, as a worker's plugin reaches it: every request crosses the socket, and the host decides what is granted.
final class SocketServices: HostServices {
    private let channel: FrameChannel
    private let owner = CallTable.shared.makeOwner(CallCounters())

    init(_ channel: FrameChannel) { self.channel = channel }

    func log(plugin: String, level: PluginLogLevel, message: String) {
        send(.log, WorkerLogLine(level: level, message: message))
    }

    func storageChanged(plugin: String) { channel.send(Frame.encode(.storageChanged)) }

    func metric(plugin: String, sample: MetricSample) { send(.metric, sample) }

    private func send(_ kind: FrameKind, _ value: some WireValue) {
        if let frame = Frame.encode(kind, value) { channel.send(frame) }
    }

    @concurrent
    func serve(_ request: ServiceRequest, plugin: String) async throws(PluginError) -> ServiceReply {
        let token = CallTable.shared.makeToken(owner: owner)
        guard let frame = Frame.encode(.service, id: token, request) else {
            throw PluginError(.invalid, "the request is longer than \(Frame.limit >> 20) MiB")
        }
        let pending = Pending<ServiceReply>(
            deadline: .max, tellPlugin: { [channel] in channel.send(Frame.encode(.cancel, id: token)) },
            onExpiry: { PluginError(.deadline, "the host did not answer") }, onSettled: { _ in })
        let outcome = await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                pending.wait(with: continuation)
                CallTable.shared.insert(pending, token: token)
                channel.send(frame)
                pending.handedOver()
            }
        } onCancel: {
            pending.cancel()
        }
        return try outcome.get()
    }

    /// The host's answer.
    func answered(_ frame: Frame) throws(WireError) {
        switch frame.kind {
        case .serviceReply:
            let reply = try frame.decode(ServiceReply.self)
            CallTable.shared.take(frame.id, as: Pending<ServiceReply>.self)?.resolve(.success(reply))
        default:
            let error = try frame.decode(PluginError.self)
            CallTable.shared.take(frame.id)?.fail(error)
        }
    }
}
