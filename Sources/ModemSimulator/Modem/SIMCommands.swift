extension SimulatedModem {
    /// Why the card cannot be used, as a +CME code; nil where it can.
    var simProblem: Int? {
        switch sim.lock {
        case .ready: functionality == 0 ? 10 : nil
        case .absent: 10
        case .pin: 11
        case .puk: 12
        }
    }

    /// The same as a +CMS code (TS 27.005 §3.2.5).
    var simMessageProblem: Int? {
        switch simProblem {
        case nil: nil
        case 11: 311
        case 12: 316
        default: 310
        }
    }

    func performSIM(_ command: ATCommand) -> Outcome {
        switch command.name {
        case "+CPIN": return pin(command)
        case "+CPINR": return pinTries(command)
        case "+CLCK": return facilityLock(command)
        case "+CCID", "+ICCID", "^ICCID":
            // The number of the card is not behind its PIN.
            guard sim.lock != .absent else { return .cme(10) }
            if command.form != .test { inform("\(command.name): \(profile.iccid)") }
            return .ok
        case "+CIMI":
            if command.form == .test { return .ok }
            if let problem = simProblem { return .cme(problem) }
            inform(profile.imsi)
            return .ok
        case "+CNUM":
            if command.form == .test { return .ok }
            if let problem = simProblem { return .cme(problem) }
            if !profile.number.isEmpty {
                inform("+CNUM: ,\"\(profile.number)\",\(profile.number.hasPrefix("+") ? 145 : 129)")
            }
            return .ok
        default: return .cme(4)
        }
    }

    private func pin(_ command: ATCommand) -> Outcome {
        switch command.form {
        case .test: return .ok
        case .read, .execute:
            guard command.form == .read else { return .cme(50) }
            switch sim.lock {
            case .absent: return .cme(10)
            case .ready: inform("+CPIN: READY")
            case .pin: inform("+CPIN: SIM PIN")
            case .puk: inform("+CPIN: SIM PUK")
            }
            return .ok
        case .set:
            guard let code = command.argument(0)?.text else { return .cme(50) }
            if let problem = sim.enter(code, newPIN: command.argument(1)?.text) { return .cme(problem) }
            reportRegistration()
            return .ok
        }
    }

    /// TS 27.007 §8.65.
    private func pinTries(_ command: ATCommand) -> Outcome {
        guard command.form != .test else { return .ok }
        guard sim.lock != .absent else { return .cme(10) }
        let wanted = command.argument(0)?.text
        for (name, tries, initial) in [
            ("SIM PIN", sim.pinTries, 3), ("SIM PUK", sim.pukTries, 10), ("SIM PIN2", 3, 3), ("SIM PUK2", 10, 10),
        ] where wanted == nil || wanted == name {
            inform("+CPINR: \(name),\(tries),\(initial)")
        }
        return .ok
    }

    private func facilityLock(_ command: ATCommand) -> Outcome {
        if command.form == .test {
            inform("+CLCK: (\"SC\",\"PN\")")
            return .ok
        }
        guard command.form == .set, let facility = command.argument(0)?.text, let mode = command.number(1) else {
            return .cme(50)
        }
        if mode == 2 {
            inform("+CLCK: \(facility == "SC" && sim.isLockEnabled ? 1 : 0)")
            return .ok
        }
        guard facility == "SC", let code = command.argument(2)?.text else { return .cme(4) }
        if let problem = sim.setLock(mode == 1, code: code) { return .cme(problem) }
        return .ok
    }
}
