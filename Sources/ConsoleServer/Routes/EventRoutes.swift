import GatewayCore
import HTTPTypes
import Hummingbird
import NIOCore

/// `/api/v1/events`: server-sent events from now on.
struct EventRoutes {
    let control: any GatewayControl
    let streams: EventStreams
    /// How often a comment is sent, so that either side notices that the other is gone.
    let heartbeat: Duration

    func add(to router: RouterGroup<BasicRequestContext>) {
        router.get("events") { _, _ in response() }
    }

    private func response() -> Response {
        // Subscribed before the head is written: an event caused by a client that has seen it is not missed.
        let events = control.events()
        return Response(
            status: .ok,
            headers: [.contentType: "text/event-stream", .cacheControl: "no-store"],
            body: ResponseBody { writer in
                let (frames, sink) = AsyncStream<String>.makeStream(bufferingPolicy: .bufferingNewest(1000))
                let id = streams.add(sink)
                let feed = Task {
                    for await event in events { sink.yield(EventFrame.text(of: event)) }
                    sink.finish()
                }
                let beat = Task {
                    while true {
                        try await Task.sleep(for: heartbeat)
                        sink.yield(": heartbeat\n\n")
                    }
                }
                defer {
                    feed.cancel()
                    beat.cancel()
                    streams.remove(id)
                }
                try await writer.write(ByteBuffer(string: ": events from now on\n\n"))
                for await frame in frames { try await writer.write(ByteBuffer(string: frame)) }
                try await writer.finish(nil)
            })
    }
}
