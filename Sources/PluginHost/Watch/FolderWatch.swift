import Glibc
import Synchronization

/// inotify on a thread of its own: says that something changed, never what, since whoever is told looks at everything.
final class FolderWatch: Sendable {
    private struct State {
        /// By watch descriptor.
        var folders: [Int32: (path: String, names: WatchedPaths.Names)] = [:]
        var isStopped = false
    }

    /// An element after a change; many changes are one element.
    let changes: AsyncStream<Void>
    /// How many changes there were: whoever waits for the end of a storm compares.
    let count = Atomic<Int>(0)
    private let sink: AsyncStream<Void>.Continuation
    private let descriptor: Int32
    private let alarm: (reader: Int32, writer: Int32)
    private let state = Mutex(State())

    private static let comings = UInt32(IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ONLYDIR)
    private static let writings = UInt32(IN_CLOSE_WRITE | IN_ATTRIB)

    /// nil when the system gives no inotify, or no thread.
    init?() {
        (changes, sink) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        descriptor = inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC))
        var ends: [Int32] = [-1, -1]
        guard descriptor >= 0, pipe(&ends) == 0 else {
            if descriptor >= 0 { close(descriptor) }
            return nil
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        alarm = (ends[0], ends[1])
        guard DetachedThread.run({ [self] in serve() }) else {
            for end in ends + [descriptor] { close(end) }
            return nil
        }
    }

    /// Watches these paths and no others.
    ///
    /// - Returns: whether there is a folder among them that was not watched before.
    func follow(_ paths: WatchedPaths) -> Bool {
        state.withLock { state in
            guard !state.isStopped else { return false }
            var folders: [Int32: (path: String, names: WatchedPaths.Names)] = [:]
            for (path, names) in paths.folders {
                var mask = Self.comings
                if names.isDropIns || !names.files.isEmpty { mask |= Self.writings }
                // One that may not be read is not watched; what is in it is found at the next look.
                let number = inotify_add_watch(descriptor, path, mask)
                if number >= 0 { folders[number] = (path, names) }
            }
            for number in state.folders.keys where folders[number] == nil { inotify_rm_watch(descriptor, number) }
            let isNew = folders.contains { state.folders[$0.key]?.names != $0.value.names }
            state.folders = folders
            return isNew
        }
    }

    /// Ends `changes` and the thread.
    func stop() {
        state.withLock { $0.isStopped = true }
        _ = withUnsafeBytes(of: UInt8(1)) { write(alarm.writer, $0.baseAddress, 1) }
    }

    // MARK: On the thread

    private func serve() {
        while !state.withLock({ $0.isStopped }) {
            var requests = [
                pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: alarm.reader, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&requests, 2, -1) > 0 || errno == EINTR else { break }
            if drain() {
                count.wrappingAdd(1, ordering: .sequentiallyConsistent)
                sink.yield()
            }
        }
        sink.finish()
        // Under the lock: nobody adds a watch to a number that is somebody else's by then.
        state.withLock { _ in
            for end in [descriptor, alarm.reader, alarm.writer] { close(end) }
        }
    }

    private func drain() -> Bool {
        var matters = false
        withUnsafeTemporaryAllocation(byteCount: 16_384, alignment: 8) { buffer in
            while true {
                let count = read(descriptor, buffer.baseAddress, buffer.count)
                guard count > 0 else { return }
                var offset = 0
                while offset + 16 <= count {
                    let number = buffer.loadUnaligned(fromByteOffset: offset, as: Int32.self)
                    let mask = buffer.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self)
                    let length = Int(buffer.loadUnaligned(fromByteOffset: offset + 12, as: UInt32.self))
                    let name = buffer[(offset + 16)..<min(offset + 16 + length, count)].prefix { $0 != 0 }
                    matters = self.matters(number, mask, String(decoding: name, as: UTF8.self)) || matters
                    offset += 16 + length
                }
            }
        }
        return matters
    }

    private func matters(_ number: Int32, _ mask: UInt32, _ name: String) -> Bool {
        if mask & UInt32(IN_Q_OVERFLOW) != 0 { return true }
        guard let (path, names) = state.withLock({ $0.folders[number] }) else { return false }
        // The folder itself is gone.
        if mask & UInt32(IN_IGNORED | IN_UNMOUNT) != 0 { return true }
        if mask & UInt32(IN_CLOSE_WRITE | IN_ATTRIB) != 0 { return names.matterWhenWritten(name) }
        guard names.matter(name) else { return false }
        if mask & UInt32(IN_CREATE) == 0 || mask & UInt32(IN_ISDIR) != 0 { return true }
        // A file that is being written is worth a look when it is closed; a link to one is whole at once.
        var status = stat()
        guard lstat(path + "/" + name, &status) == 0 else { return true }
        return status.st_mode & S_IFMT == S_IFLNK || status.st_nlink > 1
    }
}
