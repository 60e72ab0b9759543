/// How one port stands; what `modems probe` shows.
public struct PortReport: Sendable, Hashable, Codable {
    public enum Use: String, Sendable, Hashable, Codable {
        /// A modem is served on it.
        case modem
        /// A modem is served on a sister port; what this one says is heard, too.
        case listener
        /// It is being asked.
        case asked
        /// It leads to nothing that can be used: see `problem`.
        case unusable
        /// It is known to be for something else, and is never opened.
        case other
    }

    public var path: String
    /// `vvvv:pppp` of its USB device; nil for a port that udev does not know.
    public var usb: String?
    /// What the USB device calls itself, or what our table calls it.
    public var name: String?
    /// Number of its USB interface; nil where it has none.
    public var interface: Int?
    public var use: Use
    public var modem: ModemID?
    /// One sentence: what is wrong and how to mend it.
    public var problem: String?

    public init(
        path: String, usb: String? = nil, name: String? = nil, interface: Int? = nil, use: Use, modem: ModemID? = nil,
        problem: String? = nil
    ) {
        self.path = path
        self.usb = usb
        self.name = name
        self.interface = interface
        self.use = use
        self.modem = modem
        self.problem = problem
    }
}

extension FleetCore {
    /// How every port stands, those that are not used included.
    var ports: [PortReport] {
        let asked = known.map { candidate in
            let use: PortReport.Use =
                if candidate.modem != nil {
                    .modem
                } else if candidate.isListening {
                    .listener
                } else {
                    candidate.problem == nil && candidate.failures == 0 ? .asked : .unusable
                }
            return report(candidate.path, candidate.device, use, candidate.modem ?? candidate.heard, candidate.problem)
        }
        let others = unasked.values.map { report($0.devnode, $0, .other, nil, nil) }
        return (asked + others).sorted { $0.path < $1.path }
    }

    private func report(
        _ path: String, _ device: Device?, _ use: PortReport.Use, _ modem: ModemID?, _ problem: String?
    ) -> PortReport {
        let product = device?.usb.flatMap { ModemFamily.product($0) }
        return PortReport(
            path: path, usb: device?.usb, name: device?.name ?? product.map(\.name),
            interface: device.flatMap { $0.interface < 0 ? nil : $0.interface }, use: use, modem: modem,
            problem: problem ?? (use == .unusable ? "Nothing answers AT commands on it." : nil))
    }

    /// Looks for modems again: asks udev what is there, and each port that leads to none; returns when all have been
    /// asked, or `limit` has passed.
    func look(within limit: Duration) async -> [PortReport] {
        monitor?.enumerate()
        let waiting = known.filter { candidate in
            candidate.modem == nil && !candidate.isListening && groups[candidate.group]?.chosen == nil
        }
        let before = waiting.map(\.attempts)
        for candidate in waiting { candidate.kick() }
        let end = EventLoop.now + limit.nanoseconds
        while EventLoop.now < end, zip(waiting, before).contains(where: { $0.attempts == $1 && $0.modem == nil }) {
            await loop.pause(for: .milliseconds(20))
        }
        return ports
    }
}
