internal import CRMImport
internal import Foundation
internal import Glibc
internal import PluginHost
internal import PluginKit

/// Takes one import from where it is to its end. What is put and how far it is are durable after each batch; a batch whose
/// answer was lost is put once more under its number, and has the same outcome.
struct ImportRunner {
    let folder: ImportFolder
    let storage: CustomersHandle
    let policy: Policy
    let zone: TimeZone
    let clock: any GatewayClock
    /// Told after each batch.
    let onProgress: @Sendable (ImportState) -> Void
    /// Told why a batch has to wait.
    let onTrouble: @Sendable (String) -> Void

    /// Rows of one batch.
    private static let rows = 10_000
    /// Between two tries of a batch that the storage does not take just now.
    private static let (pause, longestPause): (Int64, Int64) = (500, 15_000)

    /// - Throws: `GatewayError` when it cannot go on; `CancellationError`.
    @concurrent
    func run(_ start: ImportState) async throws -> ImportState {
        var state = start
        let descriptor = open(folder.source, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Files.failure(folder.source) }
        defer { close(descriptor) }
        var reader = try Self.reader(descriptor, state, policy: policy, zone: zone)
        if state.sequence == 0 {
            state.report.bytes = Int(Files.size(folder.source) ?? 0)
            state.report.notes = Self.notes(reader.layout, state)
        }
        if let place = state.place { try reader.resume(at: place) }
        var next = try reader.next(rows: Self.rows)
        while let step = next {
            try Task.checkCancellation()
            let batch = ImportBatch(
                importID: state.uid, sequence: state.sequence + 1, today: today,
                sections: step.sections, isDry: state.report.dryRun)
            async let answer = put(batch)
            // Meanwhile the next rows are read.
            next = try reader.next(rows: Self.rows)
            let reply = try await answer
            let rejected = (step.rejections + step.rejected(by: reply)).sorted { $0.line < $1.line }
            if !rejected.isEmpty {
                state.rejectsLength = try folder.reject(
                    try rows(rejected, reader, isFirst: state.rejectsLength == 0), after: state.rejectsLength)
            }
            state.count(step, reply, rejected: rejected.count)
            state.place = step.next
            state.sequence += 1
            state.report.done = step.next.offset
            state.report.problem = nil
            try folder.save(state)
            onProgress(state)
        }
        if !state.report.dryRun {
            _ = try await ask { () throws(PluginError) in
                try await storage.endImport(ImportEnd(importID: state.uid, what: .complete))
            }
        }
        state.report.state = .complete
        state.report.done = state.report.bytes
        state.report.endedAt = clock.now
        try folder.save(state)
        // It is full of what people bought; what could not be taken stays.
        if !state.report.dryRun { Files.remove(folder.source) }
        return state
    }

    static func reader(
        _ descriptor: CInt, _ state: ImportState, policy: Policy, zone: TimeZone
    ) throws(GatewayError) -> ImportReader {
        do {
            return try ImportReader(
                TextSource(descriptor: descriptor), kind: state.report.kind,
                map: try (state.wish ?? ImportWish()).map(for: state.report.kind), zone: zone,
                monthFirst: monthFirst.contains(policy.defaultCountry), normalise: { policy.number($0)?.text })
        } catch let problem as ImportProblem {
            throw GatewayError(.invalid, problem.description)
        } catch {
            throw GatewayError(.unavailable, "\(error)")
        }
    }

    /// Countries that write the month first.
    private static let monthFirst: Set<String> = ["US", "PR", "GU", "VI", "AS", "MP", "FM", "MH", "PW", "PH"]

    private var today: String {
        let now = clock.now
        let offset = zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(now.milliseconds) / 1_000))
        return String(Timestamp(milliseconds: now.milliseconds + Int64(offset) * 1_000).description.prefix(10))
    }

    // MARK: The storage

    private func put(_ batch: ImportBatch) async throws -> ImportReply {
        try await ask { () throws(PluginError) in try await storage.importRows(batch) }
    }

    /// Until it answers, however long that is: what is asked may be asked again.
    private func ask<Value: Sendable>(
        _ question: () async throws(PluginError) -> Value
    ) async throws -> Value {
        var pause = Self.pause
        while true {
            do {
                return try await question()
            } catch {
                try Task.checkCancellation()
                guard [.unavailable, .deadline].contains(error.code) else {
                    let isWrong = [.invalid, .unsupported, .conflict].contains(error.code)
                    throw GatewayError(isWrong ? .invalid : .unavailable, error.message)
                }
                onTrouble(error.message)
                try await clock.sleep(milliseconds: max(pause, Int64(error.retryAfterMilliseconds ?? 0)))
                pause = min(pause * 2, Self.longestPause)
            }
        }
    }

    // MARK: What is told

    /// Rows that were not taken, as they stand in the file, each with its reason behind it.
    private func rows(_ rejected: [Rejection], _ reader: ImportReader, isFirst: Bool) throws -> [UInt8] {
        let delimiter = reader.layout.delimiter
        var text: [UInt8] = []
        if isFirst, reader.layout.headerLine != nil {
            text += try reader.headings() + [delimiter] + Array("rejected_because\n".utf8)
        }
        for rejection in rejected {
            text += try reader.text(of: rejection)
            text += [delimiter] + Array("\"\(rejection.reason.replacing("\"", with: "\"\""))\"\n".utf8)
        }
        return text
    }

    static func notes(_ layout: Layout, _ state: ImportState) -> [String] {
        var notes: [String] = []
        if let encoding = TextEncoding(rawValue: state.encoding), encoding != .utf8 {
            notes.append("the file is \(encoding.name)")
        }
        if state.unreadable > 0 { notes.append("\(state.unreadable) characters of it cannot be read") }
        if layout.delimiter != UInt8(ascii: ",") {
            notes.append(
                "its fields are divided by \(layout.delimiter == 9 ? "tabs" : "`\(UnicodeScalar(layout.delimiter))`")")
        }
        if let line = layout.headerLine, line > 1 {
            notes.append("its headings are in line \(line); what stands above is passed over")
        }
        if let dates = layout.dates, layout.isOrderAssumed {
            let order = dates == .monthFirst ? "month first" : "day first"
            notes.append("no date tells whether day or month comes first; they are read \(order) (--dates)")
        }
        let unused = layout.unused
        if !unused.isEmpty { notes.append("columns that are not used: \(unused.joined(separator: ", "))") }
        return notes
    }
}

extension ImportState {
    fileprivate mutating func count(_ step: ImportStep, _ reply: ImportReply, rejected: Int) {
        let tally = step.tally(reply)
        report.read += step.read
        report.rejected += rejected
        report.new += tally.own.new
        report.updated += tally.own.updated
        report.unchanged = report.read - report.rejected - report.new - report.updated
        report.loose += tally.loose
        // In a dry run each batch finds nothing of those before it.
        for (table, counts) in tally.others where !report.dryRun {
            let known = report.others.firstIndex { $0.table == table }
            if known == nil { report.others.append(.init(table: table)) }
            report.others[known ?? report.others.count - 1].new += counts.new
            report.others[known ?? report.others.count - 1].updated += counts.updated
        }
    }
}
