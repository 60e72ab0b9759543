import Glibc
import Synchronization

/// One end of a worker's socket. Any thread sends, without ever blocking; one thread reads.
///
/// Whoever sends first writes for all that come meanwhile, so that many small frames are one system call. What the
/// socket does not take is written by the reading thread when it does.
///
/// Safety: the descriptors are closed in deinit only; everything else is behind the Mutex.
final class FrameChannel: @unchecked Sendable {
    /// Why reading ended.
    enum End: Sendable, Hashable {
        /// The other end is closed, or its process has ended.
        case closed
        /// It sent what it must not.
        case malformed(String)
    }

    private struct Output {
        var waiting: [UInt8] = []
        var isWriting = false
        /// The socket is full; the reading thread goes on.
        var isBlocked = false
        var isClosed = false
        /// What comes is written by `release`.
        var isHeld = false
    }

    /// What came and is not handled yet.
    ///
    /// Safety: one thread at a time reads a channel.
    final class Input: @unchecked Sendable {
        fileprivate var buffer = InputBuffer()
    }

    /// Bytes that may wait for the other side; more means it does not read.
    private static let backlogLimit = 2 * Frame.limit

    /// What a worker's plugin writes to its standard output and error.
    struct Sidestream: Sendable {
        /// Becomes the channel's.
        let descriptor: Int32
        let take: @Sendable (UnsafeRawBufferPointer) -> Void
    }

    private let socket: Int32
    private let peer: Int32
    private let side: Sidestream?
    /// A byte in this pipe wakes the reading thread.
    private let wake: (reader: Int32, writer: Int32)
    private let output = Mutex(Output())

