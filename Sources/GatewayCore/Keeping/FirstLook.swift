internal import Dispatch
internal import GRDB

/// How a database is looked at before a start goes on: no longer than a start may take.
///
/// Some milliseconds are enough for the pages of most files (40 MB in 100 ms on a small machine); a larger file is looked
/// at after the start, in the background. One in which damage was met before is looked at wholly, however long it takes.
struct FirstLook: Sendable {
    /// Up to this size the whole file is looked at, in some 20 ms.
    var octets: Int64 = 8 << 20
    /// How long a larger one is looked at.
    var milliseconds = 80

    enum Finding: Sendable, Hashable {
        case whole
        case damaged(String)
        /// The time was over first.
        case notSeen
    }

    func finding(in file: DatabaseFile, isSuspect: Bool) -> Finding {
        if isSuspect || (Files.size(file.path) ?? 0) <= octets {
            return file.damage(fully: isSuspect).map(Finding.damaged) ?? .whole
        }
        guard milliseconds > 0 else { return .notSeen }
        do {
            let queue = try file.quietReader()
            defer { try? queue.close() }
            let end = DispatchWorkItem { queue.interrupt() }
            DispatchQueue.global(qos: .userInitiated).asyncAfter(
                deadline: .now() + .milliseconds(milliseconds), execute: end)
            defer { end.cancel() }
            return try queue.read { try DatabaseFile.damage(in: $0, fully: false) }.map(Finding.damaged) ?? .whole
        } catch {
            return DatabaseFile.isDamage(error) ? .damaged(DatabaseFile.words(error)) : .notSeen
        }
    }
}

/// A mark in the state folder: damage of the journal was met while it was in use. The next start looks at the whole file
/// and saves what can be read, as the sentences about it say.
enum Suspicion {
    private static func path(_ folder: String) -> String { "\(folder)/journal.suspect" }

    /// What a person should do about it.
    static let cure =
        "start the gateway again, which saves what can be read, or stop it and run `conductor storage repair`"

    static func begin(in folder: String) { if !stands(in: folder) { try? Files.write([], to: path(folder)) } }
    static func stands(in folder: String) -> Bool { Files.exists(path(folder)) }
    static func end(in folder: String) { if stands(in: folder) { Files.remove(path(folder)) } }
}
