import Glibc
import Logging
import PluginKit
import Settings
import Synchronization

extension PluginHost {
    /// One look at plugins.d, and what follows from it.
    @discardableResult
    func update(again name: String?) async -> [String] {
        await turn.take()
        var sentences: [String] = []
        var name = name
        // What a drop-in names is known only when it was read; a library that comes meanwhile must not be missed.
        for _ in 0..<3 {
            guard !state.withLock({ $0.isStopped }) else { break }
            followPaths()
            sentences += await look(again: name)
            name = nil
            if !followPaths() { break }
        }
        await turn.give()
        tellListener()
        return sentences
    }

    private func look(again name: String?) async -> [String] {
        let names: [String]
        do throws(LoadFailure) {
            names = try DropInFolder.names(in: configuration.pluginsFolder)
        } catch {
            return lost(error)
        }
        let (looks, libraries) = await examine(slots(for: names), of: names, again: name)
        let serving = state.withLock { $0.storage }
        var rule = StorageRule(looks: looks, serving: serving, folder: configuration.pluginsFolder)
        rule.admit()
        rule.looks = await make(rule.looks, serving: serving)
        rule.settle()
        if rule.looks.contains(where: \.isPassing) { lookLater() }
        let unnamed = UnnamedLibraries.find(in: configuration.pluginsFolder, named: libraries)
        let (sentences, retired) = apply(rule, libraries: libraries, unnamed: unnamed)
        for (generation, number) in retired { retire(generation, of: number) }
        sweep()
        known.withLock { known in
            known.keep(libraries)
            known.write(in: configuration.copiesFolder, loading: false)
        }
        return sentences
    }

    /// Tries again what failed for something that passes, where nothing changes meanwhile that would be looked at anyway.
    private func lookLater() {
        let pause = configuration.restarts.longestPause
        laterLook.withLock { running in
            running?.cancel()
            running = Task { [weak self] in
                do { try await Task.sleep(for: pause) } catch { return }
                await self?.update(again: nil)
            }
        }
    }

    /// plugins.d cannot be read: what runs goes on.
    private func lost(_ error: LoadFailure) -> [String] {
        let isNew = state.withLock { state in
            let isNew = state.storageProblem != error.description
            state.storageProblem = error.description
            return isNew
        }
        guard isNew else { return [] }
        logger.error("\(error)")
        return [error.description]
    }

    /// The slots that are, and new ones for files that are new.
    private func slots(for names: [String]) -> [Slot] {
        state.withLock { state in
            var slots = state.slots
            for name in names where !slots.contains(where: { $0.fileName == name }) {
                state.lastNumber += 1
                slots.append(Slot(number: state.lastNumber, fileName: name))
            }
            return slots.sorted { $0.fileName < $1.fileName }
        }
    }

    /// All at once: a library that is new is looked at in a process of its own, and a start waits for that.
    ///
    /// - Returns: what was found, in the order of the slots, and the files that the drop-ins name.
    private func examine(
        _ slots: [Slot], of names: [String], again forced: String?
    ) async -> (looks: [Look], libraries: Set<String>) {
        await withTaskGroup(of: (Int, Look, Set<String>).self) { group in
            for (index, slot) in slots.enumerated() where names.contains(slot.fileName) {
                group.addTask {
                    var (look, libraries) = (Look(slot: slot, finding: .gone), Set<String>())
                    await self.examine(&look, isForced: slot.fileName == forced, &libraries)
                    return (index, look, libraries)
                }
            }
            var looks = slots.map { Look(slot: $0, finding: .gone) }
            var all: Set<String> = []
            for await (index, look, libraries) in group {
                looks[index] = look
                all.formUnion(libraries)
            }
            return (looks, all)
        }
    }

    // MARK: One drop-in

    private func examine(_ look: inout Look, isForced: Bool, _ libraries: inout Set<String>) async {
        let slot = look.slot
        let dropIn: DropIn
        do throws(ConfigurationError) {
            dropIn = try DropIn.read(configuration.pluginsFolder + "/" + slot.fileName, fileName: slot.fileName)
        } catch {
            look.finding = .wrong(Wrong(error.description))
            return
        }
        // It is shown, whatever somebody wrote there.
        look.plugin = SecretShapes.masked(dropIn.plugin)
        let program = ProgramFiles(dropIn)
        do throws(LoadFailure) {
            guard dropIn.isEnabled else {
                look.finding = .off
                if let path = try? configuration.locate(dropIn.plugin) { libraries.insert(path) }
                libraries.formUnion(program?.watched ?? [])
                return
            }
            let path = try configuration.locate(dropIn.plugin)
            libraries.insert(path)
            libraries.formUnion(program?.watched ?? [])
            libraries.formUnion(SecretFiles(dropIn, baseFolder: configuration.baseFolder).paths)
            if let problem = program?.problem { throw LoadFailure(problem) }
            let stamp = FileStamp(path)
            let digest = isForced ? nil : stamp.flatMap { stamp in known.withLock { $0.digest(of: path, stamp) } }
            if let digest, let finding = slot.known(identity(dropIn, digest)) {
                look.finding = finding
                return
            }
            let copy = try copy(path, digest, stamp)
            if !isForced, let finding = slot.known(identity(dropIn, copy.digest)) {
                look.finding = finding
                return
            }
            look.finding = .new(try await prepare(dropIn, copy, from: path))
        } catch {
            var wrong = Wrong(dropIn.root.nearest(to: dropIn.subject).error(error.description).description)
            wrong.isPassing = error.isPassing
            look.finding = .wrong(wrong)
        }
    }

