import CSandbox
import Glibc
import PluginKit

/// The program `conductor-worker`: one plugin, behind a fence, at the other end of a socket.
public enum PluginWorker {
    /// Exit code of a worker that was not started by a host, or cannot be fenced.
    static let refusal: Int32 = 78

    /// Serves the plugin that the host names on descriptor 3, until the host is gone. Call it first of all: the fence
    /// wants a process that has one thread.
    ///
    /// - Returns: the process's exit code.
    public static func run() -> Int32 {
        let socket = CSANDBOX_SOCKET
        var type: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(socket, SOL_SOCKET, SO_TYPE, &type, &size) == 0 else {
            say("conductor-worker runs one plugin for conductor, which starts it: there is nothing to do by hand")
            return refusal
        }
        _ = fcntl(socket, F_SETFD, FD_CLOEXEC)
        // A plugin that writes to a closed pipe gets EPIPE, as it would in the host.
        signal(SIGPIPE, SIG_IGN)
        guard let bytes = firstFrame(socket) else { return refusal }
        return bytes.withUnsafeBytes { buffer in
            do throws(WireError) {
                guard let (frame, _) = try Frame.first(in: buffer), frame.kind == .hello else { return refusal }
                let hello = try frame.decode(Hello.self)
                return run(hello, id: frame.id, FrameChannel(socket: socket))
            } catch {
                say("conductor-worker: \(error)")
                return refusal
            }
        }
    }

    private static func run(_ hello: Hello, id: UInt64, _ channel: FrameChannel) -> Int32 {
        let library: PluginLibrary
        let warnings: [String]
        do throws(LoadFailure) {
            let copy = try readableCopy(hello)
            if let folder = hello.fence.dataFolder { _ = chdir(folder) }
            warnings = try hello.fence.enclose(library: hello.library, runtime: RuntimeLibraries.folders)
            guard csandbox_die_with_parent(hello.parent) == 0 else { return refusal }
            library = try PluginLibrary.open(copy, from: hello.path, anyToolchain: true)
        } catch {
            refuse(error, id: id, channel)
            return 0
        }
        if hello.purpose == .probe {
            let ready = Frame.encode(.ready, id: id, WorkerReady(library, warnings: warnings))
            channel.send(ready ?? [])
        } else {
            WorkerServer(channel).serve(library, hello, id: id, warnings: warnings)
        }
        // Without destructors: threads of the plugin may still run.
        _exit(0)
    }

    /// Says why, and waits until the host has heard it and hangs up.
    private static func refuse(_ error: LoadFailure, id: UInt64, _ channel: FrameChannel) {
        channel.send(Frame.encode(.failed, id: id, PluginError(.invalid, error.description)) ?? [])
        _ = channel.read { (_) throws(WireError) in }
    }

    /// The library's path, once this process has the identity it will have.
    private static func readableCopy(_ hello: Hello) throws(LoadFailure) -> String {
        guard hello.fence.user != nil else { return hello.library }
        let descriptor = csandbox_memory_copy(hello.library)
        guard descriptor >= 0 else {
            throw LoadFailure("\(hello.path): it cannot be read: \(String(cString: strerror(-descriptor)))")
        }
        return "/proc/self/fd/\(descriptor)"
    }

    /// The first frame with its length; nil when the host hangs up, or what comes is none.
    private static func firstFrame(_ socket: Int32) -> [UInt8]? {
        guard let head = exactly(Frame.lengthSize, socket) else { return nil }
        let length = head.withUnsafeBytes { Int(UInt32(littleEndian: $0.loadUnaligned(as: UInt32.self))) }
        guard length <= Frame.limit, let rest = exactly(length, socket) else { return nil }
        return head + rest
    }

    private static func exactly(_ count: Int, _ socket: Int32) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let got = bytes.withUnsafeMutableBytes { recv(socket, $0.baseAddress! + filled, count - filled, 0) }
            if got < 0, errno == EINTR { continue }
            guard got > 0 else { return nil }
            filled += got
        }
        return bytes
    }

    private static func say(_ text: String) {
        var line = text + "\n"
        line.withUTF8 { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
