/// Any octets are a TPDU or are refused, and everything lazy in one can be looked at.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let tpdu = Input(start, count).tpdu() else { return 0 }
    _ = tpdu.serviceCentre?.display
    switch tpdu {
    case .deliver(let message):
        look(at: message.userData)
        look(at: message.sender)
        look(at: message.time, message.protocolIdentifier, message.dataCoding)
    case .submit(let message):
        look(at: message.userData)
        look(at: message.recipient)
        look(at: nil, message.protocolIdentifier, message.dataCoding)
        _ = message.validity?.seconds
        _ = message.validity?.isSingleShot
        if case .absolute(let stamp) = message.validity { look(at: stamp.time, 0, 0) }
    case .statusReport(let report):
        look(at: report.recipient)
        look(at: report.submitted, report.protocolIdentifier ?? 0, report.dataCoding ?? 0)
        look(at: report.discharged, 0, 0)
        _ = report.status.outcome
        Fuzz.expect(!report.status.meaning.isEmpty, "a status without words")
        if let userData = report.userData { look(at: userData) }
    case .deliverReport(let report):
        _ = report.failure?.meaning
        look(at: nil, report.protocolIdentifier ?? 0, report.dataCoding ?? 0)
        if let userData = report.userData { look(at: userData) }
    case .submitReport(let report):
        _ = report.failure?.meaning
        look(at: report.time, report.protocolIdentifier ?? 0, report.dataCoding ?? 0)
        if let userData = report.userData { look(at: userData) }
    case .command(let command):
        _ = command.kind
        look(at: command.recipient)
        look(at: command.data)
    }
    return 0
}

private func look(at userData: UserData) {
    let text = userData.text
    // Every code unit shows as at most one character and needs at most four octets.
    Fuzz.expect(text.utf8.count <= 4 * userData.content.count + 4, "a text longer than its octets can make it")
    _ = userData.elements
    _ = userData.concatenation
    _ = userData.ports
    _ = userData.messagesWaiting
    _ = userData.octetCount
    _ = userData.lengthField
    _ = GSM7.hasUnassignedEscape(in: userData.content)
}

private func look(at address: Address) {
    _ = address.display
    _ = address.isEncodable
}

private func look(at time: ServiceCentreTime?, _ identifier: UInt8, _ coding: UInt8) {
    Fuzz.expect(time.map { $0.description.utf8.count == 25 } ?? true, "a time of another form")
    _ = ProtocolIdentifier(rawValue: identifier).meaning
    let coding = DataCoding(rawValue: coding)
    _ = coding.messageClass
    _ = coding.messageWaiting
}
