extension SimulatedModem {
    func performMessage(_ command: ATCommand) -> Outcome {
        if command.form == .test {
            switch command.name {
            case "+CMGL": inform(session.textMode ? "+CMGL: (\(Self.textStates))" : "+CMGL: (0-4)")
            case "+CMGD": inform(deletableSlots)
            case "+CNMA": inform("+CNMA: (0-2)")
            default: break
            }
            return .ok
        }
        if let problem = simMessageProblem { return .cms(problem) }
        return switch command.name {
        case "+CMGL": list(command)
        case "+CMGR": read(command)
        case "+CMGD": delete(command)
        case "+CMGS", "+CMGW": openEntry(command)
        case "+CMSS": sendStored(command)
        default: acknowledge(command)
        }
    }

    private static let textStates = "\"REC UNREAD\",\"REC READ\",\"STO UNSENT\",\"STO SENT\",\"ALL\""

    private var deletableSlots: String {
        let memory = store[store.preferred.read]
        let used = memory.slots.indices.filter { memory.slots[$0] != nil }.map { String($0 + profile.firstSlot) }
        return "+CMGD: (\(used.joined(separator: ","))),(0-4)"
    }

    // MARK: Reading

    private func list(_ command: ATCommand) -> Outcome {
        let wanted: StoredMessage.State?
        switch stateArgument(command) {
        case .some(4): wanted = nil
        case .some(let value): wanted = StoredMessage.State(rawValue: value)
        case nil: return .cms(session.textMode ? 305 : 304)
        }
        let memoryIndex = store.preferred.read
        var entries: [[UInt8]] = []
        for slot in store[memoryIndex].slots.indices {
            guard let message = store[memoryIndex].slots[slot], wanted == nil || message.state == wanted else {
                continue
            }
            entries.append(entry(message, head: "+CMGL: \(slot + profile.firstSlot),"))
            markRead(message, memoryIndex, slot, .listed)
        }
        if !entries.isEmpty { inform(InformationResponse(entries: entries)) }
        return .ok
    }

    /// 0...4, in text mode from its words; the default is unread.
    private func stateArgument(_ command: ATCommand) -> Int? {
        guard let argument = command.argument(0) else { return command.form == .execute ? 0 : nil }
        guard session.textMode else { return argument.number.flatMap { (0...4).contains($0) ? $0 : nil } }
        return ["REC UNREAD", "REC READ", "STO UNSENT", "STO SENT", "ALL"].firstIndex(of: argument.text)
    }

    private func read(_ command: ATCommand) -> Outcome {
        guard let index = command.number(0) else { return .cms(session.textMode ? 305 : 304) }
        let memory = store.preferred.read
        let slot = index - profile.firstSlot
        guard store[memory].slots.indices.contains(slot), let message = store[memory].slots[slot] else {
            return .cms(321)
        }
        inform(InformationResponse(entries: [entry(message, head: "+CMGR: ")]))
        markRead(message, memory, slot, .read)
        return .ok
    }

    /// What +CMGL and +CMGR print of a message (TS 27.005 §3.4.2, §3.4.3, §4.1, §4.2).
    private func entry(_ message: StoredMessage, head: String) -> [UInt8] {
        var bytes = Array(head.utf8)
        if session.textMode {
            let words = ["\"REC UNREAD\"", "\"REC READ\"", "\"STO UNSENT\"", "\"STO SENT\""][message.state.rawValue]
            let (header, body) = ShortMessages.textMode(message.pdu, characterSet: session.characterSet)
            bytes.append(contentsOf: "\(words),\(header)\r\n".utf8)
            bytes.append(contentsOf: body.utf8)
        } else {
            bytes.append(contentsOf: "\(message.state.rawValue),,\(message.tpduLength)\r\n".utf8)
            bytes.append(hex: message.pdu)
        }
        return bytes
    }

    private func markRead(_ message: StoredMessage, _ memory: Int, _ slot: Int, _ kind: LedgerEvent.Kind) {
        if message.state == .receivedUnread, behaviour.marksRead {
            store[memory].setState(.receivedRead, of: slot)
        }
        record(kind, message, memory: memory, slot: slot)
    }

    // MARK: Deleting

    private func delete(_ command: ATCommand) -> Outcome {
        guard let index = command.number(0) else { return .cms(304) }
        let memory = store.preferred.read
        switch command.number(1) ?? 0 {
        case 0:
            let slot = index - profile.firstSlot
            guard store[memory].slots.indices.contains(slot) else { return .cms(321) }
            // A slot that is free already is none the worse.
            remove(slot, from: memory)
        case 1: removeAll(from: memory) { $0 == .receivedRead }
        case 2: removeAll(from: memory) { $0 == .receivedRead || $0 == .storedSent }
        case 3: removeAll(from: memory) { $0 != .receivedUnread }
        case 4: removeAll(from: memory) { _ in true }
        default: return .cms(304)
        }
        return .ok
    }

    private func removeAll(from memory: Int, where isWanted: (StoredMessage.State) -> Bool) {
        for slot in store[memory].slots.indices {
            if let message = store[memory].slots[slot], isWanted(message.state) { remove(slot, from: memory) }
        }
    }

    private func remove(_ slot: Int, from memory: Int) {
        guard let message = store[memory].remove(slot) else { return }
        record(.deleted, message, memory: memory, slot: slot)
    }

    func record(_ kind: LedgerEvent.Kind, _ message: StoredMessage, memory: Int, slot: Int) {
        record(kind) {
            $0.id = message.id
            $0.part = message.part
            $0.parts = message.parts
            $0.memory = store[memory].name
            $0.slot = slot + profile.firstSlot
            if kind == .stored || kind == .deleted { $0.tpdu = message.pdu }
        }
    }

    // MARK: Acknowledging

    /// TS 27.005 §3.4.4.
    private func acknowledge(_ command: ATCommand) -> Outcome {
        guard session.service == 1, awaited != nil else { return .cms(340) }
        switch command.number(0) ?? 0 {
        case 0, 1:
            if let length = command.number(1) {
                return .entry(MessageEntry(purpose: .acknowledge(true), length: length))
            }
            settleAwaited(accepted: true)
        case 2:
            if let length = command.number(1) {
                return .entry(MessageEntry(purpose: .acknowledge(false), length: length))
            }
            settleAwaited(accepted: false)
        default: return .cms(302)
        }
        return .ok
    }
}
