import SMSCodec

/// Decodes and looks at everything lazy, so that what would stop on odd octets does so here.
enum Probe {
    /// True when the octets decoded.
    static func use(_ bytes: [UInt8], direction: TPDU.Direction, hasServiceCentre: Bool) -> Bool {
        do throws(PDUError) {
            switch try TPDU.decode(bytes, direction: direction, hasServiceCentre: hasServiceCentre) {
            case .deliver(let message):
                _ = message.time?.description
                _ = message.encode()
                use(message.userData)
                use(message.sender)
            case .submit(let message):
                _ = message.encode()
                _ = message.validity?.seconds
                use(message.userData)
                use(message.recipient)
            case .statusReport(let report):
                _ = [report.submitted?.description, report.discharged?.description]
                _ = report.status.meaning
                _ = report.encode()
                if let userData = report.userData { use(userData) }
                use(report.recipient)
            case .deliverReport(let report):
                _ = report.encode()
                _ = report.failure?.meaning
                if let userData = report.userData { use(userData) }
            case .submitReport(let report):
                _ = report.encode()
                _ = report.time?.description
                if let userData = report.userData { use(userData) }
            case .command(let command):
                _ = command.encode()
                use(command.data)
                use(command.recipient)
            }
            return true
        } catch {
            _ = error.description
            return false
        }
    }

    private static func use(_ userData: UserData) {
        _ = userData.text
        _ = userData.concatenation
        _ = userData.ports
        _ = userData.messagesWaiting
        _ = userData.octetCount
        _ = Reassembly.text(of: [userData, nil, userData])
    }

    private static func use(_ address: Address) {
        _ = address.display
        _ = address.isEncodable
    }
}
