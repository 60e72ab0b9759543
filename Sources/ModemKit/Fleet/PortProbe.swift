/// Finds out whether a modem for texts answers on a port, and which.
struct PortProbe {
    enum Finding {
        case modem(ATChannel, imei: String?)
        case cannotOpen(SerialPort.OpenFailure)
        case silent
        case incapable
    }

    let loop: EventLoop
    let timings: ModemTimings

    /// Opens the port; what is returned as `modem` is open, everything else is closed again. `begun` gets the channel
    /// before it is opened, so that a stop or an unplugging can end the probe. [loop]
    func run(_ path: String, baud: UInt32, begun: (ATChannel) -> Void) async -> Finding {
        let channel = ATChannel(loop: loop, path: path, timings: timings)
        begun(channel)
        do {
            try await channel.open(baud: baud)
        } catch {
            return .cannotOpen(error)
        }
        let finding = await examine(channel)
        if case .modem = finding { return finding }
        channel.close()
        return finding
    }

    /// Opens a port that shall only be listened to; nil where it cannot be opened, or does not speak AT. `begun` gets
    /// the channel before it is opened. [loop]
    func listener(_ path: String, begun: (ATChannel) -> Void) async -> ATChannel? {
        let channel = ATChannel(loop: loop, path: path, timings: timings)
        begun(channel)
        guard (try? await channel.open(baud: 0)) != nil else { return nil }
        if await answers(channel) { return channel }
        channel.close()
        return nil
    }

    private func answers(_ channel: ATChannel) async -> Bool {
        for _ in 0..<3 where channel.isOpen {
            switch await channel.probe("AT", timeout: timings.probe).result {
            case .ok, .error, .cme, .cms: return channel.isOpen
            case .timedOut, .gone: break
            }
        }
        return false
    }

    private func examine(_ channel: ATChannel) async -> Finding {
        guard await answers(channel) else { return .silent }
        _ = await channel.run("ATE0")
        guard await canText(channel) else { return channel.isOpen && !channel.isSilent ? .incapable : .silent }
        return .modem(channel, imei: await imei(channel))
    }

    private func canText(_ channel: ATChannel) async -> Bool {
        for command in ["AT+CMGF=?", "AT+CSMS?", "AT+CMGF?", "AT+CMGF=0"] {
            let reply = await channel.run(command)
            switch reply.result {
            case .ok: return true
            // It could, had it a SIM that is open.
            case .cms(310...316), .cme(10...18): return true
            case .gone: return false
            case .error, .cms, .cme, .timedOut: continue
            }
        }
        return false
    }

    private func imei(_ channel: ATChannel) async -> String? {
        for attempt in 0..<3 {
            for command in ["AT+CGSN", "AT+GSN"] {
                let reply = await channel.run(command)
                if reply.isOK, let imei = Answers.digits(reply.lines, 14...17) { return imei }
                if reply.result == .gone { return nil }
            }
            if attempt < 2 { await loop.pause(for: min(.milliseconds(500), timings.retry)) }
        }
        return nil
    }
}
