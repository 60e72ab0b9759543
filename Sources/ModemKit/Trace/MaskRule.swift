/// How much of a line may be kept, by the name of its command or result code.
enum MaskRule {
    /// All: nothing in it is about a person.
    case all
    /// All, and lines without a name that answer it: what the modem says of itself.
    case information
    /// Its command is `plain`, its result code `all`.
    case secret
    /// Short numbers and what is outside quotes and not a letter; the rest is masked.
    case plain
    /// The first six and the last two digits of an IMSI or ICCID: network, issuer, and which of several cards it is.
    case identity
    /// A USSD code or text.
    case ussd
    /// The header of a text in a listing, or of one that was routed; its body is in the next line.
    case header
    /// Telephone numbers, PINs, whatever: every digit and letter.
    case nothing

    /// By what follows `+`, `^`, … in upper case. Names that are not here are `plain`.
    private static let named: [UInt64: MaskRule] = {
        var rules: [UInt64: MaskRule] = [:]
        func add(_ rule: MaskRule, _ names: String) {
            for name in names.split(separator: " ") { rules[key(name.utf8)] = rule }
        }
        add(.all, "CMEE CFUN CSQ CESQ CMGF CSMS CPMS CNMI CMTI CDSI CMMS CMGD COPS CSCS CPINR CGATT CPAS")
        add(.all, "CURC CSDH CEER CRING SMMEMFULL QIND SYSSTART SMSREADY WIND QSS CNMA")
        add(.information, "CGMI CGMM CGMR CGSN GMI GMM GMR GSN GCAP")
        add(.all, "BOOT RSSI HCSQ MODE SRVST SIMST RESET QURCCFG CRESET REBOOT ZRST ZUSIMR CME CMS")
        add(.identity, "CIMI CCID ICCID QCCID")
        add(.secret, "CPIN")
        add(.ussd, "CUSD")
        add(.header, "CMGL CMGR CMT CDS")
        return rules
    }()

    var keepsAll: Bool { self == .all || self == .information }

    static func named(_ name: some Sequence<UInt8>) -> MaskRule { named[key(name)] ?? .plain }

    /// The first eight octets in upper case: enough to tell the names apart.
    private static func key(_ name: some Sequence<UInt8>) -> UInt64 {
        var key: UInt64 = 0
        var count = 0
        for byte in name where count < 8 {
            key = key << 8 | UInt64(byte >= 0x61 && byte <= 0x7A ? byte - 0x20 : byte)
            count += 1
        }
        return key
    }
}
