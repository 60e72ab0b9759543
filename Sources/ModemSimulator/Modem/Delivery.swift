extension SimulatedModem {
    /// Whether the network reaches the modem.
    private var isReachable: Bool { isPlugged && isBooted && !behaviour.isSilent && isRegistered }

    /// Takes from the network what there is room for.
    func pump() {
        guard !isInEntry else { return }
        while isReachable, let item = network.first {
            guard accept(item) else { return }
        }
    }

    /// A text or report the network has from now on.
    func arrive(_ item: NetworkItem) {
        network.add(item)
        pump()
    }

    /// Whether the modem took the first of the network's queue from it; then it is not there any more.
    private func accept(_ item: NetworkItem) -> Bool {
        let wanted = session.indications
        if item.kind == .report {
            switch wanted.report {
            case 1: return route(item, head: "+CDS: ")
            case 2: return keep(item, memory: store.preferred.receive, notice: "+CDSI: ")
            default:
                network.removeFirst()
                record(.dropped) { $0.id = item.id }
                return true
            }
        }
        // TS 27.005 §3.4.1, table of <mt>: class 2 belongs on the SIM, class 3 is for the terminal.
        let simMemory = store.index(of: "SM") ?? store.preferred.receive
        switch (wanted.text, item.messageClass) {
        case (2, 2), (1, 2), (3, 2): return keep(item, memory: simMemory, notice: "+CMTI: ")
        case (0, 2): return keep(item, memory: simMemory, notice: nil)
        case (2, _), (3, 3): return route(item, head: "+CMT: ")
        case (0, _): return keep(item, memory: store.preferred.receive, notice: nil)
        default: return keep(item, memory: store.preferred.receive, notice: "+CMTI: ")
        }
    }

    private func keep(_ item: NetworkItem, memory: Int, notice: String?) -> Bool {
        let message = StoredMessage(
            state: .receivedUnread, pdu: item.pdu, id: item.id, part: item.part, parts: item.parts)
        guard let slot = store[memory].store(message) else {
            if !item.isKnownAsFull {
                network.first?.isKnownAsFull = true
                record(.full) {
                    $0.id = item.id
                    $0.part = item.part
                    $0.memory = store[memory].name
                }
                if behaviour.givesFullNotice { unsolicited("^SMMEMFULL: \"\(store[memory].name)\"") }
            }
            return false
        }
        network.removeFirst()
        record(.stored, message, memory: memory, slot: slot)
        if let notice { indicate(Array("\(notice)\"\(store[memory].name)\",\(slot + profile.firstSlot)".utf8)) }
        return true
    }

    private func route(_ item: NetworkItem, head: String) -> Bool {
        // TS 27.005 §3.4.4: not another one before this one is acknowledged.
        guard awaited == nil else { return false }
        network.removeFirst()
        var line = Array(head.utf8)
        if session.textMode {
            let (header, body) = ShortMessages.textMode(item.pdu, characterSet: session.characterSet)
            line.append(contentsOf: "\(header)\r\n\(body)".utf8)
        } else {
            let length = item.pdu.count - 1 - Int(item.pdu.first ?? 0)
            line.append(contentsOf: (item.kind == .text ? ",\(length)\r\n" : "\(length)\r\n").utf8)
            line.append(hex: item.pdu)
        }
        record(.routed) {
            $0.id = item.id
            $0.part = item.part
            $0.parts = item.parts
            $0.tpdu = item.pdu
        }
        if session.service == 1 { startAwaiting(item) }
        indicate(line)
        return true
    }

    /// Prints an indication, or keeps it while AT+CNMI mode is 0; the oldest is dropped when too many are kept.
    private func indicate(_ line: [UInt8]) {
        if session.indications.mode == 0 {
            if buffered.count >= 64 { buffered.removeFirst() }
            buffered.append(line)
        } else {
            unsolicited(line)
        }
    }

    private func startAwaiting(_ item: NetworkItem) {
        awaited = item
        awaitedTurn += 1
        let turn = awaitedTurn
        later(after: behaviour.acknowledgementTimeout) { modem in
            guard modem.awaited != nil, modem.awaitedTurn == turn else { return }
            // TS 27.005 §3.4.4: who does not acknowledge in time gets nothing more routed.
            modem.session.indications.text = 0
            modem.session.indications.report = 0
            modem.settleAwaited(accepted: false)
            modem.pump()
        }
    }

    func settleAwaited(accepted: Bool) {
        guard let item = awaited else { return }
        awaited = nil
        record(accepted ? .acknowledged : .unacknowledged) {
            $0.id = item.id
            $0.part = item.part
        }
        guard !accepted else { return }
        world.after(behaviour.retryDelay) { [self] in
            network.putBack(item)
            pump()
        }
    }

    /// The network hears nothing of a modem that lost its power, and tries again when it is back.
    func giveBackAwaited() {
        guard let item = awaited else { return }
        awaited = nil
        record(.unacknowledged) { $0.id = item.id }
        network.putBack(item)
    }
}
