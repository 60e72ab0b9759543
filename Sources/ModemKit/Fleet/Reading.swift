/// One TPDU that a modem offered: a text, a part of one, or a status report; decoded by nobody yet.
public struct Reading: Sendable, Hashable {
    /// Where the modem had it.
    public enum Origin: Sendable, Hashable {
        /// In a slot of a memory (`ME`, `SM`, `SR`, …); deleted there once it is committed.
        case slot(memory: String, index: Int, state: SlotState)
        /// Routed directly (+CMT, +CDS); acknowledged with AT+CNMA once it is committed, where the modem wants that.
        case direct
    }

    /// The `<stat>` of TS 27.005 §3.1 as the modem gave it.
    public enum SlotState: Int, Sendable, Hashable {
        case receivedUnread = 0
        case receivedRead = 1
        case storedUnsent = 2
        case storedSent = 3
    }

    /// The modem's IMEI.
    public var modem: ModemID
    public var sim: SIMID
    public var origin: Origin
    /// The octets as the modem gave them: service-centre address first, then the TPDU. When the modem's hex cannot be
    /// read this is empty and `text` is what the modem printed.
    public var pdu: [UInt8]
    /// The length in octets of the TPDU without the service-centre address, as announced by the modem; nil where it did
    /// not say.
    public var announcedLength: Int?
    /// What the modem printed, where `pdu` could not be made of it.
    public var text: String?
    /// True when this modem is known to turn a slot to "read" once it was listed: then a slot that is still "unread"
    /// holds a new message, whatever its octets.
    public var modemMarksRead: Bool

    public init(
        modem: ModemID, sim: SIMID, origin: Origin, pdu: [UInt8], announcedLength: Int?, text: String? = nil,
        modemMarksRead: Bool
    ) {
        self.modem = modem
        self.sim = sim
        self.origin = origin
        self.pdu = pdu
        self.announcedLength = announcedLength
        self.text = text
        self.modemMarksRead = modemMarksRead
    }
}

extension Reading {
    /// Whether it is a status report, by its TP-MTI (TS 23.040 §9.2.3.1).
    var isReport: Bool {
        guard let length = pdu.first, pdu.count > Int(length) + 1 else { return false }
        return pdu[Int(length) + 1] & 0x03 == 0x02
    }
}

/// IMEI of a modem; where it has none, its USB serial or port path.
public struct ModemID: Hashable, Sendable, Codable, CustomStringConvertible {
    public let rawValue: String
    public init(_ rawValue: String) { self.rawValue = rawValue }
    public var description: String { rawValue }
}

/// ICCID of a SIM, else its IMSI.
public struct SIMID: Hashable, Sendable, Codable, CustomStringConvertible {
    public let rawValue: String
    public init(_ rawValue: String) { self.rawValue = rawValue }
    public var description: String { rawValue }
}
