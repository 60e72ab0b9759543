/// A port that may lead to a modem, and how far we are with it. Lives on the loop, within the fleet's core.
final class Candidate: @unchecked Sendable {
    // Safety: touched on the loop's thread only, by the fleet's core and by calls that the loop makes.
    let path: String
    /// What udev says of it; nil for a configured path that udev does not know.
    var device: Device?
    /// Named in the configuration: it is looked for as long as the fleet runs.
    let match: ModemMatch?
    /// Unplugged: not looked for any more.
    var isRemoved = false
    var channel: ATChannel? {
        didSet { if let channel { probed = channel.recorder.ring } }
    }
    /// What was said at the last try, or on the way to the modem that is served.
    private(set) var probed: TraceRing?
    /// Set while a modem is served on this port.
    var modem: ModemID?
    /// The modem whose sister port this one is, while it is listened to.
    var heard: ModemID?
    var isListening: Bool { heard != nil }
    /// Tries that came to an end.
    var attempts = 0
    /// The modem that was last served on it.
    var lastModem: ModemID?
    /// What was last told about this port.
    var problem: String?
    /// Since when there has been no such port; nanoseconds on the loop's clock.
    var missingSince: Int64?
    /// Tries in a row that led to nothing.
    var failures = 0
    private(set) var isKicked = false
    private var sleeper: CheckedContinuation<Void, Never>?

    init(path: String, device: Device?, match: ModemMatch?) {
        self.path = path
        self.device = device
        self.match = match
    }

    /// The ports of one USB device belong together; a port of its own is its own group.
    var group: String { device?.usbPath ?? path }

    /// Speeds of a true serial line behind a USB bridge, the likeliest first. Many modems there find the speed by themselves.
    static let speeds: [UInt32] = [115_200, 9_600, 57_600, 38_400, 19_200, 230_400, 460_800]
    private static let bridges: Set<String> = ["ch341", "ch341-uart", "cp210x", "ftdi_sio", "pl2303"]
    /// Where in `speeds` the next try, or the modem that was found, is.
    private var speed = 0

    private var isBridge: Bool { match?.baud ?? 0 == 0 && Self.bridges.contains(device?.driver ?? "") }

    /// The speed to open the port with; 0 leaves it alone.
    var baud: UInt32 { isBridge ? Self.speeds[speed] : match?.baud ?? 0 }

    /// Nothing answered at this speed; true when another one is to be tried at once.
    func triesNextSpeed() -> Bool {
        guard isBridge else { return false }
        speed = (speed + 1) % Self.speeds.count
        return speed != 0
    }

    /// Better ones first: what is known to speak AT, then the lowest interface.
    var rank: (Int, Int, String) {
        (PortRole.rank(device?.role), device.map { $0.interface < 0 ? Int.max : $0.interface } ?? 0, path)
    }

    /// Ends a rest early.
    func kick() {
        isKicked = true
        sleeper?.resume()
        sleeper = nil
    }

    /// Waits for `kick`, but no longer than `limit`.
    func rest(on loop: EventLoop, for limit: Duration) async {
        if !isKicked {
            let timer = loop.schedule(after: limit) { [weak self] in self?.kick() }
            await withCheckedContinuation { sleeper = $0 }
            loop.cancel(timer)
        }
        isKicked = false
    }
}
