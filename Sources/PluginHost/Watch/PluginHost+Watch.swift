import Logging
import Synchronization

extension PluginHost {
    /// Follows plugins.d and the libraries that its drop-ins name, until cancelled or `stop`: a file that is written or
    /// renamed there is looked at once no more changes come for a moment.
    ///
    /// - Parameters:
    ///   - settling: how long nothing must change.
    ///   - sleep: waits; throws when cancelled.
    @concurrent
    public func watch(
        settling: Duration = .milliseconds(150),
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) async {
        guard let watch = FolderWatch() else {
            logger.warning("plugins.d is not watched: the system gives no inotify; use `conductor plugins reload`")
            return
        }
        watcher.withLock { $0 = watch }
        defer {
            watcher.withLock { $0 = nil }
            watch.stop()
        }
        // What changed before the watch began.
        await update(again: nil)
        for await _ in watch.changes {
            var seen = -1
            // A file that is written all the time is looked at all the same.
            var patience = 12
            while seen != watch.count.load(ordering: .sequentiallyConsistent), patience > 0 {
                seen = watch.count.load(ordering: .sequentiallyConsistent)
                patience -= 1
                do { try await sleep(settling) } catch { return }
            }
            await update(again: nil)
        }
    }

    /// Watches what is to be watched now.
    ///
    /// - Returns: whether something may have changed there that nobody saw.
    @discardableResult
    func followPaths() -> Bool {
        guard let watch = watcher.withLock({ $0 }) else { return false }
        var paths = WatchedPaths()
        paths.add(dropIns: configuration.pluginsFolder)
        for library in state.withLock({ $0.libraries }) { paths.add(file: library) }
        return watch.follow(paths)
    }
}
