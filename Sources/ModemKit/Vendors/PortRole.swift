/// What a port of a modem is for, as far as that is known without asking it.
enum PortRole: Sendable, Hashable {
    /// Speaks AT; the one that its maker meant for it.
    case primary
    /// Speaks AT, too.
    case secondary
    /// Speaks AT until somebody dials over it: the last choice.
    case dialling
    /// Positions, diagnostics, sound: it is never opened.
    case other

    /// What a udev rule says: our own `ID_CONDUCTOR_PORT`, or ModemManager's `ID_MM_PORT_TYPE_*`; nil for a word that
    /// we do not know.
    init?(hint: String) {
        switch hint {
        case "at", "at-primary": self = .primary
        case "at-secondary": self = .secondary
        case "at-ppp", "ppp": self = .dialling
        case "ignore", "gps", "nmea", "qcdm", "diag", "audio": self = .other
        default: return nil
        }
    }

    /// Better ones first; a port of which nothing is known stands between those that are meant for it and the last.
    static func rank(_ role: PortRole?) -> Int {
        switch role {
        case .primary: 0
        case .secondary: 1
        case nil: 2
        case .dialling: 3
        case .other: 4
        }
    }
}
