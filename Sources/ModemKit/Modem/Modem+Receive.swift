import FaultPoints
import Logging

/// Receiving: +CMTI is a hint, what is in the memories is the truth; nothing is deleted before it is committed (A1, A5,
/// A6).
extension Modem {
    /// What became of one look at a memory.
    private enum Progress {
        case done
        /// Something is left: to be looked at again later.
        case later
    }

    /// Does all that waits to be received.
    func receive(_ channel: ATChannel) async {
        let now = EventLoop.now
        if now >= nextDrain {
            toDrain.formUnion(storage.toDrain)
            nextDrain = now + timings.drain.nanoseconds
        }
        if let retryAt, now >= retryAt {
            self.retryAt = nil
            toDrain.formUnion(storage.toDrain)
        }
        // What fails with one memory must not keep the other from being read (A6).
        var isIncomplete = false
        while channel.isOpen, !channel.isSilent, isServed, !needsBringUp {
            // What comes in without a pause must not keep everything else waiting.
            if isOtherWorkDue { break }
            if await !commitDirects(channel) { isIncomplete = true }
            if !hints.isEmpty {
                let taken = hints
                hints = []
                if await follow(taken, channel) == .later { isIncomplete = true }
            } else if let next = storage.toDrain.first(where: toDrain.contains) {
                toDrain.remove(next)
                if await drain(next, channel) == .later { isIncomplete = true }
            } else {
                break
            }
            await hangUp(channel)
            await serveRequests(channel)
        }
        if isIncomplete { postpone() } else { failures = 0 }
    }

    private func postpone() {
        let wait = min(timings.retry * (1 << min(failures, 6)), .seconds(60))
        failures += 1
        retryAt = EventLoop.now + wait.nanoseconds
        hints = []
        toDrain = []
    }

    /// One or two hints: just these slots are read. More, or of a memory that is not ours: a listing.
    private func follow(_ hints: [Hint], _ channel: ATChannel) async -> Progress {
        let known = hints.allSatisfy { storage.toDrain.contains($0.memory) }
        guard known, hints.count <= 2, Set(hints.map(\.memory)).count == 1, let memory = hints.first?.memory else {
            toDrain.formUnion(known ? hints.map(\.memory) : storage.toDrain)
            return .done
        }
        guard await select(memory, channel) else { return .later }
        var entries: [StoredEntry] = []
        for index in Set(hints.map(\.index)).sorted() {
            let reply = await read(index, channel)
            if reply.result == .timedOut || reply.result == .gone { return .later }
            // Nothing there: a drain was faster, or the hint was wrong. Some modems announce a report in one memory and
            // keep it in that of reports.
            guard var entry = reply.entries.first else {
                let other = family.reportMemories[memory] ?? "SR"
                if storage.toDrain.contains(other), memory != other { toDrain.insert(other) }
                continue
            }
            entry.index = index
            entries.append(entry)
        }
        await learnMarks(entries, channel)
        return await take(entries, from: memory, channel)
    }

    /// Lists one memory and takes all received texts out of it.
    private func drain(_ memory: String, _ channel: ATChannel) async -> Progress {
        guard await select(memory, channel) else {
            // A memory that is offered and cannot be selected must not keep the others from being read.
            if channel.isOpen, !channel.outOfStep {
                logger.warning("A memory cannot be selected", metadata: ["memory": "\(memory)"])
                return .done
            }
            return .later
        }
        let reply = await channel.run("AT+CMGL=4", shape: .stored(hasIndex: true), timeout: timings.listing)
        if reply.wasTextMode || channel.wasTextMode {
            logger.warning("The modem was in text mode; it is set back, and nothing of the listing was used")
            needsSettings = true
            await settle(channel)
            return .later
        }
        let listed: [StoredEntry]
        switch reply.result {
        case .ok:
            listed = reply.entries
        case .timedOut:
            // What came whole can be trusted, and taking it out makes the next listing shorter.
            self.memory = nil
            listed = reply.entries.filter(\.isVerified)
            guard !listed.isEmpty, await select(memory, channel) else { return .later }
        default:
            logger.warning(
                "A memory cannot be listed", metadata: ["memory": "\(memory)", "answer": "\(reply.result.words)"])
            return .later
        }
        if !listed.isEmpty, await !isSelected(memory, channel) { return .later }
        if reply.isOK {
            undeletable[memory]?.formIntersection(listed.compactMap(\.index))
            change(memory) { $0.others = listed.count { $0.state == 2 || $0.state == 3 } }
        }
        await learnMarks(listed, channel)
        let progress = await take(listed, from: memory, channel)
        if progress == .done, reply.entries.count >= ATSession.replyLimit { toDrain.insert(memory) }
        return reply.isOK ? progress : .later
    }

