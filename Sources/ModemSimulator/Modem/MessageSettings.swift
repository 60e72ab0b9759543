extension SimulatedModem {
    func performMessageSetting(_ command: ATCommand) -> Outcome {
        switch command.name {
        case "+CMGF":
            if command.form == .test {
                inform("+CMGF: (0,1)")
                return .ok
            }
            if command.form == .read {
                inform("+CMGF: \(session.textMode ? 1 : 0)")
                return .ok
            }
            guard command.form == .set, let value = command.number(0), (0...1).contains(value) else { return .cms(303) }
            session.textMode = value == 1
            return .ok
        case "+CSMS": return service(command)
        case "+CPMS": return memories(command)
        case "+CNMI": return indications(command)
        case "+CMMS": return setNumber(command, 0...2, \.moreMessages)
        case "+CSDH": return setNumber(command, 0...1, \.textDetails)
        case "+CSCA": return serviceCentre(command)
        case "+CSCS": return characterSet(command)
        case "+CSMP":
            if command.form == .read { inform("+CSMP: 17,167,0,0") }
            return .ok
        case "+CSCB":
            if command.form == .read { inform("+CSCB: 0,\"\",\"\"") }
            if command.form == .test { inform("+CSCB: (0,1)") }
            return .ok
        default: return .ok
        }
    }

    private func service(_ command: ATCommand) -> Outcome {
        switch command.form {
        case .test: inform("+CSMS: (0,1)")
        case .read: inform("+CSMS: \(session.service),1,1,1")
        case .execute: return .cms(302)
        case .set:
            guard let value = command.number(0), (0...1).contains(value) else { return .cms(302) }
            session.service = value
            inform("+CSMS: 1,1,1")
        }
        return .ok
    }

    private func memories(_ command: ATCommand) -> Outcome {
        let names = store.memories.map { "\"\($0.name)\"" }.joined(separator: ",")
        let preferred = [store.preferred.read, store.preferred.write, store.preferred.receive]
        switch command.form {
        case .test: inform("+CPMS: (\(names)),(\(names)),(\(names))")
        case .read:
            if let problem = simMessageProblem { return .cms(problem) }
            let texts = preferred.map { "\"\(store[$0].name)\",\(store[$0].shownUsed),\(store[$0].total)" }
            inform("+CPMS: " + texts.joined(separator: ","))
        case .execute: return .cms(302)
        case .set:
            if let problem = simMessageProblem { return .cms(problem) }
            if behaviour.wantsThreeMemories, command.arguments.count < 3 { return .cms(302) }
            guard (1...3).contains(command.arguments.count) else { return .cms(302) }
            var chosen = preferred
            for (place, argument) in command.arguments.enumerated() where !argument.isEmpty {
                guard let index = store.index(of: argument.text) else { return .cms(302) }
                chosen[place] = index
            }
            store.preferred = (chosen[0], chosen[1], chosen[2])
            let texts = chosen.map { "\(store[$0].shownUsed),\(store[$0].total)" }
            inform("+CPMS: " + texts.joined(separator: ","))
        }
        return .ok
    }

    private func indications(_ command: ATCommand) -> Outcome {
        switch command.form {
        case .test: inform("+CNMI: (0-2),(0-3),(0,2),(0-2),(0,1)")
        case .read:
            let now = session.indications
            inform("+CNMI: \(now.mode),\(now.text),\(now.broadcast),\(now.report),\(now.buffer)")
        case .execute: session.indications = .init()
        case .set:
            var wanted = session.indications
            let fields: [(WritableKeyPath<Session.Indications, Int>, [Int])] = [
                (\.mode, [0, 1, 2]), (\.text, [0, 1, 2, 3]), (\.broadcast, [0, 2]), (\.report, [0, 1, 2]),
                (\.buffer, [0, 1]),
            ]
            guard command.arguments.count <= fields.count else { return .cms(302) }
            for (place, argument) in command.arguments.enumerated() where !argument.isEmpty {
                guard let value = argument.number, fields[place].1.contains(value) else { return .cms(302) }
                wanted[keyPath: fields[place].0] = value
            }
            session.indications = wanted
            applyIndications()
        }
        return .ok
    }

    /// TS 27.005 §3.4.1: `<bfr>` says whether what was buffered is flushed or cleared when a routing mode is chosen.
    private func applyIndications() {
        if session.indications.mode != 0 {
            let lines = buffered
            buffered = []
            if session.indications.buffer == 0 {
                for line in lines { unsolicited(line) }
            }
        }
        if session.indications.text > 0 { record(.configured) }
    }

    private func serviceCentre(_ command: ATCommand) -> Outcome {
        switch command.form {
        case .test, .execute: return .ok
        case .read:
            if let problem = simMessageProblem { return .cms(problem) }
            inform("+CSCA: \"\(smsCentre)\",\(smsCentre.hasPrefix("+") ? 145 : 129)")
        case .set:
            guard let number = command.argument(0)?.text else { return .cms(304) }
            smsCentre = command.number(1) == 145 && !number.hasPrefix("+") ? "+" + number : number
        }
        return .ok
    }

    private func characterSet(_ command: ATCommand) -> Outcome {
        switch command.form {
        case .test: inform("+CSCS: (\"IRA\",\"GSM\",\"UCS2\")")
        case .read: inform("+CSCS: \"\(session.characterSet)\"")
        case .execute: return .cme(50)
        case .set:
            guard let name = command.argument(0)?.text, ["IRA", "GSM", "UCS2"].contains(name) else { return .cme(50) }
            session.characterSet = name
        }
        return .ok
    }
}
