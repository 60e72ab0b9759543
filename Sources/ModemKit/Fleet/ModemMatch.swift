/// Settings for one modem, and how it is recognised: by all that is given.
public struct ModemMatch: Sendable {
    /// Its IMEI.
    public var imei: String?
    /// The path of its port. Such a port is opened even when udev does not know it, and looked for when it is missing.
    public var port: String?
    /// Where it sits (ID_PATH), its USB serial number, or `vendor:product` in hex.
    public var usb: String?
    /// ICCID or IMSI of the SIM in it.
    public var sim: String?
    /// Speed of a true UART in baud; 0 leaves it alone.
    public var baud: UInt32
    /// The PIN of its SIM, asked for when the SIM wants one; nil when there is none. Any thread.
    public var pin: @Sendable () -> String?
    /// The service centre's number that its SIM shall have, with `+`; nil leaves it alone.
    public var smsc: String?
    /// What the numbers that it is preferred for begin with, as `+52`; who chooses among modems reads it in the snapshot.
    public var preferFor: [String]

    public init(
        imei: String? = nil, port: String? = nil, usb: String? = nil, sim: String? = nil, baud: UInt32 = 0,
        smsc: String? = nil, preferFor: [String] = [], pin: @escaping @Sendable () -> String? = { nil }
    ) {
        self.imei = imei
        self.port = port
        self.usb = usb
        self.sim = sim
        self.baud = baud
        self.smsc = smsc
        self.preferFor = preferFor
        self.pin = pin
    }
}

/// What a fleet is made of.
public struct FleetConfiguration: Sendable {
    /// Whether modems are found by udev; else only those in `modems` with a port are used.
    public var useUdev: Bool
    /// Settings for single modems; those not named here are used all the same.
    public var modems: [ModemMatch]
    /// How long things may take.
    public var timings: ModemTimings
    /// Switches the power of a USB port off and on, given its hub and its number as in `1-1` and `4`; returns what went
    /// wrong. Nil: nothing does that here, and the step is passed over.
    public var cyclePower: (@Sendable (_ hub: String, _ port: String) async -> String?)?
    /// Resets a USB device, given by its path in sysfs; returns what went wrong. Tests have their own.
    var resetUSB: @Sendable (_ syspath: String) async -> String? = { await USBReset.reset($0) }

    public init(useUdev: Bool = true, modems: [ModemMatch] = [], timings: ModemTimings = ModemTimings()) {
        self.useUdev = useUdev
        self.modems = modems
        self.timings = timings
    }
}
