/// One thing that truly happened in the simulated world, as one JSON line of the ledger.
public struct LedgerEvent: Sendable, Hashable {
    /// What happened; the raw value is the `event` of the JSON line.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// A pty was opened and linked; `text` is its path.
        case plugged
        /// The pty was closed and its link removed.
        case unplugged
        /// The modem's settings went back to the factory's; memories were kept.
        case reset
        /// The terminal asked for indications (AT+CNMI with mt > 0): the modem is set up for receiving.
        case configured
        /// The network has a text for the modem.
        case arrived
        /// The network has a status report for the modem; `mr` names the submission, `id` too.
        case report
        /// It was put into a slot.
        case stored
        /// It was handed to the terminal at once (+CMT, +CDS).
        case routed
        /// The terminal acknowledged it (AT+CNMA).
        case acknowledged
        /// The terminal refused it, or did not acknowledge it in time: the network keeps it.
        case unacknowledged
        /// There was no free slot: the network keeps it.
        case full
        /// A status report that nobody asked to see (CNMI ds = 0) was dropped by the modem.
        case dropped
        /// AT+CMGL printed it.
        case listed
        /// AT+CMGR printed it.
        case read
        /// Its slot was freed.
        case deleted
        /// A part left the modem, whatever the terminal was told.
        case submitted
        /// A part was refused; `text` says by what, and nothing left the modem.
        case rejected
        /// The terminal was told what became of a part: `text` is `ok`, the error, or `none` where the final result was
        /// withheld. A part without this was cut off: the modem lost its power before it had answered.
        case told
    }

    /// `CLOCK_MONOTONIC` in nanoseconds; printed as `t`, milliseconds with three decimals.
    public var nanoseconds: Int64
    /// Index of the modem, from 0.
    public var modem: Int
    public var kind: Kind
    /// Number of the text or submission, unique in one simulator; parts of a text share it.
    public var id: Int?
    /// Which part of the text, from 1; nil where it has only one.
    public var part: Int?
    public var parts: Int?
    /// Service-centre address and TPDU for what comes in; the TPDU alone for what goes out.
    public var tpdu: [UInt8]?
    public var from: String?
    public var to: String?
    public var text: String?
    public var memory: String?
    public var slot: Int?
    /// TP-Message-Reference, 0...255 (TS 23.040 §9.2.3.6).
    public var mr: Int?

    /// An event with no particulars yet.
    public init(nanoseconds: Int64, modem: Int, kind: Kind) {
        self.nanoseconds = nanoseconds
        self.modem = modem
        self.kind = kind
    }

    /// The event as a JSON line with its newline, in UTF-8.
    public var jsonLine: [UInt8] {
        var line: [UInt8] = []
        line.reserveCapacity(160 + 2 * (tpdu?.count ?? 0))
        line.append(contentsOf: "{\"t\":".utf8)
        let microseconds = nanoseconds / 1000
        line.append(decimal: microseconds / 1000)
        line.append(UInt8(ascii: "."))
        let fraction = microseconds % 1000
        if fraction < 100 { line.append(UInt8(ascii: "0")) }
        if fraction < 10 { line.append(UInt8(ascii: "0")) }
        line.append(decimal: fraction)
        line.append(contentsOf: ",\"modem\":".utf8)
        line.append(decimal: Int64(modem))
        line.append(contentsOf: ",\"event\":\"".utf8)
        line.append(contentsOf: kind.rawValue.utf8)
        line.append(UInt8(ascii: "\""))
        line.append(key: "id", number: id)
        line.append(key: "part", number: part)
        line.append(key: "parts", number: parts)
        line.append(key: "mr", number: mr)
        line.append(key: "memory", string: memory)
        line.append(key: "slot", number: slot)
        line.append(key: "from", string: from)
        line.append(key: "to", string: to)
        line.append(key: "text", string: text)
        if let tpdu {
            line.append(contentsOf: ",\"tpdu\":\"".utf8)
            line.append(hex: tpdu)
            line.append(UInt8(ascii: "\""))
        }
        line.append(contentsOf: "}\n".utf8)
        return line
    }
}
