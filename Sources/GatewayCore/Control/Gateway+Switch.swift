internal import GRDB
internal import PluginHost
internal import PluginKit
internal import Synchronization

/// What a switch of the storage asks for.
public struct StorageSwitchRequest: Sendable, Hashable, Codable {
    /// The drop-in that is to serve, as `20-supabase.yaml` or `supabase`.
    public var name: String
    /// Only counts.
    public var dryRun: Bool?
    /// Copies the tables of customers, articles, staff, receipts and their lines, too.
    public var crm: Bool?

    public init(name: String, dryRun: Bool? = nil, crm: Bool? = nil) {
        self.name = name
        self.dryRun = dryRun
        self.crm = crm
    }
}

/// What a switch of the storage did, or would do.
public struct StorageSwitchReport: Sendable, Hashable, Codable {
    /// The one that served, and the one that serves now: drop-in and place.
    public var from: String
    public var fromLocation: String
    public var to: String
    public var toLocation: String
    /// Texts that the new one lacked, that the former one lacked, and that both had and that differed.
    public var copied: Int
    public var copiedBack: Int
    public var changed: Int
    /// Events of consent that were carried, both ways; repetitions count.
    public var consent: Int
    /// Rows that wait in the former one to be sent: nothing sends them while it does not serve. And in the new one, which
    /// sends them as its own.
    public var queuedBehind: Int
    public var queuedAhead: Int
    /// Texts of the former one that were still on their way; it gets their outcome when it serves again.
    public var onTheirWay: Int
    /// Texts that both have, and the sum of what they say; nil in a dry run.
    public var texts: Int?
    public var checksum: String?
    /// The tables beside, in the order in which they were copied; nil where that was not asked for.
    public var crm: [Table]?
    public var milliseconds: Int64

    init(_ from: SwitchSide, _ to: SwitchSide, _ tally: StorageCopy.Tally) {
        self.from = from.dropIn
        fromLocation = from.health.location
        self.to = to.dropIn
        toLocation = to.health.location
        copied = tally.there
        copiedBack = tally.back
        changed = tally.changed
        consent = tally.consent
        queuedBehind = tally.queuedHere
        queuedAhead = tally.queuedThere
        onTheirWay = 0
        milliseconds = 0
    }
}

/// A storage of a switch, as it was asked at its beginning.
struct SwitchSide: Sendable {
    var dropIn: String
    var handle: StorageHandle
    /// Where it keeps customers, too.
    var customers: CustomersHandle?
    var health: StorageHealth

    var copySide: StorageCopy.Side { .init(handle: handle, identity: health.name) }
}

extension Gateway {
    /// Passes over both storages until they have the same, where programs write meanwhile.
    private static let passes = 4
    /// How long texts of the former storage may take to come to their end.
    private static let drainMilliseconds: Int64 = 30_000

    public func switchStorage(_ request: StorageSwitchRequest) async throws(GatewayError) -> StorageSwitchReport {
        if request.dryRun != true { try refuseWhileObserving() }
        if await customerImports.isBusy {
            throw GatewayError(
                .refused,
                "a file of the till's is being imported: switch when `conductor import list` says it is complete")
        }
        try await holdForSwitch()
        defer { storageWork.withLock { $0 = nil } }
        switching.begin(request.name)
        defer { switching.end() }
        let began = clock.monotonicMilliseconds
        let folder = options.plugins.pluginsFolder
        do {
            guard let serving = host.servingStorage, let former = host.storageFile else {
                throw GatewayError(.unavailable, host.storageProblem ?? "no storage serves")
            }
            let target = try DropInFile.find(request.name, in: folder)
            guard target.liveName != former else {
                throw GatewayError(.refused, "\(former) serves already")
            }
            for other in await target.others(being: "storage", searchPath: options.plugins.searchPath)
            where other != former {
                throw GatewayError(.refused, "\(other) is enabled as storage, too: disable it first")
            }
            // From here on it is ended, whatever happens.
            let standby = try await host.standby(target)
            var report: StorageSwitchReport
            do {
                let from = SwitchSide(
                    dropIn: former, handle: serving.handle, customers: serving.customers,
                    health: try await serving.handle.health())
                let to = SwitchSide(
                    dropIn: target.liveName, handle: standby.handle, customers: standby.customers,
                    health: try await standby.handle.health())
                guard from.copySide.identity != to.copySide.identity else {
                    throw GatewayError(
                        .refused, "\(former) and \(target.liveName) keep their texts in the same place")
                }
                if request.dryRun != true { try await prepare(to) }
                report = try await perform(from, to, target, request)
            } catch {
                await standby.end()
                throw error
            }
            await standby.end()
            report.milliseconds = clock.monotonicMilliseconds - began
            return report
        } catch let error as GatewayError {
            throw error
        } catch let error as DropInFile.Failure {
            throw GatewayError(.refused, error.description)
        } catch let error as PluginError {
            throw GatewayError(.unavailable, "a storage does not answer (\(error.message)): nothing was switched")
        } catch {
            throw GatewayError(.unavailable, "nothing was switched: \(error)")
        }
    }

