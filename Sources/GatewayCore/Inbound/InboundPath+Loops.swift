internal import PluginKit

extension InboundPath {
    /// A number's automatic answers rest: people are told, with the cure.
    func announce(_ rest: LoopRest) {
        alarms.raise(
            "loop", subject: rest.phone,
            "automatic answers to one number rest until \(rest.until): \(rest.reason). Its texts come in as ever, see "
                + "`conductor messages show \(rest.messageUID)`. Answer it yourself, or block it at your operator; where "
                + "it is a person after all, raise `policy: loop_guard`")
        var json = EventJSON()
        json.add("uid", rest.messageUID)
        json.add("phone", rest.phone)
        json.add("until", rest.until.description)
        json.add("reason", rest.reason)
        events.emit("loop.found", json.text)
    }

    /// Raises the alarms of an earlier run's rests again.
    func announceRests() throws {
        let now = clock.now
        for rest in try journal.read({ try LoopRest.all(now: now, $0) }) { announce(rest) }
    }

    /// Ends what is over.
    func endRests() async throws {
        let now = clock.now
        let isOver = try journal.read {
            try $0.first("SELECT 1 FROM loop_rest WHERE until <= ?", [now.milliseconds]) != nil
        }
        guard isOver else { return }
        for rest in try await journal.writer.write({ try LoopRest.end(now: now, $0) }) {
            alarms.clear("loop", subject: rest.phone)
        }
    }
}
