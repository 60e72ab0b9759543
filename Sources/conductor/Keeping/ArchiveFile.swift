import ConsoleServer
import Foundation
import GatewayCore
import Glibc
import PluginKit

/// A file of texts in JSON lines that only its owner may read: a head, one text a line, and a last line that counts them.
/// It has its name when it is whole, on the disk and verified.
final class ArchiveFile {
    /// The first line.
    struct Head: Codable, Equatable {
        static let version = 1

        var conductorArchive: Int
        var before: Timestamp
        var takenAt: Timestamp
        var storage: String
    }

    /// The last line.
    struct Foot: Codable, Equatable {
        var texts: Int
        /// Over the lines of the texts, each with its end: 64-bit FNV-1a.
        var checksum: String
    }

    let path: String
    private(set) var count = 0
    private let descriptor: Int32
    private var buffer: [UInt8] = []
    private var sum = FNV()

    private var part: String { path + ".part" }

    /// What a command that was cut off left under the name with `.part` is replaced: nothing had left storage then.
    init(path: String, head: Head) throws(CommandFailure) {
        self.path = path
        guard access(path, F_OK) != 0 else {
            throw CommandFailure(.failed, "\(path) cannot be written: it is there already; name another one")
        }
        unlink(path + ".part")
        descriptor = open(path + ".part", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.failure(path, errno) }
        try line(head, isCounted: false)
    }

    deinit { close(descriptor) }

    func add(_ messages: [Message]) throws(CommandFailure) {
        for message in messages { try line(message, isCounted: true) }
        count += messages.count
    }

    /// Takes the unfinished file away.
    func abandon() { unlink(part) }

    /// Ends the file, reads all of it again from the disk, and gives it its name.
    func finish() throws(CommandFailure) {
        try line(Foot(texts: count, checksum: sum.text), isCounted: false)
        try flush()
        guard fsync(descriptor) == 0 else { throw Self.failure(path, errno) }
        let read = try Self.verify(part)
        guard read.texts == count, read.checksum == sum.text else {
            throw CommandFailure(.failed, "\(part) does not say what was written into it: is the disk sound?")
        }
        // Unlike a rename, this overwrites nothing.
        if link(part, path) == 0 {
            unlink(part)
        } else if [EPERM, EOPNOTSUPP, ENOSYS].contains(errno), access(path, F_OK) != 0 {
            // A stick's file system has no second names.
            guard rename(part, path) == 0 else { throw Self.failure(path, errno) }
        } else {
            throw Self.failure(path, errno)
        }
        try Self.syncFolder(of: path)
    }

    /// Reads a file through.
    ///
    /// - Throws: a sentence when it is cut off, or a line was changed.
    static func verify(_ path: String) throws(CommandFailure) -> Foot {
        func wrong(_ why: String) -> CommandFailure { CommandFailure(.failed, "\(path) is not whole: \(why)") }
        guard let data = try? Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe) else {
            throw wrong("it cannot be read")
        }
        var sum = FNV()
        var texts = 0
        var foot: Foot?
        for (number, line) in data.split(separator: 0x0A).enumerated() {
            if let foot { throw wrong("something stands behind its end (\(foot.texts) texts)") }
            if number == 0 {
                guard let head = try? APICoding.decode(Head.self, from: line), head.conductorArchive == Head.version
                else {
                    throw wrong("it does not begin as an archive")
                }
            } else if let message = try? APICoding.decode(Message.self, from: line) {
                guard let again = try? APICoding.encode(message), again.elementsEqual(line) else {
                    throw wrong("line \(number + 1) does not say what it said")
                }
                sum.add(line)
                texts += 1
            } else if let end = try? APICoding.decode(Foot.self, from: line) {
                foot = end
            } else {
                throw wrong("line \(number + 1) cannot be read")
            }
        }
        guard let foot, foot.texts == texts, foot.checksum == sum.text else {
            throw wrong("its end is missing or wrong")
        }
        return foot
    }

    // MARK: Parts of it

    private func line(_ value: some Encodable, isCounted: Bool) throws(CommandFailure) {
        guard let bytes = try? APICoding.encode(value) else {
            throw CommandFailure(.failed, "a text cannot be written as JSON")
        }
        if isCounted { sum.add(bytes) }
        buffer += bytes
        buffer.append(0x0A)
        if buffer.count > 1 << 18 { try flush() }
    }

    private func flush() throws(CommandFailure) {
        var rest = buffer[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { throw Self.failure(path, errno) }
            rest = rest.dropFirst(written)
        }
        buffer.removeAll(keepingCapacity: true)
    }

    private static func syncFolder(of path: String) throws(CommandFailure) {
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path, errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure(path, errno) }
    }

    private static func failure(_ path: String, _ number: Int32) -> CommandFailure {
        CommandFailure(.failed, "\(path) cannot be written: \(String(cString: strerror(number)))")
    }
}

/// 64-bit FNV-1a over lines.
private struct FNV {
    private var hash: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func add(_ line: some Sequence<UInt8>) {
        for byte in line { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        hash = (hash ^ 0x0A) &* 0x100_0000_01b3
    }

    var text: String {
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
