/// Who a simulated modem and its SIM say they are, and what they are made of.
public struct ModemProfile: Sendable, Hashable {
    /// One message memory.
    public struct Memory: Sendable, Hashable {
        /// As AT+CPMS names it: `ME`, `SM`, `SR`.
        public var name: String
        public var slots: Int

        /// A memory with `slots` places.
        public init(name: String, slots: Int) {
            self.name = name
            self.slots = slots
        }
    }

    public var manufacturer: String
    public var model: String
    public var revision: String
    /// 15 digits with check digit.
    public var imei: String
    public var imsi: String
    /// 19 digits with check digit.
    public var iccid: String
    /// The SIM's own number in E.164 form; empty where the SIM does not know it.
    public var number: String
    public var operatorName: String
    /// Mobile country and network code.
    public var network: String
    public var serviceCentre: String
    /// In the order AT+CPMS=? shows them; the first is preferred after power-up.
    public var memories: [Memory]
    /// Index of a memory's first slot: 0 or 1, vendors differ.
    public var firstSlot: Int
    /// East of UTC, stamped on what the service centre delivers.
    public var zoneMinutes: Int
    /// Lines it prints when it has started, where boot noise is wanted.
    public var bootLines: [String]

    /// The profile of the modem numbered `index` (0...9999): each has its own IMEI, SIM and number.
    public init(index: Int) {
        let digits = String(String(10_000 + index).suffix(4))
        manufacturer = "Conductor"
        model = "Simulated Modem"
        revision = "SIM-1.0"
        imei = Self.withCheckDigit("3520990017" + digits)
        imsi = "31026000000" + digits
        iccid = Self.withCheckDigit("89012600000000" + digits)
        number = "+1619555" + digits
        operatorName = "Simulated"
        network = "310260"
        serviceCentre = "+12063130004"
        memories = [Memory(name: "ME", slots: 100), Memory(name: "SM", slots: 30)]
        firstSlot = 0
        zoneMinutes = -480
        bootLines = ["RDY", "+CFUN: 1", "+CPIN: READY", "SMS DONE", "PB DONE"]
    }

    /// Luhn's check digit, as in IMEIs and ICCIDs (ISO/IEC 7812).
    private static func withCheckDigit(_ digits: String) -> String {
        var sum = 0
        for (place, digit) in digits.reversed().enumerated() {
            let value = digit.wholeNumberValue ?? 0
            let weighted = place.isMultiple(of: 2) ? value * 2 : value
            sum += weighted / 10 + weighted % 10
        }
        return digits + String((10 - sum % 10) % 10)
    }
}
