import Logging

/// Calls: nobody can take them here, and on many modems no text comes or goes while one rings (E6). They are hung up,
/// and told once.
extension Modem {
    /// A call that rings.
    struct Call {
        var number: String?
        /// Last heard of; nanoseconds on the loop's clock.
        var heard: Int64
        var rings = 0
        var isTold = false
    }

    /// Somebody calls; `number` where this line says it.
    func rings(_ number: String?? = nil) {
        let now = EventLoop.now
        // Rings are five seconds apart.
        if let call, now - call.heard > timings.callEnds.nanoseconds { self.call = nil }
        var call = call ?? Call(heard: now)
        call.heard = now
        if let number { call.number = number ?? call.number } else { call.rings += 1 }
        self.call = call
        // The line with the number follows the first ring.
        guard number != nil || call.rings > 1 else {
            _ = loop.schedule(after: timings.callerFollows) { [weak self] in self?.assumeIsolated { $0.kick() } }
            return
        }
        kick()
    }

    /// Hangs up a call that rings, once its number had its time to come.
    func hangUp(_ channel: ATChannel) async {
        guard var call, !call.isTold else { return }
        guard call.number != nil || call.rings > 1 || EventLoop.now - call.heard >= timings.callerFollows.nanoseconds
        else { return }
        call.isTold = true
        self.call = call
        delegate.called(id, sim: snapshot.sim, number: call.number)
        var reply = await channel.run("AT+CHUP")
        if case .error = reply.result { reply = await channel.run("ATH") }
        logger.notice("A call was hung up", metadata: ["answer": "\(reply.result.words)"])
        // It is this call as long as it goes on ringing; a call that cannot be hung up is told once, not at each ring.
        self.call?.heard = EventLoop.now
    }
}
