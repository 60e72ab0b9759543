import Logging

/// USSD: codes as `*100#` and the menus behind them. One session a modem, which the network keeps open.
extension Modem {
    /// What a session waits for.
    struct USSDWait {
        var reply: USSDReply?
        var continuation: CheckedContinuation<Void, Never>?
    }

    /// Sends a code, or an answer to what the network asked, and returns what the network says to it. `timeout` is for
    /// the network; the modem's own answer has its own.
    func ussd(_ code: String, timeout: Duration) async throws(ModemError) -> USSDReply {
        guard ussdWait == nil else {
            throw ModemError(.refused("busy"), "Another USSD code is under way on this modem")
        }
        ussdWait = USSDWait()
        defer { ussdWait = nil }
        try await send(code)
        if ussdWait?.reply == nil {
            let timer = loop.schedule(after: timeout) { [weak self] in self?.assumeIsolated { $0.endUSSDWait() } }
            await withCheckedContinuation { ussdWait?.continuation = $0 }
            loop.cancel(timer)
        }
        guard let reply = ussdWait?.reply else {
            _ = await command("AT+CUSD=2", timeout: timings.command)
            throw ModemError(.timedOut, "The network did not answer the USSD code in time")
        }
        return reply
    }

    /// Ends the session that the network keeps open.
    func endUSSD() async -> ATReply {
        await command("AT+CUSD=2", timeout: timings.command)
    }

    /// In the form of the modem's family, else in the other one; the one that was taken is kept.
    private func send(_ code: String) async throws(ModemError) {
        let forms = ussdForm == .text ? [ModemFamily.USSDForm.text, .packedHex] : [.packedHex, .text]
        var answer = ATResult.error("no form")
        for form in forms {
            guard let text = form.command(code) else { continue }
            let reply = await command(text, timeout: timings.command * 2)
            switch reply.result {
            case .ok:
                ussdForm = form
                return
            case .timedOut: throw ModemError(.timedOut, "The modem did not answer in time")
            case .gone: throw ModemError(.portGone, "The modem is not attached any more")
            case .error, .cms, .cme: answer = reply.result
            }
        }
        throw ModemError(.refused(answer.words), "The modem answered: \(answer.words)")
    }

    func heard(_ reply: USSDReply) {
        guard ussdWait != nil else {
            logger.info("The network spoke by USSD unasked", metadata: ["state": "\(reply.state)"])
            return
        }
        ussdWait?.reply = reply
        endUSSDWait()
    }

    func endUSSDWait() {
        let continuation = ussdWait?.continuation
        ussdWait?.continuation = nil
        continuation?.resume()
    }
}
