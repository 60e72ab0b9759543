extension SimulatedModem {
    /// Answers a command line from the record; false where the record has nothing for it.
    func replays(_ line: [UInt8], opens entry: () -> MessageEntry?) -> Bool {
        guard let reaction = replay?.command(line) else {
            if replay != nil { tellUnrecorded(line) }
            return false
        }
        perform(reaction, entry: entry())
        return true
    }

    /// Answers what was typed from the record; false where the record has nothing for it.
    func replaysEntry() -> Bool {
        guard let reaction = replay?.entered() else { return false }
        perform(reaction, entry: nil)
        return true
    }

    /// An escape ends an entry, and some modems say something to it; true where a record is replayed.
    func replaysEscape() -> Bool {
        guard let said = replay?.escaped() else { return false }
        perform(Replay.Reaction(utterances: said, end: .none), entry: nil)
        return true
    }

    /// Says it all at its time; until the end of the answer nothing else is listened to.
    private func perform(_ reaction: Replay.Reaction, entry: MessageEntry?) {
        if reaction.end == .none { endReplayedCommand(nil) } else { beginWork() }
        for (place, utterance) in reaction.utterances.enumerated() {
            let action: (SimulatedModem) -> Void = { modem in
                modem.output.append(contentsOf: utterance.octets)
                switch reaction.end {
                case .result(at: place): modem.endReplayedCommand(nil)
                case .prompt(at: place): modem.endReplayedCommand(entry ?? MessageEntry(purpose: .send))
                default: break
                }
            }
            if utterance.delay > .zero { later(after: utterance.delay, action) } else { action(self) }
        }
    }

    private func tellUnrecorded(_ line: [UInt8]) {
        let command = String(decoding: line, as: UTF8.self)
        guard !command.isEmpty, unrecorded.insert(command).inserted else { return }
        world.note(
            "modem\(index): the record has no answer to \(command), or no further one; the simulated modem answers for itself"
        )
    }
}
