extension SimulatedModem {
    /// Performs one command of a line.
    func perform(_ command: ATCommand) -> Outcome {
        switch command.name {
        case "+CMGS", "+CMGW", "+CMSS", "+CMGL", "+CMGR", "+CMGD", "+CNMA": performMessage(command)
        case "+CMGF", "+CSMS", "+CPMS", "+CNMI", "+CMMS", "+CSCA", "+CSCS", "+CSCB", "+CSMP", "+CSDH", "+CSAS", "+CRES":
            performMessageSetting(command)
        case "+CPIN", "+CPINR", "+CIMI", "+CCID", "+ICCID", "^ICCID", "+CNUM", "+CLCK", "+CPWD": performSIM(command)
        case "+CREG", "+CGREG", "+CEREG", "+COPS", "+CSQ", "+CESQ", "+CFUN", "+CGATT", "+CPAS", "+CUSD", "+CEER":
            performNetwork(command)
        default: performGeneral(command)
        }
    }

    private func performGeneral(_ command: ATCommand) -> Outcome {
        let value = command.number(0) ?? 0
        switch command.name {
        case "E": session.echo = value != 0
        case "V": session.verbose = value != 0
        case "Q": session.quiet = value != 0
        case "Z", "&F": resetSession()
        case "X", "H", "L", "M", "&C", "&D", "&W", "&K", "&S", "A", "O": break
        case "D": return .result(.noCarrier)
        case "I":
            inform("Manufacturer: \(profile.manufacturer)")
            inform("Model: \(profile.model)")
            inform("Revision: \(profile.revision)")
            inform("IMEI: \(profile.imei)")
        case "+CGMI", "+GMI": return identify(command, profile.manufacturer)
        case "+CGMM", "+GMM": return identify(command, profile.model)
        case "+CGMR", "+GMR": return identify(command, profile.revision)
        case "+CGSN", "+GSN": return serialNumber(command)
        case "+GCAP": inform("+GCAP: +CGSM")
        case "+CMEE": return setNumber(command, 0...2, \.errorReports)
        case "+CCLK": return clock(command)
        case "+CRC", "+CLIP", "+CR", "+CTZR", "+CTZU", "+CGEREP", "+COLP", "+CCWA":
            if command.form == .read { inform("\(command.name): 0") }
            if command.form == .test { inform("\(command.name): (0-1)") }
        default:
            guard command.name.first == "S", let register = Int(command.name.dropFirst()), register < 256 else {
                return .unknown
            }
            return self.register(command)
        }
        return .ok
    }

    private func identify(_ command: ATCommand, _ text: String) -> Outcome {
        guard command.form != .read else { return .cme(4) }
        if command.form == .execute { inform(text) }
        return .ok
    }

    private func serialNumber(_ command: ATCommand) -> Outcome {
        switch command.form {
        case .test: inform("+CGSN: (0-1)")
        case .set where command.number(0) == 1: inform("+CGSN: \"\(profile.imei)\"")
        case .read: return .cme(4)
        default: inform(profile.imei)
        }
        return .ok
    }

    private func register(_ command: ATCommand) -> Outcome {
        switch command.form {
        case .read:
            let text = String(session.registers[command.name] ?? 0)
            inform(String(repeating: "0", count: max(0, 3 - text.count)) + text)
        case .set: session.registers[command.name] = command.number(0) ?? 0
        default: break
        }
        return .ok
    }

    private func clock(_ command: ATCommand) -> Outcome {
        if command.form == .read {
            inform("+CCLK: \"\(ModemTime(unixSeconds: world.unixSeconds, zoneMinutes: profile.zoneMinutes).text)\"")
        }
        return .ok
    }

    /// A setting of one number with `?`, `=?` and `=n`.
    func setNumber(
        _ command: ATCommand, _ range: ClosedRange<Int>, _ path: WritableKeyPath<Session, Int>
    ) -> Outcome {
        switch command.form {
        case .read: inform("\(command.name): \(session[keyPath: path])")
        case .test: inform("\(command.name): (\(range.lowerBound)-\(range.upperBound))")
        case .execute: return .cme(50)
        case .set:
            guard let value = command.number(0), range.contains(value) else { return .cme(50) }
            session[keyPath: path] = value
        }
        return .ok
    }
}
