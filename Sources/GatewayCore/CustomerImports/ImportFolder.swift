internal import CRMImport
internal import Foundation
internal import Glibc
internal import PluginKit

/// The files of one import, in `imports/NUMBER` of the state folder, where only the gateway's user comes.
///
/// `source` is the file as UTF-8 without a mark, `upload` what has come of it so far; `rejects` are the rows that were not
/// taken; `state.json` says the rest, and is replaced as a whole.
struct ImportFolder: Sendable {
    let path: String

    var source: String { path + "/source" }
    var upload: String { path + "/upload" }
    var rejects: String { path + "/rejects" }
    private var state: String { path + "/state.json" }

    // MARK: State

    func load() -> ImportState? {
        guard let bytes = FileManager.default.contents(atPath: state) else { return nil }
        return try? JSONDecoder().decode(ImportState.self, from: bytes)
    }

    /// Durable when this returns.
    func save(_ job: ImportState) throws(GatewayError) {
        let bytes: Data
        do {
            bytes = try JSONEncoder().encode(job)
        } catch {
            throw GatewayError(.unavailable, "\(state) cannot be written: \(error)")
        }
        let new = state + ".new"
        try Files.write([UInt8](bytes), to: new)
        try Files.rename(new, to: state)
        try Files.synchronise(path)
    }

    // MARK: The file

    /// Adds a part of the file.
    ///
    /// - Returns: how much of it has come.
    func append(_ bytes: [UInt8], at offset: Int) throws(GatewayError) -> Int {
        let descriptor = open(upload, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Files.failure(upload) }
        defer { close(descriptor) }
        let size = Int(Files.size(upload) ?? 0)
        // A part that comes once more takes the place of itself.
        guard offset <= size, lseek(descriptor, off_t(offset), SEEK_SET) == off_t(offset) else {
            throw GatewayError(.invalid, "\(size) bytes of the file have come, and these begin at \(offset)")
        }
        try Files.write(bytes[...], to: descriptor, upload)
        return max(size, offset + bytes.count)
    }

    /// The whole file has come: its text is `source` from now on.
    func receive() throws(GatewayError) -> (encoding: TextEncoding, unreadable: Int) {
        if !Files.exists(upload) { try Files.write([], to: upload) }
        var sniffer = EncodingSniffer()
        try read(upload) { sniffer.look(at: $0) }
        let (encoding, mark) = sniffer.finish()
        if encoding == .utf8, mark == 0 {
            try Files.synchronise(upload)
            try Files.rename(upload, to: source)
            return (encoding, 0)
        }
        let new = source + ".new"
        let descriptor = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Files.failure(new) }
        defer { close(descriptor) }
        var transcoder = Transcoder(encoding, mark: mark)
        var problem: GatewayError?
        func put(_ text: [UInt8]) {
            do throws(GatewayError) {
                if problem == nil { try Files.write(text[...], to: descriptor, new) }
            } catch {
                problem = error
            }
        }
        try read(upload) { bytes in
            var text: [UInt8] = []
            transcoder.convert(bytes, into: &text)
            put(text)
        }
        var rest: [UInt8] = []
        transcoder.finish(into: &rest)
        put(rest)
        if let problem { throw problem }
        guard fsync(descriptor) == 0 else { throw Files.failure(new) }
        try Files.rename(new, to: source)
        Files.remove(upload)
        return (encoding, transcoder.unreadable)
    }

    private func read(_ path: String, _ body: (UnsafeRawBufferPointer) -> Void) throws(GatewayError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Files.failure(path) }
        defer { close(descriptor) }
        var piece = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = piece.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Files.failure(path) }
            if count == 0 { return }
            piece.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        }
    }

    // MARK: Rejects

    /// Adds rows that were not taken, behind the first `length` bytes: what stands there else is of a run that was cut off.
    ///
    /// - Returns: the length afterwards; durable.
    func reject(_ rows: [UInt8], after length: Int) throws(GatewayError) -> Int {
        let descriptor = open(rejects, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Files.failure(rejects) }
        defer { close(descriptor) }
        guard ftruncate(descriptor, off_t(length)) == 0, lseek(descriptor, 0, SEEK_END) >= 0 else {
            throw Files.failure(rejects)
        }
        try Files.write(rows[...], to: descriptor, rejects)
        guard fsync(descriptor) == 0 else { throw Files.failure(rejects) }
        return length + rows.count
    }

    /// A part of the rows that were not taken.
    func rejects(from offset: Int, most: Int) throws(GatewayError) -> [UInt8] {
        let descriptor = open(rejects, O_RDONLY | O_CLOEXEC)
        if descriptor < 0, errno == ENOENT { return [] }
        guard descriptor >= 0 else { throw Files.failure(rejects) }
        defer { close(descriptor) }
        var part = [UInt8](repeating: 0, count: most)
        let count = part.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, off_t(offset)) }
        guard count >= 0 else { throw Files.failure(rejects) }
        return Array(part[..<count])
    }
}

/// What is kept of an import.
struct ImportState: Codable, Sendable {
    var report: ImportReport
    /// Names it to the storage.
    var uid: String
    /// SHA-256 of its text.
    var digest = ""
    var encoding = TextEncoding.utf8.rawValue
    var unreadable = 0
    var wish: ImportWish?
    /// The storage that it goes to.
    var storage: String?
    /// Behind the last batch that was put; nil before the first.
    var place: ImportPlace?
    var sequence: UInt64 = 0
    var rejectsLength = 0
}