    /// Whether what was just listed lay in this memory. A modem that was reset, or set by another program, goes on with
    /// its own, where the same slots hold other texts: they must not be taken for those, or deleted as them.
    ///
    /// One that says so of each listing does not tell the truth, and is read all the same.
    private func isSelected(_ wanted: String, _ channel: ATChannel) async -> Bool {
        let reply = await channel.run("AT+CPMS?")
        guard channel.isOpen, reply.result != .timedOut else { return false }
        guard let name = MessageStorage.current(reply.lines).first?.name, name != wanted,
            storage.toDrain.contains(name), strayListings < Self.mostStrayListings
        else {
            strayListings = 0
            return true
        }
        strayListings += 1
        memory = nil
        needsSettings = true
        logger.warning(
            "The modem had gone to another memory; nothing of the listing was used",
            metadata: ["wanted": "\(wanted)", "memory": "\(name)"])
        return false
    }

    /// Once: does a slot that was listed as unread turn to read?
    private func learnMarks(_ listed: [StoredEntry], _ channel: ATChannel) async {
        guard marksRead == nil, let unread = listed.first(where: { $0.state == 0 }), let index = unread.index else {
            return
        }
        let reply = await read(index, channel)
        guard reply.isOK, let state = reply.entries.first?.state else { return }
        marksRead = state == 1
    }

    /// Commits what was read, then deletes it.
    private func take(_ entries: [StoredEntry], from memory: String, _ channel: ATChannel) async -> Progress {
        guard let sim = snapshot.sim else { return .later }
        let started = epoch
        var readings: [Reading] = []
        var slots: [Int] = []
        for entry in entries {
            guard let index = entry.index, let state = Reading.SlotState(rawValue: entry.state),
                state == .receivedUnread || state == .receivedRead
            else { continue }
            let sound = entry.isVerified ? entry : await readAgain(entry, index, channel)
            let origin = Reading.Origin.slot(memory: memory, index: index, state: state)
            readings.append(reading(sound, sim, origin))
            slots.append(index)
        }
        guard !readings.isEmpty else { return .done }
        guard channel.isOpen, epoch == started else { return .later }
        CrashPoint.reached("port read")
        #if CONDUCTOR_TORTURE
            if !Safeguard.journalBeforeDelete.isOn {
                let progress = await delete(slots, from: memory, sim, started, channel)
                try? await delegate.commit(readings)
                return progress
            }
        #endif
        do {
            try await delegate.commit(readings)
        } catch {
            logger.error("What was received could not be made durable; it stays in the modem")
            return .later
        }
        note(readings)
        CrashPoint.reached("before delete")
        return await delete(slots, from: memory, sim, started, channel)
    }

    private func delete(
        _ slots: [Int], from memory: String, _ sim: SIMID, _ started: Int, _ channel: ATChannel
    ) async -> Progress {
        var deleted: [DeletedSlot] = []
        var freed = 0
        var failed = false
        for index in slots {
            // In another memory the same number is another text.
            guard channel.isOpen, epoch == started, self.memory == memory else {
                failed = true
                break
            }
            let reply = await channel.run("AT+CMGD=\(index)")
            if reply.isOK {
                CrashPoint.reached("after delete")
                deleted.append(DeletedSlot(sim: sim, memory: memory, index: index))
                undeletable[memory]?.remove(index)
                freed += 1
            } else {
                failed = true
                switch reply.result {
                case .error, .cms, .cme: undeletable[memory, default: []].insert(index)
                case .timedOut: self.memory = nil
                case .ok, .gone: break
                }
            }
            if !directs.isEmpty {
                tell(&deleted)
                _ = await commitDirects(channel)
            }
        }
        tell(&deleted)
        let refused = undeletable[memory]?.count ?? 0
        change(memory) { use in
            use.undeletable = refused
            use.used = max(0, use.used - freed)
        }
        return failed ? .later : .done
    }