    /// - Parameter digest: of the file with that stamp, where it is known.
    private func copy(_ path: String, _ digest: String?, _ stamp: FileStamp?) throws(LoadFailure) -> LibraryCopy {
        if let digest, let stamp,
            let copy = LibraryCopy(digest: digest, size: stamp.size, in: configuration.copiesFolder)
        {
            return copy
        }
        let copy = try copy(path)
        if let stamp { known.withLock { $0.learn(path, stamp, copy.digest) } }
        return copy
    }

    func copy(_ path: String) throws(LoadFailure) -> LibraryCopy {
        do {
            return try LibraryCopy.make(of: path, in: configuration.copiesFolder)
        } catch {
            guard access(path, F_OK) != 0 else { throw error }
            throw LoadFailure("\(error); it is loaded as soon as it is there")
        }
    }

    private func make(_ looks: [Look], serving: Int?) async -> [Look] {
        let old = looks.first { $0.slot.number == serving }?.slot.current
        return await withTaskGroup(of: (Int, Finding).self) { group in
            for (index, look) in looks.enumerated() {
                guard case .new(let preparation) = look.finding else { continue }
                group.addTask { (index, await self.make(preparation, insteadOf: old)) }
            }
            var looks = looks
            for await (index, finding) in group { looks[index].finding = finding }
            return looks
        }
    }

    /// - Parameter old: the storage that serves; another one takes its place only if it takes texts.
    private func make(_ preparation: Preparation, insteadOf old: Generation?) async -> Finding {
        let dropIn = preparation.dropIn
        let runtime: any PluginRuntime
        do throws(LoadFailure) {
            runtime = try await preparation.make()
        } catch {
            return .wrong(Wrong(error.description, preparation, isPassing: error.isPassing))
        }
        do throws(PluginError) {
            try await runtime.start()
        } catch {
            let isLeft = runtime.discard() != nil
            return .wrong(
                Wrong(
                    dropIn.place(error, doing: "start failed: ").description, preparation, phase: .failed,
                    isPassing: error.isPassing || error.code == .deadline && isWorthAnother(dropIn, isLeft: isLeft)))
        }
        let generation = Generation(
            runtime, identity: preparation.identity, facts: preparation.facts, deadline: dropIn.deadline,
            discretion: Discretion(dropIn))
        if let old, generation.offers("storage"), let obstacle = await StorageRule.obstacle(old, generation) {
            _ = await runtime.stop()
            let sentence = "it does not take texts now (\(obstacle.message)); it is tried again"
            return .wrong(
                Wrong(dropIn.root.nearest(to: "settings").error(sentence).description, preparation, isPassing: true))
        }
        return .made(generation)
    }

    /// So many instances of a drop-in may be left in their start.
    private static let mostAbandoned = 5

    /// Whether one that did not start in time is tried again by itself: the machine, or another program that holds its
    /// file, may only have been slow. An instance that is left at work costs memory until the gateway ends.
    private func isWorthAnother(_ dropIn: DropIn, isLeft: Bool) -> Bool {
        guard isLeft else { return true }
        return abandoned.withLock { abandoned in
            abandoned[dropIn.fileName, default: 0] += 1
            return abandoned[dropIn.fileName, default: 0] <= Self.mostAbandoned
        }
    }

    // MARK: The switch

    /// Everything at once: a text that is asked about meanwhile sees either what was or what is.
    private func apply(
        _ rule: StorageRule, libraries: Set<String>, unnamed: [PluginState]
    ) -> (sentences: [String], retired: [(Generation, Int)]) {
        let (changes, retired) = state.withLock { state in
            var changes: [Change] = []
            var retired: [(Generation, Int)] = []
            var slots: [Slot] = []
            for look in rule.looks {
                // Calls may have ended since the look.
                var slot = state.slots.first { $0.number == look.slot.number } ?? look.slot
                let before = (slot.current, slot.problem)
                let isKept = slot.take(look.finding, plugin: look.plugin ?? slot.plugin)
                if let old = before.0, old !== slot.current {
                    slot.draining.append(old)
                    retired.append((old, slot.number))
                }
                changes.append(Change(slot: slot, old: before.0, problem: before.1, isGone: !isKept))
                if isKept { slots.append(slot) }
            }
            changes += unnamed.filter { !state.unnamed.contains($0) }.map(Change.init)
            state.slots = slots
            state.unnamed = unnamed
            state.libraries = libraries
            state.storage = rule.storage
            state.storageProblem = rule.problem
            return (changes, retired)
        }
        var sentences: [String] = []
        for change in changes {
            guard let sentence = change.sentence else { continue }
            sentences.append("\(change.name): \(sentence)")
            logs.add(change.stem, change.isBad ? .error : .notice, sentence)
            logger.log(level: change.isBad ? .error : .notice, "\(sentence)", metadata: ["drop-in": "\(change.name)"])
        }
        return (sentences, retired)
    }

    /// Beside what goes on: it may have calls that take minutes.
    private func retire(_ generation: Generation, of number: Int) {
        // A chain of responders that all use their deadline holds the first one longer than its own.
        let time = generation.deadline + .seconds(60)
        drains.withLock { running in
            let key = (running.keys.max() ?? 0) + 1
            running[key] = Task {
                await end(generation, of: number, within: time)
                _ = drains.withLock { $0.removeValue(forKey: key) }
            }
        }
    }

    private func sweep() {
        let used = state.withLock { state in
            state.slots.flatMap { slot in (slot.draining + [slot.current].compactMap { $0 }).map(\.facts.copy) }
        }
        PrivateFile.sweep(configuration.copiesFolder, keeping: Set(used + borrowed.withLock { $0 }))
    }
}
