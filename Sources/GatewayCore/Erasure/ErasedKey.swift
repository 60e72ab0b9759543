internal import CCrypto
internal import Foundation
internal import Glibc
internal import Synchronization

/// The secret under which erased numbers are hashed, `erased.key` in the state folder: without it, the few billion numbers
/// that there are could be tried one by one. It is made with the first erasure.
final class ErasedKey: Sendable {
    private static let size = 32

    private let path: String
    private let key: Mutex<[UInt8]?>

    /// Reads the key where there is one.
    ///
    /// - Throws: `JournalError` when it is there and cannot be used.
    init(folder: String) throws(JournalError) {
        path = folder + "/erased.key"
        guard access(path, F_OK) == 0 else {
            key = Mutex(nil)
            return
        }
        guard let bytes = FileManager.default.contents(atPath: path), bytes.count == Self.size else {
            throw JournalError(
                code: .io,
                description: "\(path) cannot be read, or is not \(Self.size) bytes: by it the gateway knows erased "
                    + "people who had said STOP; bring it back from a backup")
        }
        chmod(path, 0o600)
        key = Mutex([UInt8](bytes))
    }

    var exists: Bool { key.withLock { $0 != nil } }

    /// Makes the key, durably, where there is none yet.
    func make() throws(JournalError) {
        guard !exists else { return }
        let bytes = Self.random(Self.size)
        let new = path + ".new"
        unlink(new)
        let descriptor = Glibc.open(new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        let isWritten =
            descriptor >= 0 && write(descriptor, bytes, bytes.count) == bytes.count
            && fsync(descriptor) == 0
        if descriptor >= 0 { close(descriptor) }
        guard isWritten, rename(new, path) == 0 else {
            throw JournalError(code: .io, description: "\(path) cannot be written: \(String(cString: strerror(errno)))")
        }
        let folder = Glibc.open((path as NSString).deletingLastPathComponent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if folder >= 0 {
            fsync(folder)
            close(folder)
        }
        key.withLock { $0 = bytes }
    }

    /// 32 bytes that say nothing without the key; nil while there is none.
    func mark(_ octets: [UInt8], purpose: String) -> [UInt8]? {
        guard let key = key.withLock({ $0 }) else { return nil }
        var mac = [UInt8](repeating: 0, count: Int(CCRYPTO_SHA256_LENGTH))
        let input = Array(purpose.utf8) + [0] + octets
        guard ccrypto_hmac_sha256(key, key.count, input, input.count, &mac) == 0 else { return nil }
        return mac
    }

    /// From the system's generator, which is fit for keys.
    private static func random(_ count: Int) -> [UInt8] {
        var system = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &system) }
    }

    // MARK: A number that is needed again

    /// Long enough for every number, so that the length tells nothing.
    private static let room = 31

    /// The number as only this key's owner can read it; nil when it is too long or there is no key.
    func seal(_ number: String) -> [UInt8]? {
        let text = Array(number.utf8)
        let salt = Self.random(16)
        guard text.count <= Self.room, let stream = mark(salt, purpose: "seal") else { return nil }
        let plain = [UInt8(text.count)] + text + [UInt8](repeating: 0, count: Self.room - text.count)
        return salt + zip(plain, stream).map { $0 ^ $1 }
    }

    /// The number that was sealed; nil under another key.
    func open(_ sealed: [UInt8]) -> String? {
        guard sealed.count == 16 + Self.room + 1, let stream = mark(Array(sealed[..<16]), purpose: "seal") else {
            return nil
        }
        let plain = zip(sealed[16...], stream).map { $0 ^ $1 }
        guard let count = plain.first, Int(count) <= Self.room, count > 0 else { return nil }
        let text = plain[1...Int(count)]
        guard text.allSatisfy({ $0 == UInt8(ascii: "+") || (0x30...0x39).contains($0) }) else { return nil }
        return String(decoding: text, as: UTF8.self)
    }
}
