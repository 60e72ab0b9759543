/// What a part says that left a modem; the ledger's and the network's view of it.
struct Submission {
    var recipient: String
    /// Nil where it cannot be told.
    var text: String?
    var wantsReport: Bool
    /// TPDU without service-centre address.
    var tpdu: [UInt8]
}

extension SimulatedModem {
    func openEntry(_ command: ATCommand) -> Outcome {
        let isSend = command.name == "+CMGS"
        var entry = MessageEntry(purpose: .send)
        if !isSend {
            let state = command.argument(1).flatMap { argument in
                argument.number ?? (argument.text == "STO SENT" ? 3 : 2)
            }
            entry.purpose = .write(StoredMessage.State(rawValue: state ?? 2) ?? .storedUnsent)
        }
        if session.textMode {
            guard let recipient = command.argument(0)?.text, !recipient.isEmpty else { return .cms(305) }
            entry.recipient = recipient
        } else {
            // TS 23.040 §9.2.2.2: a SUBMIT has 7...164 octets at most.
            guard let length = command.number(0), (1...232).contains(length) else { return .cms(304) }
            entry.length = length
        }
        return .entry(entry)
    }

    /// What was typed is whole: Ctrl-Z came.
    func complete(_ entry: MessageEntry) {
        beginWork()
        switch entry.purpose {
        case .acknowledge(let accepted):
            settleAwaited(accepted: accepted)
            finish(.ok)
        case .write(let state):
            if let fault = takeResultFault("+CMGW"), !fault.takesEffect { return finish(fault) }
            write(entry, state)
        case .send:
            switch pdu(of: entry) {
            case .failure(let refusal): finish(.cms(refusal.code))
            case .success(let pdu): send(pdu, command: "+CMGS")
            }
        }
    }

    /// A +CMS code that refuses what was typed.
    private struct Refusal: Error {
        var code: Int
    }

    /// Service-centre address and TPDU of what was typed.
    private func pdu(of entry: MessageEntry) -> Result<[UInt8], Refusal> {
        if let recipient = entry.recipient {
            guard let tpdu = ShortMessages.submit(to: recipient, typed: entry.octets, session.characterSet) else {
                return .failure(Refusal(code: 305))
            }
            return .success([0] + tpdu)
        }
        let digits = entry.octets.lazy.filter { $0 != 13 && $0 != 10 && $0 != 32 }
        guard let pdu = [UInt8].octets(hex: digits), let centre = pdu.first,
            pdu.count == 1 + Int(centre) + (entry.length ?? -1)
        else { return .failure(Refusal(code: 304)) }
        return .success(pdu)
    }

    private func write(_ entry: MessageEntry, _ state: StoredMessage.State) {
        guard case .success(let pdu) = pdu(of: entry) else { return finish(.cms(304)) }
        let memory = store.preferred.write
        guard let slot = store[memory].store(StoredMessage(state: state, pdu: pdu)) else { return finish(.cms(322)) }
        inform("+CMGW: \(slot + profile.firstSlot)")
        finish(.ok)
    }

    func sendStored(_ command: ATCommand) -> Outcome {
        guard let index = command.number(0) else { return .cms(304) }
        let memory = store.preferred.write
        let slot = index - profile.firstSlot
        guard store[memory].slots.indices.contains(slot), let message = store[memory].slots[slot] else {
            return .cms(321)
        }
        guard message.state == .storedUnsent || message.state == .storedSent else { return .cms(304) }
        store[memory].setState(.storedSent, of: slot)
        beginWork()
        // `finish` must not come before this command line is out of the way.
        later(after: .zero) { $0.send(message.pdu, command: "+CMSS") }
        return .later
    }

    private func send(_ pdu: [UInt8], command: String) {
        let tpdu = Array(pdu.dropFirst(1 + Int(pdu[0])))
        guard let submission = ShortMessages.describe(tpdu) else { return finish(.cms(304)) }
        if pdu[0] == 0, smsCentre.isEmpty { return finish(.cms(330)) }
        let fault = takeResultFault(command)
        let radio = world.jittered(behaviour.radio.base, by: behaviour.radio.jitter)
        guard radio > .zero else { return settle(submission, fault, command) }
        later(after: radio) { $0.settle(submission, fault, command) }
    }

    private func settle(_ submission: Submission, _ fault: Fault?, _ command: String) {
        if let fault, !fault.takesEffect {
            reject(submission, "\(fault.kind)")
            tell(submission, fault.result)
            return finish(fault)
        }
        guard isRegistered else {
            reject(submission, "not registered")
            tell(submission, "cms 331")
            return finish(.cms(331))
        }
        let reference = transmit(submission)
        if let fault {
            tell(submission, fault.result)
            return finish(fault)
        }
        inform("\(command): \(reference)")
        tell(submission, "ok")
        finish(.ok)
    }

    private func tell(_ submission: Submission, _ result: String) {
        record(.told) {
            $0.to = submission.recipient
            $0.tpdu = submission.tpdu
            $0.text = result
        }
    }

    private func reject(_ submission: Submission, _ reason: String) {
        record(.rejected) {
            $0.to = submission.recipient
            $0.tpdu = submission.tpdu
            $0.text = reason
        }
    }

    /// The part is gone from here on; its TP-MR.
    private func transmit(_ submission: Submission) -> UInt8 {
        let reference = nextReference
        nextReference &+= 1
        let id = world.newID()
        let sentAt = world.unixSeconds
        record(.submitted) {
            $0.id = id
            $0.to = submission.recipient
            $0.text = submission.text
            $0.tpdu = submission.tpdu
            $0.mr = Int(reference)
        }
        _ = world.deliverLocally(submission.recipient, submission, profile)
        if submission.wantsReport, behaviour.sendsReports {
            let status = behaviour.reportStatus
            world.after(behaviour.reportDelay) { [self] in
                report(id: id, reference: reference, submission, sentAt: sentAt, status: status)
            }
        }
        return reference
    }

    private func report(id: Int, reference: UInt8, _ submission: Submission, sentAt: Int64, status: UInt8) {
        let pdu = ShortMessages.report(
            reference: reference, recipient: submission.recipient, submitted: sentAt, discharged: world.unixSeconds,
            status: status, profile)
        record(.report) {
            $0.id = id
            $0.mr = Int(reference)
            $0.to = submission.recipient
            $0.tpdu = pdu
        }
        arrive(NetworkItem(kind: .report, id: id, pdu: pdu))
    }
}

extension Fault {
    /// What the terminal is told, as the ledger has it.
    fileprivate var result: String {
        switch kind {
        case .cms(let code): "cms \(code)"
        case .cme(let code): "cme \(code)"
        default: "none"
        }
    }
}
