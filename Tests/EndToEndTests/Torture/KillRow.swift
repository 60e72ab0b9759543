import Foundation
import Glibc
import Synchronization

/// One gateway, killed again and again under traffic: how long it takes to be ready, and what its journal weighs.
struct KillRow {
    /// Milliseconds from the start of the process to `READY=1`, start by start.
    private(set) var ready: [Double] = []
    /// Octets of the journal and its log after each kill.
    private(set) var sizes: [Int] = []

    mutating func run(_ run: TortureRun, kills: Int) async throws -> Evidence {
        try await run.prepare()
        // Of copies that are alike in every octet one may be taken for a re-read when two kills follow each other within
        // one look at a full memory (decision 2): here that is what always happens, and not what is asked.
        run.traffic.hasCopies = false
        let station = run.stations[0]
        let notifications = try Notifications(path: run.folder + "/notify")
        station.environment.append("NOTIFY_SOCKET=\(notifications.path)")
        run.startedAt = now()
        for _ in 0..<kills {
            notifications.forget()
            try station.start(.none)
            var readyAt: Double?
            while readyAt == nil {
                readyAt = notifications.readyAt(after: station.startedAt)
                guard station.isRunning else { throw Failure("it ended by itself:\n\(station.log.suffix(1_000))") }
                guard now() - station.startedAt < 30_000 else { throw Failure("it is not ready within 30 s") }
                try run.tick()
                try await Task.sleep(for: .milliseconds(1))
            }
            ready.append((readyAt ?? now()) - station.startedAt)
            let end = now() + Double.random(in: 20...250, using: &run.dice)
            while now() < end {
                try run.tick()
                try await Task.sleep(for: .milliseconds(2))
            }
            station.kill()
            sizes.append(["", "-wal"].map { Self.size(station.journal + $0) }.reduce(0, +))
        }
        try await run.heal()
        try await run.settle()
        return try run.evidence()
    }

    private static func size(_ path: String) -> Int {
        ((try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? NSNumber)?.intValue ?? 0
    }

    /// The value below which `share` of the starts are.
    func ready(_ share: Double) -> Double {
        let sorted = ready.sorted()
        return sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
    }
}

/// When a service tells systemd that it is ready. A thread listens: whoever asks may just be busy with the table.
private final class Notifications {
    let path: String
    private let descriptor: Int32
    private let heard = Heard()

    /// What the thread shares with the test.
    private final class Heard: Sendable {
        let readyAt = Mutex<Double?>(nil)
    }

    init(path: String) throws {
        self.path = path
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard bound == 0 else { throw Failure("\(path): \(String(cString: strerror(errno)))") }
        Thread.detachNewThread { [descriptor, heard] in
            var buffer = [UInt8](repeating: 0, count: 4_096)
            while true {
                let count = recv(descriptor, &buffer, buffer.count, 0)
                if count < 0, errno == EINTR { continue }
                // Empty: the socket is shut.
                guard count > 0 else { break }
                let moment = now()
                guard String(decoding: buffer[..<count], as: UTF8.self).contains("READY=1") else { continue }
                heard.readyAt.withLock { $0 = moment }
            }
            close(descriptor)
        }
    }

    deinit {
        shutdown(descriptor, Int32(SHUT_RDWR))
    }

    func forget() { heard.readyAt.withLock { $0 = nil } }

    /// nil until it was told after that moment.
    func readyAt(after start: Double) -> Double? {
        heard.readyAt.withLock { $0.flatMap { $0 > start ? $0 : nil } }
    }
}
