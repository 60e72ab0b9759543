internal import GRDB

/// Why the journal could not do what was asked.
struct JournalError: Error, Sendable, CustomStringConvertible {
    enum Code: Sendable, Equatable {
        /// No room on its disk.
        case full
        /// The file cannot be read or written.
        case io
        /// The file is damaged.
        case damaged
        /// Another gateway has it.
        case locked
        /// The gateway is stopping.
        case stopped
        /// Anything else SQLite said.
        case other
    }

    var code: Code
    var description: String

    static let stopped = JournalError(code: .stopped, description: "the journal is closed: the gateway is stopping")

    init(code: Code, description: String) {
        self.code = code
        self.description = description
    }

    /// Makes words of a failed commit.
    init(commit error: any Error) {
        guard let error = error as? DatabaseError else {
            self.init(code: .other, description: "the journal could not commit: \(error)")
            return
        }
        switch error.resultCode {
        case .SQLITE_FULL:
            self.init(
                code: .full,
                description: "the journal's disk is full: nothing is deleted from modems and nothing is sent until "
                    + "there is room")
        case .SQLITE_IOERR, .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM:
            self.init(
                code: .io,
                description: "the journal cannot be written (\(error.resultCode.description)): nothing is deleted "
                    + "from modems and nothing is sent; check the disk and the file's owner")
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            self.init(
                code: .damaged,
                description: "the journal's file is damaged (\(error.resultCode.description)): \(Suspicion.cure)")
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            self.init(code: .locked, description: "another program holds the journal's lock")
        default:
            self.init(
                code: .other,
                description: "the journal could not commit: \(error.message ?? "SQLite \(error.resultCode)")")
        }
    }

    var isFull: Bool { code == .full }

    /// True when the disk or the file is at fault, so that every job of the batch is.
    var isOfTheDisk: Bool {
        switch code {
        case .full, .io, .damaged, .locked: true
        case .stopped, .other: false
        }
    }
}