    /// What has to be done in a storage before anything is copied to or from it.
    private func prepare(_ side: SwitchSide) async throws {
        // From now on it has people's texts, be the switch cut off or not.
        let now = clock.now
        let id = try await journal.writer.write { try KnownStorage.meet(side.health, now: now, $0) }
        do {
            try await ErasureElsewhere(journal: journal, host: host).carryOut(in: side.handle, id)
        } catch let error as PluginError {
            throw GatewayError(
                .unavailable,
                "\(side.dropIn) still has somebody who was erased, and does not erase now (\(error.message)): nothing was "
                    + "switched")
        }
    }

    private func perform(
        _ from: SwitchSide, _ to: SwitchSide, _ target: DropInFile, _ request: StorageSwitchRequest
    ) async throws -> StorageSwitchReport {
        let isDryRun = request.dryRun == true
        let customers = request.crm == true ? try await customerCopy(from, to, isDryRun: isDryRun) : nil
        let copy = StorageCopy(
            here: from.copySide, there: to.copySide, changes: !isDryRun, progress: switching)
        // The most is done beside the traffic.
        var report = StorageSwitchReport(from, to, try await copy.run())
        if let customers { report.crm = try await run(customers) }
        if isDryRun { return report }
        guard let feeds else { throw GatewayError(.unavailable, "the gateway is starting or stopping") }
        report.onTheirWay = try await drain(feeds.queue)
        await feeds.storages.pause()
        do {
            await feeds.inbox.settled()
            await feeds.queue.settled()
            _ = try await from.handle.owned(by: feeds.owner)
            var sums = try await copy.verify()
            for _ in 0..<Self.passes where sums.here != sums.there {
                let tally = try await copy.run()
                report.copied += tally.there
                report.copiedBack += tally.back
                report.changed += tally.changed
                report.queuedBehind = tally.queuedHere
                report.queuedAhead = tally.queuedThere
                sums = try await copy.verify()
            }
            guard sums.here == sums.there else {
                throw GatewayError(
                    .refused,
                    "the storages do not have the same after copying (\(sums.here.rows) and \(sums.there.rows) texts): "
                        + "another program writes there; stop it, and switch again")
            }
            report.texts = sums.there.rows
            report.checksum = sums.there.written
            try await toggle(from.dropIn, target)
        } catch {
            await goOn(feeds)
            throw error
        }
        await goOn(feeds)
        return report
    }

    private func goOn(_ feeds: Running) async {
        await feeds.storages.resume()
        await feeds.queue.claim(again: true)
        feeds.inbox.wake()
    }

    /// Claims nothing more and waits for what was claimed.
    ///
    /// - Returns: how many texts are still on their way after the time that is given.
    private func drain(_ queue: QueueFeed) async throws -> Int {
        await queue.claim(again: false)
        let deadline = clock.monotonicMilliseconds + Self.drainMilliseconds
        while true {
            let left =
                try journal.read { database in
                    try database.first(
                        """
                        SELECT count(*) AS n FROM outbound WHERE \(StorageMarks.isClaimedHere)
                            AND (state IN ('waiting', 'sending') OR stored < revision)
                        """)?["n"] as Int? ?? 0
                }
            if left == 0 || clock.monotonicMilliseconds >= deadline { return left }
            try await clock.sleep(milliseconds: 50)
        }
    }

    // MARK: plugins.d

    /// Key of the journal's `meta`: a toggle that has begun, as the former and the new drop-in. One that a power cut
    /// interrupts would leave two storages enabled, or none.
    private static let toggleKey = "switching"

    private func toggle(_ former: String, _ target: DropInFile) async throws {
        let mark = "\(former)\n\(target.fileName)"
        try await journal.writer.write {
            try $0.run("INSERT OR REPLACE INTO meta VALUES (?, ?)", [Self.toggleKey, mark])
        }
        do {
            try set(former, target.fileName)
            _ = await host.reload()
            guard host.storageFile == target.liveName else {
                throw GatewayError(.unavailable, host.storageProblem ?? "\(target.liveName) does not serve")
            }
        } catch {
            let folder = options.plugins.pluginsFolder
            try? DropInFile.find(former, in: folder).set(enabled: true)
            try? DropInFile.find(target.liveName, in: folder).set(enabled: false)
            _ = await host.reload()
            try? await forgetToggle()
            throw error
        }
        try await forgetToggle()
    }

    private func set(_ former: String, _ target: String) throws {
        let folder = options.plugins.pluginsFolder
        let target = target.hasSuffix(".disabled") ? String(target.dropLast(9)) : target
        try DropInFile.find(target, in: folder).set(enabled: true)
        try DropInFile.find(former, in: folder).set(enabled: false)
    }

    private func forgetToggle() async throws {
        try await journal.writer.write { try $0.run("DELETE FROM meta WHERE key = ?", [Self.toggleKey]) }
    }

    /// A toggle that an earlier run began; before plugins.d is read.
    func finishToggle() async throws {
        let mark: String? = try journal.read {
            try $0.first("SELECT value FROM meta WHERE key = ?", [Self.toggleKey])?["value"]
        }
        guard let names = mark?.split(separator: "\n").map(String.init), names.count == 2 else { return }
        // What a person has changed or taken away since is theirs.
        try? set(names[0], names[1])
        try await forgetToggle()
    }
}
