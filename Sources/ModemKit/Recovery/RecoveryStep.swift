/// What can be done for a modem that does not do its work, the mildest first.
public enum RecoveryStep: String, Sendable, Hashable, Codable, CaseIterable, Comparable {
    /// Its settings are made again and its memories read.
    case settings
    /// Its port is opened anew.
    case reopen
    /// Its radio is switched off and on: AT+CFUN=4, AT+CFUN=1.
    case radio
    /// Its software is started anew: AT+CFUN=1,1, or what its maker has for that.
    case restart
    /// Its USB device is reset by the kernel (USBDEVFS_RESET), as if it were unplugged and plugged in.
    case usb
    /// The power of its USB port is switched off and on, by a command of the admin's.
    case power

    private var place: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    public static func < (left: Self, right: Self) -> Bool { left.place < right.place }

    /// In the middle of a sentence.
    public var words: String {
        switch self {
        case .settings: "its settings are made again"
        case .reopen: "its port is opened again"
        case .radio: "its radio is switched off and on"
        case .restart: "it is started anew"
        case .usb: "its USB device is reset"
        case .power: "its power is switched off and on"
        }
    }
}

/// What a modem fails to do.
public enum ModemTrouble: String, Sendable, Hashable, Codable, CaseIterable {
    /// It answers no command.
    case silence
    /// It, or its network, refused several parts in a row for reasons that are not the texts'.
    case sending
    /// It has no network.
    case registration
    /// It sends, and nothing comes any more: not even the reports of what was sent.
    case receiving

    /// What is tried, in this order.
    var steps: [RecoveryStep] {
        switch self {
        // Who does not answer takes no command.
        case .silence: [.reopen, .usb, .power]
        case .sending, .registration: [.radio, .restart, .usb, .power]
        case .receiving: [.settings, .radio, .restart, .usb, .power]
        }
    }

    /// The beginning of a sentence.
    var words: String {
        switch self {
        case .silence: "The modem stopped answering"
        case .sending: "The modem's texts are refused one after the other"
        case .registration: "The modem has no network"
        case .receiving: "The modem sends, but nothing comes in any more, reports neither"
        }
    }
}
