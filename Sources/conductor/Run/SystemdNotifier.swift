import ConsoleServer
import Glibc

/// Tells systemd how the service stands (sd_notify(3)): one datagram of lines to `$NOTIFY_SOCKET`.
struct SystemdNotifier: Sendable {
    private let address: String?
    /// Half of the watchdog's time; nil when systemd does not watch this process.
    let watchdogInterval: Duration?

    /// - Parameters:
    ///   - socket: `$NOTIFY_SOCKET`; nil or empty makes every message a no-op. A leading `@` is the abstract name space.
    ///   - watchdogMicroseconds: `$WATCHDOG_USEC`.
    ///   - watchdogProcess: `$WATCHDOG_PID`.
    init(socket: String?, watchdogMicroseconds: String?, watchdogProcess: String?) {
        address = socket.flatMap { $0.hasPrefix("/") || $0.hasPrefix("@") ? $0 : nil }
        let isMine = watchdogProcess.map { $0 == String(getpid()) } ?? true
        let microseconds = watchdogMicroseconds.flatMap { Int64($0) } ?? 0
        watchdogInterval = address != nil && isMine && microseconds > 0 ? .microseconds(microseconds / 2) : nil
    }

    static var current: SystemdNotifier {
        SystemdNotifier(
            socket: Terminal.variable("NOTIFY_SOCKET"), watchdogMicroseconds: Terminal.variable("WATCHDOG_USEC"),
            watchdogProcess: Terminal.variable("WATCHDOG_PID"))
    }

    /// Sends e.g. `READY=1`. False when there is nobody to tell or the datagram could not be sent.
    @discardableResult
    func send(_ state: String) -> Bool {
        guard let address, address.utf8.count <= ControlSocket.longestPath else { return false }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var target = sockaddr_un()
        target.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &target.sun_path) { bytes in
            bytes.copyBytes(from: address.utf8)
            if address.hasPrefix("@") { bytes[0] = 0 }
        }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + address.utf8.count)
        let bytes = Array(state.utf8)
        let sent = withUnsafePointer(to: &target) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), $0, length)
            }
        }
        return sent == bytes.count
    }
}

extension SystemdNotifier {
    /// Feeds the watchdog until cancelled; returns at once when there is none.
    func feedWatchdog() async {
        guard let watchdogInterval else { return }
        while !Task.isCancelled {
            send("WATCHDOG=1")
            try? await Task.sleep(for: watchdogInterval)
        }
    }
}
