internal import PluginHost
internal import PluginKit
internal import Synchronization

/// Brings events to each notifier that runs, at its own pace; notifiers come and go with their drop-ins.
final class NotifierFeeds: Sendable {
    private let host: PluginHost
    private let hub: EventHub
    private let heard = Heard()
    private let feeds = Mutex<[Int: Task<Void, Never>]>([:])

    init(host: PluginHost, hub: EventHub) {
        self.host = host
        self.hub = hub
    }

    /// Begins the feeds of new notifiers, and ends those of notifiers that run no more.
    func update() {
        let notifiers = host.notifiers
        let ended = feeds.withLock { feeds in
            for notifier in notifiers where feeds[notifier.id] == nil {
                let events = hub.listen(backlog: EventHub.notifierBacklog)
                feeds[notifier.id] = Task { [heard] in
                    for await event in events {
                        // Counted by the plugin host; an event is not repeated.
                        var failure: String?
                        do throws(PluginError) {
                            try await notifier.notify(event)
                        } catch {
                            failure = "\(notifier.name): \(error.message)"
                        }
                        heard.done(event.id, by: notifier.id, failure)
                    }
                }
            }
            let ended = feeds.filter { feed in !notifiers.contains { $0.id == feed.key } }
            for key in ended.keys { feeds[key] = nil }
            return ended
        }
        for (key, task) in ended {
            task.cancel()
            heard.gone(key)
        }
    }

    /// Tells every notifier, after all that it was told before, and waits until they have heard it.
    ///
    /// - Returns: sentences about those that failed, or have not heard it within `milliseconds`.
    func tell(_ event: Event, within milliseconds: Int64, clock: any GatewayClock) async -> [String] {
        let names = Dictionary(
            host.notifiers.map { ($0.id, $0.name) }, uniquingKeysWith: { first, _ in first })
        let listeners = feeds.withLock { feeds in names.filter { feeds[$0.key] != nil } }
        return await withTaskGroup(of: Void.self) { [heard, hub] group in
            group.addTask {
                try? await clock.sleep(milliseconds: milliseconds)
                heard.expire(event.id)
            }
            let failures = await withCheckedContinuation { continuation in
                heard.expect(event.id, of: listeners, continuation)
                hub.emit(event)
            }
            group.cancelAll()
            return failures
        }
    }

    /// Ends all of them.
    func stop() async {
        let tasks = feeds.withLock { feeds in
            defer { feeds = [:] }
            return feeds.values
        }
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
        heard.expireAll()
    }
}
