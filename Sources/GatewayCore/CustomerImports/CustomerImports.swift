internal import CRMImport
internal import Foundation
internal import Glibc
internal import Logging
internal import PluginHost
internal import PluginKit

/// The imports of this gateway: files that are handed over, looked at, read and taken back. One is read at a time; one that
/// was cut off goes on with the next start.
actor CustomerImports {
    private let root: String
    private let policy: Policy
    private let zone: TimeZone
    private let clock: any GatewayClock
    private let logger: Logger
    /// Who keeps customers now.
    private let storage: @Sendable () -> CustomersHandle?
    private var states: [Int: ImportState] = [:]
    private var running: (number: Int, task: Task<Void, Never>)?
    private var isStopped = false

    init(
        stateFolder: String, policy: Policy, clock: any GatewayClock, logger: Logger,
        storage: @escaping @Sendable () -> CustomersHandle?
    ) {
        root = stateFolder + "/imports"
        self.policy = policy
        zone = SendingRules(policy: policy).zone
        self.clock = clock
        self.logger = logger
        self.storage = storage
        for name in Files.names(in: root) {
            guard let number = Int(name), let state = ImportFolder(path: "\(root)/\(name)").load() else { continue }
            states[number] = state
        }
    }

    private func folder(_ number: Int) -> ImportFolder { ImportFolder(path: "\(root)/\(number)") }

    private func state(_ number: Int) throws(GatewayError) -> ImportState {
        guard let state = states[number] else { throw GatewayError(.notFound, "there is no import \(number)") }
        return state
    }

    // MARK: Going on

    /// Takes up what an earlier run left unfinished.
    func resume() {
        tidy()
        let left = states.values.filter { $0.report.state == .running }.map(\.report.number).sorted()
        if let first = left.first { start(first) }
    }

    /// Ends what is under way; it goes on with the next start.
    func stop() async {
        isStopped = true
        guard let running else { return }
        running.task.cancel()
        await running.task.value
    }

    // MARK: The file

    func begin(_ start: ImportStart) throws(GatewayError) -> ImportReport {
        guard !start.file.isEmpty, start.file.utf8.count <= 255, !start.file.contains("\n") else {
            throw GatewayError(.invalid, "file: the name of the file, of at most 255 bytes")
        }
        tidy()
        try Files.makeFolder(root)
        let number = (states.keys.max() ?? lastNumber()) + 1
        let folder = folder(number)
        try Files.makeFolder(folder.path)
        let now = clock.now
        let state = ImportState(
            report: ImportReport(number: number, kind: start.kind, file: start.file, at: now), uid: UID.make(at: now))
        try folder.save(state)
        try noteNumber(number)
        states[number] = state
        return state.report
    }

    /// Numbers are never used again, though an import is removed.
    private func lastNumber() -> Int { Files.text(root + "/last").flatMap { Int($0) } ?? 0 }

    private func noteNumber(_ number: Int) throws(GatewayError) {
        try Files.write(Array(String(number).utf8), to: root + "/last")
    }

    func append(_ number: Int, _ bytes: [UInt8], at offset: Int) throws(GatewayError) -> ImportReport {
        var state = try state(number)
        guard state.report.state == .uploading else {
            throw GatewayError(.refused, "the file of import \(number) has come: nothing can be added to it")
        }
        state.report.bytes = try folder(number).append(bytes, at: offset)
        states[number] = state
        return state.report
    }

    /// The file is whole: how it is understood.
    func check(_ number: Int, _ wish: ImportWish?) throws(GatewayError) -> ImportCheck {
        let state = try received(number)
        let descriptor = open(folder(number).source, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw gone(number) }
        defer { close(descriptor) }
        var wished = state
        wished.wish = wish
        let layout = try ImportRunner.reader(descriptor, wished, policy: policy, zone: zone).layout
        return ImportCheck(layout, encoding: TextEncoding(rawValue: state.encoding) ?? .utf8)
    }

    private func gone(_ number: Int) -> GatewayError {
        GatewayError(.refused, "the file of import \(number) is not kept any more: hand it over again")
    }

    private func received(_ number: Int) throws(GatewayError) -> ImportState {
        var state = try state(number)
        let folder = folder(number)
        guard state.report.state == .uploading else { return state }
        let (encoding, unreadable) = try folder.receive()
        state.encoding = encoding.rawValue
        state.unreadable = unreadable
        state.digest = try Files.digest(folder.source)
        state.report.bytes = Int(Files.size(folder.source) ?? 0)
        state.report.state = .ready
        try folder.save(state)
        states[number] = state
        return state
    }

    // MARK: Reading it

    /// Reads the file. The same file that was cut off before goes on where that stopped, under its number.
    func run(_ number: Int, _ run: ImportRun) throws(GatewayError) -> ImportReport {
        var state = try received(number)
        guard let handle = storage() else {
            throw GatewayError(.unavailable, "no plugin that serves here keeps customers")
        }
        let earlier = states.values.first {
            $0.report.number != number && $0.digest == state.digest && $0.report.kind == state.report.kind
                && [.running, .failed].contains($0.report.state) && !$0.report.dryRun && run.dryRun != true
                && $0.wish == run.wish && $0.sequence > 0 && $0.storage == handle.name
        }
        if let earlier {
            remove(number)
            return try go(earlier.report.number)
        }
        switch state.report.state {
        case .running: return state.report
        case .complete where state.report.dryRun, .ready, .failed: break
        case .complete, .undone: throw GatewayError(.refused, "import \(number) has been read already")
        case .uploading: throw GatewayError(.refused, "the file of import \(number) has not come yet")
        }
        guard Files.exists(folder(number).source) else { throw gone(number) }
        // A new run, with a name of its own to the storage.
        let old = state
        state = ImportState(
            report: ImportReport(
                number: number, kind: old.report.kind, file: old.report.file, at: clock.now),
            uid: UID.make(at: clock.now), digest: old.digest, encoding: old.encoding, unreadable: old.unreadable)
        state.wish = run.wish
        state.storage = handle.name
        state.report.dryRun = run.dryRun ?? false
        state.report.bytes = old.report.bytes
        states[number] = state
        return try go(number)
    }

    private func go(_ number: Int) throws(GatewayError) -> ImportReport {
        var state = try state(number)
        if running?.number == number { return state.report }
        let (folder, policy, zone) = (folder(number), policy, zone)
        // What is wrong with file or map is said at once.
        let descriptor = open(folder.source, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw gone(number) }
        defer { close(descriptor) }
        _ = try ImportRunner.reader(descriptor, state, policy: policy, zone: zone)
        state.report.state = .running
        state.report.problem = nil
        state.report.endedAt = nil
        try folder.save(state)
        states[number] = state
        start(number)
        return states[number]?.report ?? state.report
    }

    private func start(_ number: Int) {
        guard running == nil, !isStopped, let state = states[number] else { return }
        let task = Task { await self.serve(state) }
        running = (number, task)
    }

    private func serve(_ state: ImportState) async {
        let number = state.report.number
        var end = state
        do {
            guard let handle = storage() else {
                throw GatewayError(.unavailable, "no plugin that serves here keeps customers")
            }
            guard state.storage == handle.name else {
                throw GatewayError(
                    .refused,
                    "it was begun with \(state.storage ?? "another storage"), and \(handle.name) serves now: hand the file "
                        + "over again")
            }
            let runner = ImportRunner(
                folder: folder(number), storage: handle, policy: policy, zone: zone, clock: clock,
                onProgress: { state in Task { await self.note(state) } },
                onTrouble: { problem in Task { await self.note(problem, of: number) } })
            end = try await runner.run(state)
            logger.notice("an import is complete", metadata: ["import": "\(number)", "rows": "\(end.report.read)"])
        } catch  where Task.isCancelled {
            // How far it is stands on the disk.
            end = folder(number).load() ?? state
        } catch {
            end = folder(number).load() ?? state
            end.report.state = .failed
            end.report.endedAt = clock.now
            end.report.problem = (error as? GatewayError)?.message ?? "\(error)"
            try? folder(number).save(end)
            logger.error("an import failed: \(end.report.problem ?? "")", metadata: ["import": "\(number)"])
        }
        states[number] = end
        running = nil
        resume()
    }

    private func note(_ problem: String, of number: Int) {
        if running?.number == number { states[number]?.report.problem = problem }
    }

    /// Whether one is being read.
    var isBusy: Bool { running != nil }

    private func note(_ state: ImportState) {
        // A late word of a run that has ended says nothing new.
        guard running?.number == state.report.number, state.sequence > states[state.report.number]?.sequence ?? 0 else {
            return
        }
        states[state.report.number] = state
    }

    // MARK: What is kept

    /// Files that were handed over and not read, and rows that were not taken, in milliseconds.
    private static let (unread, rejects): (Int64, Int64) = (86_400_000, 30 * 86_400_000)

    /// Takes away files that nobody waits for any more: they are full of people.
    private func tidy() {
        let now = clock.now.milliseconds
        for (number, state) in states where running?.number != number {
            let (folder, age) = (folder(number), now - (state.report.endedAt ?? state.report.startedAt).milliseconds)
            switch state.report.state {
            case .uploading, .ready: if age > Self.unread { remove(number) }
            case .complete, .undone: if age > Self.unread { Files.remove(folder.source) }
            case .failed: if age > Self.rejects { Files.remove(folder.source) }
            case .running: break
            }
            if age > Self.rejects { Files.remove(folder.rejects) }
        }
    }

    /// Takes an import out of the list, and its files away; what it put stays.
    func remove(import number: Int) throws(GatewayError) {
        let state = try state(number)
        guard state.report.state != .running else {
            throw GatewayError(.refused, "import \(number) is being read")
        }
        guard state.sequence == 0 || state.report.dryRun else {
            throw GatewayError(
                .refused, "import \(number) has put rows: `conductor import undo \(number)` takes them back")
        }
        remove(number)
    }

    /// Deletes files that name a person: rows that were not taken, and files that are not being read.
    ///
    /// - Returns: their paths; with `countsOnly` they stay.
    func forget(_ phone: String, countsOnly: Bool) throws(GatewayError) -> [String] {
        var found: [String] = []
        for number in states.keys.sorted() {
            let folder = folder(number)
            for path in [folder.rejects, folder.source, folder.upload]
            where path == folder.rejects || running?.number != number {
                guard try names(phone, path) else { continue }
                found.append(path)
                if !countsOnly { Files.remove(path) }
            }
        }
        return found
    }

    /// Whether a field of the file is the number, however it is written.
    private func names(_ phone: String, _ path: String) throws(GatewayError) -> Bool {
        guard Files.exists(path) else { return false }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Files.failure(path) }
        defer { close(descriptor) }
        do {
            return try NumberInTable(policy.number(phone)?.text ?? phone) { [policy] in policy.number($0)?.text }
                .occurs(in: TextSource(descriptor: descriptor))
        } catch {
            throw GatewayError(.unavailable, "\(path): \(error)")
        }
    }

    // MARK: What came of it

    func reports() -> [ImportReport] { states.values.map(\.report).sorted { $0.number > $1.number } }

    func report(_ number: Int) throws(GatewayError) -> ImportReport { try state(number).report }

    /// Rows that were not taken, as they stand in the file, each with its reason behind it; a part, from a byte on.
    func rejects(_ number: Int, from offset: Int, most: Int) throws(GatewayError) -> [UInt8] {
        let state = try state(number)
        guard offset < state.rejectsLength else { return [] }
        return try folder(number).rejects(from: offset, most: min(most, state.rejectsLength - offset))
    }

    func undo(_ number: Int, dryRun: Bool) async throws(GatewayError) -> ImportUndoReport {
        var state = try state(number)
        guard running?.number != number, state.sequence > 0, !state.report.dryRun else {
            throw GatewayError(.refused, "import \(number) has put nothing, or is still being read")
        }
        guard let handle = storage(), handle.name == state.storage else {
            throw GatewayError(
                .refused, "import \(number) is in \(state.storage ?? "another storage"), which does not serve now")
        }
        let tables: [ImportTableChange]
        do {
            tables = try await handle.endImport(ImportEnd(importID: state.uid, what: dryRun ? .foresee : .undo))
        } catch {
            let isWrong = [.invalid, .unsupported, .conflict].contains(error.code)
            throw GatewayError(isWrong ? .refused : .unavailable, error.message)
        }
        if !dryRun {
            state.report.state = .undone
            try folder(number).save(state)
            states[number] = state
        }
        return ImportUndoReport(
            number: number, dryRun: dryRun,
            tables: tables.map {
                .init(table: $0.table, removed: $0.removed, restored: $0.restored, left: $0.left)
            })
    }

    private func remove(_ number: Int) {
        states[number] = nil
        Files.remove(folder(number).path)
    }
}