    /// - Parameters:
    ///   - socket: becomes this object's.
    ///   - peer: the pidfd of the other end's process, or -1. Its end ends the reading even where a grandchild holds
    ///     the socket open. Stays the caller's.
    init(socket: Int32, peer: Int32 = -1, side: Sidestream? = nil) {
        self.socket = socket
        self.peer = peer
        self.side = side
        if let side { _ = fcntl(side.descriptor, F_SETFL, O_NONBLOCK) }
        wake = OwnPipe.make() ?? (-1, -1)
        _ = fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) | O_NONBLOCK)
    }

    deinit {
        close(socket)
        close(wake.reader)
        close(wake.writer)
        if let side { close(side.descriptor) }
    }

    /// Sends one frame.
    ///
    /// - Returns: false when the channel is closed, or the other side has not read for long.
    @discardableResult
    func send(_ frame: [UInt8]) -> Bool {
        let (isTaken, mustWrite) = output.withLock { output -> (Bool, Bool) in
            guard !output.isClosed, output.waiting.count < Self.backlogLimit else { return (false, false) }
            if output.waiting.isEmpty { output.waiting = frame } else { output.waiting += frame }
            guard !output.isWriting, !output.isBlocked, !output.isHeld else { return (true, false) }
            output.isWriting = true
            return (true, true)
        }
        if mustWrite { write() }
        return isTaken
    }

    /// Keeps what is sent until `release`: answers to frames that came together go together.
    func hold() {
        output.withLock { $0.isHeld = true }
    }

    /// Sends what was kept.
    func release() {
        let mustWrite = output.withLock { output in
            guard output.isHeld else { return false }
            output.isHeld = false
            guard !output.waiting.isEmpty, !output.isWriting, !output.isBlocked else { return false }
            output.isWriting = true
            return true
        }
        if mustWrite { write() }
    }

    /// No more frames are taken, and `read` returns soon.
    func shut() {
        output.withLock { output in
            output.isClosed = true
            output.waiting = []
        }
        shutdown(socket, Int32(SHUT_RDWR))
    }

    /// Writes what waits until there is nothing or the socket is full. One thread at a time: `isWriting` is its.
    private func write() {
        while true {
            let batch = output.withLock { output -> [UInt8] in
                let batch = output.waiting
                output.waiting = []
                if batch.isEmpty { output.isWriting = false }
                return batch
            }
            guard !batch.isEmpty else { return }
            var written = 0
            let error = batch.withUnsafeBytes { buffer -> Int32 in
                while written < buffer.count {
                    let count = Glibc.send(
                        socket, buffer.baseAddress! + written, buffer.count - written,
                        Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
                    if count >= 0 {
                        written += count
                    } else if errno != EINTR {
                        return errno
                    }
                }
                return 0
            }
            guard error != 0 else { continue }
            output.withLock { output in
                output.isWriting = false
                if error == EAGAIN {
                    output.waiting.insert(contentsOf: batch[written...], at: 0)
                    output.isBlocked = true
                } else {
                    output.isClosed = true
                    output.waiting = []
                }
            }
            // A full pipe wakes the thread as well as one more byte would.
            _ = withUnsafeBytes(of: UInt8(1)) { Glibc.write(wake.writer, $0.baseAddress, 1) }
            return
        }
    }

    // MARK: Reading

    /// Hands each frame to `handle`, on this thread, until the other side ends.
    func read(_ handle: (Frame) throws(WireError) -> Void) -> End {
        read(Input(), isMine: { true }, handle) ?? .closed
    }

    /// As `read`, as long as it is this thread that reads.
    ///
    /// - Returns: nil when it is no longer.
    func read(_ input: Input, isMine: () -> Bool, _ handle: (Frame) throws(WireError) -> Void) -> End? {
        var isSideOpen = side != nil
        defer { while isSideOpen { isSideOpen = readSide() } }
        var isLast = false
        while true {
            do throws(WireError) {
                while let frame = try input.buffer.next() {
                    try handle(frame)
                    guard isMine() else { return nil }
                }
            } catch {
                return .malformed(error.description)
            }
            release()
            let room = input.buffer.makeRoom()
            let count = recv(socket, room.baseAddress, room.count, Int32(MSG_DONTWAIT))
            if count > 0 {
                input.buffer.fill(count)
            } else if count == 0 || isLast {
                return .closed
            } else if errno == EAGAIN {
                isLast = waitForMore(&isSideOpen)
            } else if errno != EINTR {
                return .closed
            }
        }
    }

    /// Sleeps until there is something to read.
    ///
    /// - Returns: true when the peer's process has ended, so that what is there is all there will be.
    private func waitForMore(_ isSideOpen: inout Bool) -> Bool {
        while true {
            let isBlocked = output.withLock { $0.isBlocked }
            var requests = [
                pollfd(fd: socket, events: Int16(isBlocked ? POLLIN | POLLOUT : POLLIN), revents: 0),
                pollfd(fd: wake.reader, events: Int16(POLLIN), revents: 0),
                pollfd(fd: peer, events: Int16(POLLIN), revents: 0),
                pollfd(fd: isSideOpen ? side?.descriptor ?? -1 : -1, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&requests, 4, -1) > 0 else { continue }
            if requests[3].revents != 0 { isSideOpen = readSide() }
            if requests[1].revents != 0 {
                withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) { room in
                    _ = Glibc.read(wake.reader, room.baseAddress, room.count)
                }
            }
            if requests[0].revents & Int16(POLLOUT) != 0 { resume() }
            if requests[2].revents != 0 { return true }
            if requests[0].revents & ~Int16(POLLOUT) != 0 { return false }
        }
    }

    /// - Returns: false when there will be no more.
    private func readSide() -> Bool {
        guard let side else { return false }
        return withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { room in
            let count = Glibc.read(side.descriptor, room.baseAddress, room.count)
            guard count > 0 else { return count < 0 && errno == EINTR }
            side.take(UnsafeRawBufferPointer(rebasing: room[..<count]))
            return true
        }
    }

    private func resume() {
        let mustWrite = output.withLock { output in
            output.isBlocked = false
            guard !output.isWriting else { return false }
            output.isWriting = true
            return true
        }
        if mustWrite { write() }
    }
}

/// A pipe that children do not get and nobody waits in.
enum OwnPipe {
    /// nil when there are no more descriptors.
    static func make() -> (reader: Int32, writer: Int32)? {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        return (ends[0], ends[1])
    }
}
