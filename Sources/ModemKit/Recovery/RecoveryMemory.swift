import Synchronization

/// What has helped which model, so that steps which never do are not waited for again.
final class RecoveryMemory: Sendable {
    private struct Record {
        var helped: [RecoveryStep: Int] = [:]
        var failed: [RecoveryStep: Int] = [:]
    }

    /// So often without success, and a step is passed over for that model.
    static let fewest = 3

    private let records = Mutex<[String: Record]>([:])

    /// The steps that were taken for a trouble, of which the last one ended it (`helped`), or none.
    func note(_ steps: [RecoveryStep], model: String, helped: Bool) {
        records.withLock { records in
            var record = records[model] ?? Record()
            for step in helped ? steps.dropLast() : steps[...] { record.failed[step, default: 0] += 1 }
            if helped, let last = steps.last { record.helped[last, default: 0] += 1 }
            records[model] = record
        }
    }

    /// What has never helped this model, and was tried often enough to say so.
    func useless(_ model: String) -> Set<RecoveryStep> {
        records.withLock { records in
            guard let record = records[model] else { return [] }
            return Set(
                record.failed.filter { $0.value >= Self.fewest && record.helped[$0.key] == nil }.map(\.key))
        }
    }
}
