internal import PluginHost
internal import PluginKit
internal import Synchronization

/// Brings events to each notifier that runs, at its own pace; notifiers come and go with their drop-ins.
final class NotifierFeeds: Sendable {
    private let host: PluginHost
    private let hub: EventHub
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
                feeds[notifier.id] = Task {
                    for await event in events {
                        // Counted by the plugin host; an event is not repeated.
                        try? await notifier.notify(event)
                    }
                }
            }
            let ended = feeds.filter { feed in !notifiers.contains { $0.id == feed.key } }
            for key in ended.keys { feeds[key] = nil }
            return ended.values
        }
        for task in ended { task.cancel() }
    }

    /// Ends all of them.
    func stop() async {
        let tasks = feeds.withLock { feeds in
            defer { feeds = [:] }
            return feeds.values
        }
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
    }
}
