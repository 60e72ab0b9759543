internal import Foundation
internal import Synchronization

/// A file that does nothing but occupy room, given up first when the journal's disk is full, so that what the radio did
/// can still be written down.
final class Ballast: Sendable {
    /// 2 MiB: some 5,000 outcomes.
    static let size = 2 * 1024 * 1024

    private let path: String
    private let present: Mutex<Bool>

    init(path: String) {
        self.path = path
        present = Mutex(FileManager.default.fileExists(atPath: path))
    }

    /// Makes the file again where it is missing; false where there is no room for it.
    @discardableResult
    func restore() -> Bool {
        if present.withLock({ $0 }) { return true }
        let written = FileManager.default.createFile(
            atPath: path, contents: Data(repeating: 0x55, count: Self.size), attributes: [.posixPermissions: 0o600])
        if !written { try? FileManager.default.removeItem(atPath: path) }
        present.withLock { $0 = written }
        return written
    }

    /// Gives the room back; false when there is none to give.
    func release() -> Bool {
        let had = present.withLock { present in
            defer { present = false }
            return present
        }
        guard had else { return false }
        try? FileManager.default.removeItem(atPath: path)
        return true
    }
}
