internal import PluginKit
internal import Synchronization

/// Looks for rows and consent of other programs, and tells the host.
final class Poller: Sendable {
    private let pace: PollPace
    private let look: @Sendable () async throws -> Sight
    private let tell: @Sendable () -> Void
    private let task = Mutex<Task<Void, Never>?>(nil)

    init(pace: PollPace, look: @escaping @Sendable () async throws -> Sight, tell: @escaping @Sendable () -> Void) {
        self.pace = pace
        self.look = look
        self.tell = tell
    }

    func start() {
        task.withLock { task in
            if task == nil { task = Task { [self] in await run() } }
        }
    }

    func stop() async {
        let task = task.withLock { $0 }
        task?.cancel()
        await task?.value
    }

    private func run() async {
        var pace = pace
        var before: Sight?
        while !Task.isCancelled {
            var pause: Int64
            do {
                let sight = try await look()
                // What is there at the first look, the host asks for by itself.
                let hasNews = before.map { sight.hasNews(since: $0) } ?? !sight.waiting.isEmpty
                if hasNews { tell() }
                before = sight
                pause = pace.looked(hasNews: hasNews, now: Gate.now)
            } catch {
                // Of what came meanwhile, the newest must not go unseen.
                before = nil
                pause = pace.failed(PluginError(describing: error))
            }
            do { try await Task.sleep(for: .milliseconds(pause)) } catch { return }
        }
    }
}
