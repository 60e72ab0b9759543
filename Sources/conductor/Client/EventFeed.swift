import ConsoleServer

/// The gateway's events as signals that there is something to ask for; connects again for as long as it takes.
struct EventFeed: Sendable {
    let client: GatewayClient

    enum Signal: Sendable, Equatable {
        /// The stream is open: what happened before must be asked for.
        case opened
        /// Something happened to the text with this id, to no text, or nothing but a heartbeat came.
        case news(uid: String?)
        /// The gateway is away.
        case lost
    }

    typealias Sink = AsyncStream<Signal>.Continuation

    /// Ends only when the reader does.
    func signals() -> AsyncStream<Signal> {
        let (stream, sink) = AsyncStream<Signal>.makeStream(bufferingPolicy: .bufferingNewest(64))
        let task = Task { await keepReading(into: sink) }
        sink.onTermination = { _ in task.cancel() }
        return stream
    }

    private func keepReading(into sink: Sink) async {
        var pause = Duration.milliseconds(100)
        while !Task.isCancelled {
            if await readOnce(into: sink) { pause = .milliseconds(100) }
            sink.yield(.lost)
            try? await Task.sleep(for: pause)
            pause = min(pause * 2, .seconds(2))
        }
    }

    /// Reads one stream to its end; whether it ever opened. Why it ended does not matter: all there is to do is to try
    /// again.
    private func readOnce(into sink: Sink) async -> Bool {
        var parser = EventParser()
        var isOpen = false
        var chunks = client.events().makeAsyncIterator()
        while let bytes = try? await chunks.next() {
            if !isOpen { sink.yield(.opened) }
            isOpen = true
            for item in parser.take(bytes) { sink.yield(.news(uid: Self.uid(in: item))) }
        }
        return isOpen
    }

    private static func uid(in item: EventParser.Item) -> String? {
        struct Body: Decodable {
            struct Data: Decodable {
                var uid: String?
            }
            var data: Data?
        }
        guard !item.kind.isEmpty else { return nil }
        return try? APICoding.decode(Body.self, from: item.data.utf8).data?.uid
    }
}