    private func tell(_ deleted: inout [DeletedSlot]) {
        guard !deleted.isEmpty else { return }
        delegate.deleted(deleted)
        deleted = []
    }

    /// Something came in: that is what the watch on receiving wants to know.
    private func note(_ readings: [Reading]) {
        for reading in readings { watch.heard(isReport: reading.isReport) }
        if ladder.trouble == .receiving { kick() }
    }

    private func reading(_ entry: StoredEntry, _ sim: SIMID, _ origin: Reading.Origin) -> Reading {
        Reading(
            modem: id, sim: sim, origin: origin, pdu: entry.octets ?? [], announcedLength: entry.announced,
            text: entry.octets == nil ? String(decoding: entry.body, as: UTF8.self) : nil,
            modemMarksRead: marksRead ?? false)
    }

    /// A body that is not what its header said may have lost bytes on the line: what a second reading says counts.
    private func readAgain(_ entry: StoredEntry, _ index: Int, _ channel: ATChannel) async -> StoredEntry {
        let reply = await read(index, channel)
        guard reply.isOK, var second = reply.entries.first else { return entry }
        second.index = index
        return second.isVerified || second.octets != nil ? second : entry
    }

    private func read(_ index: Int, _ channel: ATChannel) async -> ATReply {
        await channel.run("AT+CMGR=\(index)", shape: .stored(hasIndex: false))
    }

    // MARK: Texts and reports that were routed directly

    /// False when they could not be made durable: they stay, and are not acknowledged.
    private func commitDirects(_ channel: ATChannel) async -> Bool {
        guard !directs.isEmpty, let sim = snapshot.sim else { return true }
        let taken = directs
        directs = []
        let readings = taken.map { reading($0, sim, .direct) }
        do {
            try await delegate.commit(readings)
            note(readings)
        } catch {
            directs = taken + directs
            logger.error("What was received could not be made durable; it is not acknowledged")
            return false
        }
        guard acknowledges else { return true }
        for _ in taken where channel.isOpen {
            let reply = await channel.run(acknowledgement)
            if case .error = reply.result, acknowledgement == "AT+CNMA" {
                acknowledgement = "AT+CNMA=0"
                _ = await channel.run(acknowledgement)
            }
            // Too late: the modem routes nothing more until it is told to again.
            if !reply.isOK { needsSettings = true }
        }
        return true
    }

    // MARK: Memories

    /// Makes `memory` memory 1; false when the modem refused or did not answer.
    private func select(_ wanted: String, _ channel: ATChannel) async -> Bool {
        if memory == wanted { return true }
        // The modem that does not know the command has one memory only.
        if memories.isEmpty, storage.toDrain == [wanted] {
            memory = wanted
            return true
        }
        let second = memories.count > 1 ? memories[1].name : wanted
        let third = memories.count > 2 ? memories[2].name : wanted
        let forms = ["\"\(wanted)\"", "\"\(wanted)\",\"\(second)\"", "\"\(wanted)\",\"\(second)\",\"\(third)\""]
        // Some modems want three arguments (gammu#829), some only one: what worked is used again.
        let order = memoryArguments.map { [$0] } ?? [0, 2, 1]
        for arguments in order {
            memory = nil
            let reply = await channel.run("AT+CPMS=\(forms[arguments])")
            if reply.isOK {
                memoryArguments = arguments
                memory = wanted
                if let use = MessageStorage.afterChange(reply.lines) {
                    note(.init(name: wanted, used: use.used, total: use.total))
                }
                return true
            }
            if reply.result == .timedOut || reply.result == .gone { return false }
        }
        memoryArguments = nil
        return false
    }

    /// Remembers how full a memory is.
    func note(_ use: ModemSnapshot.MemoryUse) {
        guard storage.toDrain.contains(use.name) else { return }
        if snapshot.memories.contains(where: { $0.name == use.name }) {
            change(use.name) { ($0.used, $0.total) = (use.used, use.total) }
        } else {
            snapshot.memories.append(use)
        }
    }

    private func change(_ memory: String, _ change: (inout ModemSnapshot.MemoryUse) -> Void) {
        guard let position = snapshot.memories.firstIndex(where: { $0.name == memory }) else { return }
        change(&snapshot.memories[position])
    }
}
