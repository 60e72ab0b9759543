import Foundation
import Glibc
import Testing

@testable import GatewayCore

/// Who may work in a state folder.
@Suite struct FileLockTests {
    /// A lock file that something else has locked, with what its holder wrote there.
    private struct Held {
        let folder = NSTemporaryDirectory() + "conductor-lock-" + UUID().uuidString
        let descriptor: Int32
        var path: String { folder + "/journal.lock" }

        init(by holder: String) throws {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try holder.write(toFile: folder + "/journal.lock", atomically: false, encoding: .utf8)
            descriptor = open(folder + "/journal.lock", O_RDWR | O_CLOEXEC)
            try #require(descriptor >= 0 && flock(descriptor, LOCK_EX | LOCK_NB) == 0)
        }

        func release() { close(descriptor) }
        func remove() { try? FileManager.default.removeItem(atPath: folder) }
    }

    /// The number of a process that has ended and been buried.
    private static func deadProcess() throws -> Int32 {
        let process = try Process.run(URL(fileURLWithPath: "/bin/true"), arguments: [])
        process.waitUntilExit()
        return process.processIdentifier
    }

    /// Descriptors of this process that are open on the file.
    private static func opened(_ path: String) -> Int {
        let numbers = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        return numbers.count {
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/" + $0)) == path
        }
    }

    @Test("a gateway that runs is named at once")
    func running() throws {
        let held = try Held(by: "\(getpid())")
        defer {
            held.release()
            held.remove()
        }
        let error = #expect(throws: JournalError.self) { try FileLock(path: held.path) }
        #expect(error?.code == .locked && error?.description.contains("process \(getpid())") == true)
    }

    @Test("what a killed gateway was just starting still holds its lock: the next one waits for that")
    func killed() async throws {
        let held = try Held(by: "\(Self.deadProcess())")
        defer { held.remove() }
        let path = held.path
        let taken = Task { @concurrent in try FileLock(path: path) }
        // One is ours; the other is the one that waits.
        while Self.opened(path) < 2 { await Task.yield() }
        held.release()
        try await taken.value.release()
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "\(getpid())")
    }

    @Test("it does not wait for ever for the lock of a process that is gone")
    func stuck() throws {
        let dead = try Self.deadProcess()
        let held = try Held(by: "\(dead)")
        defer {
            held.release()
            held.remove()
        }
        let error = #expect(throws: JournalError.self) { try FileLock(path: held.path) }
        #expect(error?.code == .locked && error?.description.contains("process \(dead)") == true)
    }
}
