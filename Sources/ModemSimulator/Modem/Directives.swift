extension SimulatedModem {
    /// The network gets a text for this modem's SIM.
    func sendText(from sender: String, body: String) throws(SimulatorError) {
        concatenationReference &+= 1
        let parts = try ShortMessages.deliver(
            from: sender, body: body, reference: concatenationReference & 255, at: world.unixSeconds, to: profile)
        let id = world.newID()
        let isLong = parts.count > 1
        for (place, pdu) in parts.enumerated() {
            arrive(
                pdu: pdu, id: id, part: isLong ? place + 1 : nil, parts: isLong ? parts.count : nil, from: sender,
                text: body, messageClass: .some(nil))
        }
    }

    func sendPDU(_ pdu: [UInt8]) {
        arrive(pdu: pdu, id: world.newID(), part: nil, parts: nil, from: nil, text: nil)
    }

    /// `messageClass` is looked for in the PDU where it is not given.
    func arrive(
        pdu: [UInt8], id: Int, part: Int?, parts: Int?, from sender: String?, text: String?,
        messageClass: Int?? = nil
    ) {
        record(.arrived) {
            $0.id = id
            $0.part = part
            $0.parts = parts
            $0.from = sender
            $0.text = text
            $0.tpdu = pdu
        }
        arrive(
            NetworkItem(
                kind: .text, id: id, part: part, parts: parts, pdu: pdu,
                messageClass: messageClass ?? ShortMessages.messageClass(pdu)))
    }

    func say(_ bytes: [UInt8]) {
        guard isPlugged else { return }
        output.append(contentsOf: bytes)
    }

    func sayGarbage(_ count: Int) {
        guard isPlugged else { return }
        appendGarbage(count)
    }

    func apply(_ setting: ModemSetting) {
        switch setting {
        case .latency(let base, let jitter): behaviour.latency = (base, jitter)
        case .radio(let base, let jitter): behaviour.radio = (base, jitter)
        case .echo(let isOn): session.echo = isOn
        case .silent(let isOn): behaviour.isSilent = isOn
        case .marksRead(let isOn): behaviour.marksRead = isOn
        case .slots(let memory, let count): if let index = store.index(of: memory) { store[index].resize(to: count) }
        case .full(let memory, let isOn): if let index = store.index(of: memory) { store[index].isBlocked = isOn }
        case .fullNotice(let isOn): behaviour.givesFullNotice = isOn
        case .bootDelay(let delay): behaviour.bootDelay = delay
        case .bootNoise(let isOn): behaviour.bootNoise = isOn
        case .registration(let registration):
            behaviour.registration = registration
            reportRegistration()
        case .signal(let signal): behaviour.signal = signal
        case .sim(let condition):
            sim = SIMCard(condition)
            reportRegistration()
        case .reports(let isOn): behaviour.sendsReports = isOn
        case .reportDelay(let delay): behaviour.reportDelay = delay
        case .reportStatus(let status): behaviour.reportStatus = status
        case .wantsThreeMemories(let isOn): behaviour.wantsThreeMemories = isOn
        case .acknowledgement(let timeout, let retry):
            behaviour.acknowledgementTimeout = timeout
            behaviour.retryDelay = retry
        case .reenumerates(let isOn): behaviour.reenumerates = isOn
        }
        pump()
    }
}
