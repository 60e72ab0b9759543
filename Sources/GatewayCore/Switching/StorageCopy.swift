internal import PluginHost
internal import PluginKit

/// Puts into each of two storages the texts that only the other has, by uid; where both have a text and it differs, the
/// one that serves is right, and read is read.
///
/// Rows that are queued are not copied: they would be sent from two tables. So a copy never causes a send, and repeating
/// it, or going on after it was cut off, changes nothing.
struct StorageCopy: Sendable {
    struct Side: Sendable {
        var handle: StorageHandle
        var identity: String
    }

    /// What was found and done.
    struct Tally: Sendable, Hashable {
        /// Rows of the one that serves that the other lacked, and the other way round.
        var there = 0
        var back = 0
        /// Rows that both have, and that differ.
        var changed = 0
        /// Queued rows, which stay where they are.
        var queuedHere = 0
        var queuedThere = 0
        var consent = 0
    }

    /// A row of the other one.
    private struct Entry {
        var digest: UInt64
        var isUnread: Bool
    }

    /// What a storage has, as both compare it.
    struct Sum: Sendable, Hashable {
        var rows = 0
        var digest: UInt64 = 0

        mutating func add(_ digest: UInt64) {
            rows += 1
            self.digest &+= digest &* 0x9e37_79b9_7f4a_7c15 | 1
        }

        mutating func remove(_ digest: UInt64) {
            rows -= 1
            self.digest &-= digest &* 0x9e37_79b9_7f4a_7c15 | 1
        }

        /// For people: 16 hex digits.
        var written: String {
            let digits = String(digest, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }
    }

    static let page: Int32 = 500

    /// Serves.
    let here: Side
    let there: Side
    let changes: Bool
    let progress: SwitchProgress

    /// One pass over both.
    func run() async throws -> Tally {
        var tally = Tally()
        var known: [RowKey: Entry] = [:]
        try await each(of: there) { rows in
            for (uid, row) in rows {
                known[RowKey(uid)] = Entry(digest: Digest.of(row), isUnread: row.status == .unread)
                if row.isQueued { tally.queuedThere += 1 }
            }
        }
        var mine: Set<RowKey> = []
        try await PutWindow.run(into: there.handle) { put in
            try await each(of: here) { rows in
                var batch: [Message] = []
                for (uid, row) in rows {
                    let key = RowKey(uid)
                    mine.insert(key)
                    if row.isQueued {
                        tally.queuedHere += 1
                        continue
                    }
                    guard let other = known[key] else {
                        tally.there += 1
                        batch.append(row.copy(uid))
                        continue
                    }
                    let isUnread = row.status == .unread
                    if isUnread, !other.isUnread {
                        tally.changed += 1
                        if changes, let id = row.storageID {
                            _ = try await here.handle.change(MessageChange(storageID: id, kind: .markRead))
                        }
                    }
                    if other.digest != Digest.of(row) || other.isUnread && !isUnread {
                        tally.changed += 1
                        batch.append(row.copy(uid))
                    }
                }
                if changes { try await put(batch) }
            }
        }
        try await PutWindow.run(into: here.handle) { put in
            try await each(of: there) { rows in
                let batch = rows.filter { !$0.row.isQueued && !mine.contains(RowKey($0.uid)) }
                tally.back += batch.count
                if changes { try await put(batch.map { $0.row.copy($0.uid) }) }
            }
        }
        if changes {
            tally.consent += try await copyConsent(from: here, to: there)
            tally.consent += try await copyConsent(from: there, to: here)
        }
        return tally
    }

    /// Whether both have the same texts, those aside that are queued in one of them.
    func verify() async throws -> (here: Sum, there: Sum) {
        var queued: Set<RowKey> = []
        for side in [here, there] {
            try await each(of: side) { rows in
                for (uid, row) in rows where row.isQueued { queued.insert(RowKey(uid)) }
            }
        }
        var sums: [Sum] = []
        for side in [here, there] {
            var sum = Sum()
            try await each(of: side) { rows in
                for (uid, row) in rows where !queued.contains(RowKey(uid)) {
                    sum.add(Digest.fold(uid.utf8, Digest.of(row)) ^ (row.status == .unread ? 1 : 0))
                }
            }
            sums.append(sum)
        }
        return (sums[0], sums[1])
    }

    // MARK: Parts of it

    /// All rows of a storage, a page at a time, in the order of their addresses.
    private func each(
        of side: Side, _ body: ([(uid: String, row: Message)]) async throws -> Void
    ) async throws {
        var query = MessageQuery(oldestFirst: true, limit: Self.page)
        while true {
            try Task.checkCancellation()
            let page = try await side.handle.messages(query)
            progress.read(page.count, of: "messages")
            try await body(
                try page.map { row in
                    guard let uid = RowKey.uid(of: row, in: side.identity) else {
                        throw PluginError(.internal, "a row of storage has neither uid nor address")
                    }
                    return (uid, row)
                })
            guard page.count == Int(query.limit), let last = page.last?.storageID else { return }
            query.cursor = last
        }
    }

    /// Everything that was ever said about consent, by uid; a storage that only records gives none.
    private func copyConsent(from one: Side, to other: Side) async throws -> Int {
        var count = 0
        var query = ConsentQuery()
        do {
            while true {
                let page = try await one.handle.consent(query)
                if page.events.isEmpty { return count }
                try await other.handle.recordConsent(page.events)
                count += page.events.count
                query.after = page.next
            }
        } catch {
            guard error.code == .unsupported else { throw error }
            return count
        }
    }
}

extension Message {
    /// Somebody may still send it.
    fileprivate var isQueued: Bool { direction == .outbound && status == .queued }

    fileprivate func copy(_ uid: String) -> Message {
        var copy = self
        copy.uid = uid
        copy.storageID = nil
        return copy
    }
}
