internal import Dispatch
internal import Synchronization
internal import Glibc

/// Tells when somebody has written to a database file or its write-ahead log, and costs nothing while nobody does.
///
/// inotify watches the two files for writes, and their folder for files that come and go: the log is made anew when the
/// last program lets go of it, and a file may be replaced by another. Our own writes are seen too, so that the listener
/// must find out whose they were; however many there are, they are read, and it is called, at most every 10 ms.
final class FileWatch: Sendable {
    private let path: String
    private static let pauses: [DispatchTimeInterval] = [
        .milliseconds(10), .milliseconds(40), .milliseconds(150), .milliseconds(800), .seconds(4),
    ]
    private let queue = DispatchQueue(label: "conductor.sqlite.watch")
    private let state = Mutex(State())

    /// Safety: dispatch sources may be used from any thread.
    private struct Source: @unchecked Sendable {
        let source: any DispatchSourceRead
    }

    private struct State: Sendable {
        var descriptor: Int32 = -1
        var source: Source?
        /// Which of `pauses` is under way; nil when all is quiet.
        var pause: Int?
        var generation = 0
        /// Nothing is read from the system until the first pause is over: our own writes would wake a thread each time.
        var isSuspended = false
        var written: (@Sendable () -> Void)?
    }

    init(path: String) {
        self.path = path
    }

    deinit {
        // The system ends a process that lets go of a source which is suspended.
        let source = state.withLock { $0.source }
        source?.source.cancel()
        setSuspended(false, source)
    }

    /// - Parameter written: called on a queue of the watch's own; may block it.
    func listen(_ written: @escaping @Sendable () -> Void) {
        state.withLock { $0.written = written }
    }

    /// Begins to watch, or looks for the files again after they were replaced. False when the system refuses.
    @discardableResult
    func watch() -> Bool {
        let descriptor = state.withLock { $0.descriptor }
        if descriptor >= 0 {
            addFiles(descriptor)
            return true
        }
        let new = inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC))
        guard new >= 0 else { return false }
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        let comings = UInt32(IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ONLYDIR)
        guard inotify_add_watch(new, folder, comings) >= 0 else {
            close(new)
            return false
        }
        addFiles(new)
        let source = DispatchSource.makeReadSource(fileDescriptor: new, queue: queue)
        source.setEventHandler { [weak self] in
            guard let self, drain(new) else { return }
            report()
        }
        source.setCancelHandler { close(new) }
        state.withLock { state in
            state.descriptor = new
            state.source = Source(source: source)
        }
        source.activate()
        return true
    }

    /// Ends the watch; the listener is not called any more once this has returned.
    func stop() {
        let source = state.withLock { state in
            defer {
                state.source = nil
                state.descriptor = -1
                state.written = nil
            }
            return state.source
        }
        source?.source.cancel()
        // One that is suspended would never come to its end.
        queue.sync { setSuspended(false, source) }
    }

    private func setSuspended(_ isSuspended: Bool, _ source: Source?) {
        let isChange = state.withLock { state in
            defer { state.isSuspended = isSuspended }
            return state.isSuspended != isSuspended
        }
        guard isChange, let source else { return }
        if isSuspended { source.source.suspend() } else { source.source.resume() }
    }

    private func addFiles(_ descriptor: Int32) {
        // Where the path is a link, the log lies beside the file that it leads to.
        let resolved = realpath(path, nil)
        defer { free(resolved) }
        let real = resolved.map { String(cString: $0) } ?? path
        for file in [real, real + "-wal"] {
            // One that is not there is reported by its folder when it comes.
            _ = inotify_add_watch(descriptor, file, UInt32(IN_MODIFY))
        }
    }

    // MARK: On the watch's queue

    /// - Returns: whether anything was written.
    private func drain(_ descriptor: Int32) -> Bool {
        var relevant = false
        var comings = false
        withUnsafeTemporaryAllocation(byteCount: 16_384, alignment: 8) { buffer in
            while true {
                let count = read(descriptor, buffer.baseAddress, buffer.count)
                guard count > 0 else { return }
                var offset = 0
                while offset + 16 <= count {
                    let mask = buffer.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self)
                    let length = Int(buffer.loadUnaligned(fromByteOffset: offset + 12, as: UInt32.self))
                    let name = buffer[(offset + 16)..<min(offset + 16 + length, count)].prefix { $0 != 0 }
                    if length == 0 {
                        relevant = true
                        comings = comings || mask & UInt32(IN_Q_OVERFLOW | IN_IGNORED) != 0
                    } else if isOurs(String(decoding: name, as: UTF8.self)) {
                        relevant = true
                        comings = true
                    }
                    offset += 16 + length
                }
            }
        }
        if comings { addFiles(descriptor) }
        return relevant
    }

    private func isOurs(_ name: String) -> Bool {
        let file = path.split(separator: "/").last.map(String.init) ?? path
        return name == file || name == file + "-wal"
    }

    /// Something was written. The first time the listener is called at once; then at most every `pauses[0]`, and, because
    /// a commit is visible only some time after its writing (the disk has to confirm it, and nothing tells when it has),
    /// a few times more when the writing has ended.
    private func report() {
        let (generation, source) = state.withLock { state in
            state.pause = 0
            state.generation += 1
            return (state.generation, state.source)
        }
        guard let source else { return }
        setSuspended(true, source)
        call(generation, after: 0)
    }

    private func call(_ generation: Int, after pause: Int) {
        let listener = state.withLock { $0.written }
        guard let listener else { return }
        listener()
        queue.asyncAfter(deadline: .now() + Self.pauses[pause]) { [weak self] in self?.paused(generation) }
    }

    private func paused(_ generation: Int) {
        let (pause, source, descriptor) = state.withLock { state in
            (state.generation == generation ? state.pause : nil, state.source, state.descriptor)
        }
        guard let pause, let source else { return }
        var next = pause + 1
        if pause == 0 {
            if drain(descriptor) { next = 0 } else { setSuspended(false, source) }
        }
        state.withLock { $0.pause = next < Self.pauses.count ? next : nil }
        if next < Self.pauses.count {
            call(generation, after: next)
        } else {
            state.withLock { $0.written }?()
        }
    }
}
