extension SimulatedModem {
    /// How it is registered, all things considered.
    var registration: Registration {
        guard functionality == 1, sim.lock == .ready else { return .none }
        return behaviour.registration
    }

    var isRegistered: Bool { registration == .home || registration == .roaming }

    func performNetwork(_ command: ATCommand) -> Outcome {
        switch command.name {
        case "+CREG", "+CGREG", "+CEREG": return registrationCommand(command)
        case "+COPS": return operatorCommand(command)
        case "+CSQ":
            if command.form == .test { inform("+CSQ: (0-31,99),(99)") } else { inform("+CSQ: \(signal),99") }
        case "+CESQ": inform("+CESQ: \(signal == 99 ? 99 : signal * 2),99,255,255,255,255")
        case "+CFUN": return functionalityCommand(command)
        case "+CGATT":
            if command.form == .read { inform("+CGATT: \(isRegistered ? 1 : 0)") }
            if command.form == .test { inform("+CGATT: (0,1)") }
        case "+CPAS": inform("+CPAS: 0")
        case "+CEER": inform("+CEER: No cause information available")
        case "+CUSD":
            guard command.form == .set, command.argument(1) != nil else { break }
            guard isRegistered else { return .cme(30) }
            // Answered after the OK, as networks do.
            later(after: .milliseconds(1)) { $0.unsolicited("+CUSD: 0,\"Your balance is 10.00\",15") }
        default: return .unknown
        }
        return .ok
    }

    private var signal: Int { isRegistered ? behaviour.signal : 99 }

    private func registrationCommand(_ command: ATCommand) -> Outcome {
        switch command.form {
        case .test: inform("\(command.name): (0-2)")
        case .set:
            guard let value = command.number(0), (0...2).contains(value) else { return .cme(50) }
            session.registrationReports[command.name] = value
        case .read, .execute:
            guard command.form == .read else { return .cme(50) }
            let reports = session.registrationReports[command.name] ?? 0
            inform("\(command.name): \(reports),\(registrationText(reports: reports))")
        }
        return .ok
    }

    private func registrationText(reports: Int) -> String {
        let stat = registration.rawValue
        return reports == 2 && isRegistered ? "\(stat),\"00C3\",\"0001A2B4\",7" : "\(stat)"
    }

    /// Tells the terminal of a change where it asked for that, and takes what the network has kept.
    func reportRegistration() {
        for name in ["+CREG", "+CGREG", "+CEREG"] {
            guard let reports = session.registrationReports[name], reports > 0 else { continue }
            unsolicited("\(name): \(registrationText(reports: reports))")
        }
        pump()
    }

    private func operatorCommand(_ command: ATCommand) -> Outcome {
        switch command.form {
        case .test:
            inform(
                "+COPS: (2,\"\(profile.operatorName)\",\"\(profile.operatorName)\",\"\(profile.network)\",7)"
                    + ",,(0-4),(0-2)")
        case .set:
            guard let mode = command.number(0), (0...4).contains(mode) else { return .cme(50) }
            if let format = command.number(1) {
                guard (0...2).contains(format) else { return .cme(50) }
                session.operatorFormat = format
            }
        case .read, .execute:
            guard isRegistered else {
                inform("+COPS: 0")
                return .ok
            }
            let name = session.operatorFormat == 2 ? profile.network : profile.operatorName
            inform("+COPS: 0,\(session.operatorFormat),\"\(name)\",7")
        }
        return .ok
    }

    private func functionalityCommand(_ command: ATCommand) -> Outcome {
        switch command.form {
        case .read: inform("+CFUN: \(functionality)")
        case .test: inform("+CFUN: (0,1,4),(0,1)")
        case .execute: return .cme(50)
        case .set:
            guard let value = command.number(0), [0, 1, 4].contains(value) else { return .cme(50) }
            if command.number(1) == 1 {
                // The OK is out before the modem goes.
                later(after: .milliseconds(100)) { modem in
                    if modem.behaviour.reenumerates { modem.port.reenumerate() } else { modem.restart() }
                }
                return .ok
            }
            if functionality == 0, value == 1 { sim.powerUp() }
            functionality = value
            reportRegistration()
        }
        return .ok
    }
}
